// Hostile text as the target of an HTTP request, as an address, as base64, and as the body of a
// request to verify: nothing crashes, and what is taken keeps the promises of its reader.
#include <algorithm>

#include "base/base64.h"
#include "collateral/json_value.h"
#include "fuzz.h"
#include "http/endpoint.h"
#include "http/target.h"
#include "quotectl/serve_request.h"

using namespace quoted;

namespace {

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

void read_target(std::string_view text) {
  const auto target = http::parse_target(text);
  if (!target) return;
  fuzz::require(target->path.starts_with('/') && !has_control(target->path));
  for (const auto& one : target->query) {
    fuzz::require(!has_control(one.name) && !has_control(one.value));
  }
}

void read_endpoint(std::string_view text) {
  const auto endpoint = http::parse_endpoint(text);
  if (!endpoint) return;
  const std::string written = http::to_text(*endpoint);
  const auto again = http::parse_endpoint(written);
  fuzz::require(again && http::to_text(*again) == written);
}

void read_base64(std::string_view text) {
  const auto bytes = base::from_base64(text);
  if (bytes) fuzz::require(base::to_base64(*bytes) == text);
  fuzz::require(base::from_base64(base::to_base64(base::as_bytes(text))) ==
                base::to_bytes(base::as_bytes(text)));
}

void read_request(base::ByteView body) {
  const auto request = quotectl::parse_verify_request(quotectl::kRequestType, body);
  if (!request) return;
  // Whatever was taken is one JSON object that says each thing once.
  const auto json = collateral::parse_json(base::as_text(body));
  fuzz::require(json && collateral::duplicate_member(*json).empty());
  const auto* const quote = json->member("quote");
  fuzz::require(quote != nullptr && quote->string() != nullptr &&
                base::to_base64(request->quote) == *quote->string());
  fuzz::require(request->collateral.has_value() == (json->member("collateral") != nullptr));
  fuzz::require(request->time.has_value() == (json->member("time") != nullptr));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input = fuzz::input(data, size);
  const std::string_view text = base::as_text(input);
  read_target(text);
  read_endpoint(text);
  read_base64(text);
  read_request(input);
  return 0;
}
