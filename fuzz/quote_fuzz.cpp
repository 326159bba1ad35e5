// Hostile bytes as a quote: nothing crashes, an accepted quote serializes to the same bytes, its
// certification data parses or is refused, and none of them verifies under a root nobody holds.
#include "fuzz.h"
#include "quote/certification_data.h"
#include "quote/quote_builder.h"
#include "verification/verifier.h"

using namespace quoted;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::input(data, size);
  const auto parsed = quote::Quote::parse(bytes);
  if (parsed) {
    const auto again = quote::serialize(*parsed);
    fuzz::require(again && base::equal(*again, bytes));
    (void)quote::parse_certification_data(parsed->certification_type, parsed->certification_data);
  }
  static const verification::Verifier verifier({verification::intel_root()});
  const verification::Verdict verdict =
      verifier.verify(bytes, base::UnixTime(std::chrono::seconds(1'750'000'000)));
  fuzz::require(parsed || verdict.decision == verification::Decision::kRefused);
  fuzz::require((verdict.decision == verification::Decision::kRefused) ==
                verdict.refusal.has_value());
  return 0;
}
