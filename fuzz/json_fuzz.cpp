// Hostile text as JSON of signed documents and as a bundle: nothing crashes, the compact text is a
// fixed point, and what a signature would be checked over is the value that is read.
#include "collateral/bundle.h"
#include "collateral/json_value.h"
#include "fuzz.h"

using namespace quoted;
using collateral::JsonValue;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = base::as_text(fuzz::input(data, size));
  if (const auto bundle = collateral::read_bundle(text)) {
    const auto written = collateral::write_bundle(*bundle);
    fuzz::require(written && collateral::read_bundle(*written).has_value());
  }
  const auto value = collateral::parse_json(text);
  if (!value) return 0;
  const std::string compact = collateral::compact_json(*value);
  if (compact.empty()) return 0;  // a number with fraction or exponent has no compact form
  const auto again = collateral::parse_json(compact);
  fuzz::require(again && collateral::compact_json(*again) == compact);
  fuzz::require(collateral::duplicate_member(*again) == collateral::duplicate_member(*value));
  for (const char* const name : {"tcbInfo", "a"}) {
    const std::string_view exact = collateral::member_text(text, name);
    const JsonValue* const member = value->member(name);
    fuzz::require(exact.empty() || member != nullptr);
    if (exact.empty()) continue;
    const auto reread = collateral::parse_json(exact);
    fuzz::require(reread && collateral::compact_json(*reread) == collateral::compact_json(*member));
  }
  return 0;
}
