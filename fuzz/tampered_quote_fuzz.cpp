// A genuine quote with hostile edits, so that the engine reaches behind every signature: whatever
// the edits, no other header, report or QE report verifies.
#include <filesystem>

#include "base/file.h"
#include "fuzz.h"
#include "quote/quote_builder.h"
#include "splitter.h"
#include "verification/verifier.h"

using namespace quoted;

namespace {

// 2026-06-15T12:00:00Z
constexpr base::UnixTime kNow{std::chrono::seconds(1'781'524'800)};
constexpr int kMostEdits = 16;

// From a file, not from the simulated platform: signatures hold random numbers, and an input must
// mean the same in every run.
base::Bytes vector(const char* name) {
  return base::read_file(std::filesystem::path(QUOTED_VECTORS_DIR) / "own-root-quotes" / name,
                         std::size_t{64} * 1024)
      .value();
}

struct World {
  base::Bytes bytes = vector("base.bin");
  quote::Quote quote = quote::Quote::parse(bytes).value();
  verification::Verifier verifier{{root()}};

  World() {
    fuzz::require(verifier.verify(bytes, kNow).decision == verification::Decision::kVerified);
  }

  static verification::TrustedRoot root() {
    const base::Bytes pem = vector("root.pem");
    return {.name = "own root",
            .key = crypto::Certificate::parse_pem(base::as_text(pem)).value().public_key()};
  }
};

// Bytes changed, one at a time.
base::Bytes edited(base::Bytes bytes, fuzz::Splitter& input) {
  for (int edits = 0; edits < kMostEdits && !input.empty(); ++edits) {
    const std::size_t at = input.u16() % bytes.size();
    bytes[at] ^= static_cast<std::byte>(input.byte());
  }
  return bytes;
}

// Parts of another length, in an envelope that is right again.
base::Bytes rebuilt(quote::Quote quote, fuzz::Splitter& input) {
  if (input.flag()) {
    const base::ByteView data = input.take(input.byte());
    quote.authentication_data.assign(data.begin(), data.end());
  }
  base::Bytes& chain = quote.certification_data;
  if (input.flag()) quote.certification_type = input.byte();
  const std::size_t at = input.u16() % (chain.size() + 1);
  const std::size_t removed = std::min<std::size_t>(input.u16(), chain.size() - at);
  const auto place = chain.begin() + static_cast<std::ptrdiff_t>(at);
  const auto gap = chain.erase(place, place + static_cast<std::ptrdiff_t>(removed));
  const base::ByteView put_in = input.take(input.size());
  chain.insert(gap, put_in.begin(), put_in.end());
  auto out = quote::serialize(quote);
  return out ? *std::move(out) : base::Bytes();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  fuzz::Splitter input(fuzz::input(data, size));
  const base::Bytes bytes = input.flag() ? rebuilt(world.quote, input) : edited(world.bytes, input);
  const verification::Verdict verdict = world.verifier.verify(bytes, kNow);
  const bool refused = verdict.decision == verification::Decision::kRefused;
  fuzz::require(refused == verdict.refusal.has_value());
  if (refused) return 0;
  fuzz::require(base::equal(verdict.quote->signed_bytes(), world.quote.signed_bytes()));
  const quote::SignatureBlock& ours = world.quote.signature;
  const quote::SignatureBlock& theirs = verdict.quote->signature;
  fuzz::require(theirs.qe_report == ours.qe_report);
  fuzz::require(theirs.attestation_key == ours.attestation_key);
  fuzz::require(verdict.quote->authentication_data == world.quote.authentication_data);
  return 0;
}
