// A quote with seven hostile documents: nothing crashes, both modes agree where they must, and
// nothing verifies under a root whose key nobody holds, but what its machines signed in the seeds.
//
// The input is a time in four bytes, the quote, and the documents in the order of kCollateralParts.
// Each of these has its size in three bytes before it. Numbers are little-endian.
#include <algorithm>
#include <array>

#include "collateral/parsed_collateral.h"
#include "crypto/digest.h"
#include "fuzz.h"
#include "verification/verifier.h"

using namespace quoted;
using verification::Decision;
using verification::Mode;
using verification::QvReturn;
using verification::Verdict;

namespace {

constexpr std::string_view kSyntheticRootKey =
    "9cac3ef03b51e8bf669e0c7954b64bf3f273aa9ffcbcc7c53ae09dd706d0e404"
    "6972b17192b7ca605e9e173e50268252a4defa121011abca53ae1269ba9eb021";

// SHA-256 of what the attestation keys of the seeds signed.
constexpr std::array<std::string_view, 9> kGenuine{
    "33df2f902187f1746417f1a70b2cbb3d0cb2a6bf80cf1c5ce4a000a14aafe521",
    "ed79668f2299bc0493430ec1ccc635944c89494cae6819bbe4ff1e10ea5bd52d",
    "263b491bb14d627cc0d13408888dbe1ef550b7b8265794702303300bc388ef17",
    "317ca572f16e69d6138147b5ccdc6ce4285fea76ebd848edc211b73ab38f0a35",
    "85afba86b86010ac4d76759f828bb4fbd56373d2bac5902ddfa40a8a79c61c57",
    "76a2354b6a4bc972e44f0f754077e34a03a912e9b2f7aff49c02d69a15b73a6f",
    "bd625ad6a9fdf5b3a63a8a544e138bca72862e3914f21c1f797414c29907ad48",
    "040c0021cdc653407a5e2f294232b1d9e3cd341bdf480a45f970e03c6c7e022f",
    "76751f8ef41e7b42c990fd44ca87551c3d89913dcf06c0df00b40e39b90abc61"};

std::size_t take_number(base::ByteView& rest, std::size_t bytes) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < bytes && !rest.empty(); ++i, rest = rest.subspan(1)) {
    out |= std::to_integer<std::size_t>(rest[0]) << (8U * i);
  }
  return out;
}

base::Bytes take_part(base::ByteView& rest) {
  const std::size_t size = take_number(rest, 3);
  base::Bytes out = base::to_bytes(rest.first(std::min(size, rest.size())));
  rest = rest.subspan(out.size());
  return out;
}

std::vector<verification::TrustedRoot> roots() {
  const auto synthetic = crypto::P256Point::parse_hex(kSyntheticRootKey).value();
  return {verification::intel_root(),
          {"synthetic", crypto::P256PublicKey::create(synthetic).value(), std::nullopt}};
}

bool refused(const Verdict& verdict) { return verdict.decision == Decision::kRefused; }

// Both hold of every verdict.
void check(const Verdict& verdict) {
  fuzz::require(verdict.collateral.has_value());
  fuzz::require(refused(verdict) == verdict.refusal.has_value());
  fuzz::require(refused(verdict) == (verdict.collateral->qv_return != QvReturn::kSuccess));
  if (refused(verdict)) return;
  fuzz::require(verdict.quote && verdict.pck && !verdict.root_name.empty());
  fuzz::require(!verdict.collateral->tcb_status.empty());
  const std::string body = crypto::sha256(verdict.quote->signed_bytes()).value().hex();
  fuzz::require(std::ranges::find(kGenuine, body) != kGenuine.end());
  fuzz::require(verdict.decision != Decision::kVerified ||
                (verdict.warnings.empty() && verdict.collateral->expiration_status == 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteView rest = fuzz::input(data, size);
  const base::UnixTime at(std::chrono::seconds(take_number(rest, 4)));
  const base::Bytes quote = take_part(rest);
  collateral::Collateral documents;
  for (const auto& part : collateral::kCollateralParts) documents.*part.bytes = take_part(rest);
  const auto parts = collateral::ParsedCollateral::parse(documents);

  static const verification::Verifier verifier(roots());
  const Verdict intel = verifier.verify(quote, parts, at, {.mode = Mode::kIntel});
  const Verdict strict = verifier.verify(quote, parts, at, {.mode = Mode::kStrict});
  check(intel);
  check(strict);
  // The strict verifier only adds refusals.
  if (refused(intel)) fuzz::require(refused(strict));
  if (refused(strict)) return 0;
  fuzz::require(strict.collateral->qv_result == intel.collateral->qv_result);
  fuzz::require(strict.collateral->differences.empty());
  fuzz::require(intel.collateral->expiration_status == 0);
  return 0;
}
