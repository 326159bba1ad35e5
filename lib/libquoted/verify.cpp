#include "quoted/verify.h"

#include "base/clock.h"
#include "collateral/collateral_files.h"
#include "libquoted/claims.h"
#include "libquoted/convert.h"
#include "simulation/simulated_enclave.h"
#include "verification/root_file.h"
#include "verification/verifier.h"

namespace quoted {

namespace detail {

struct CollateralContents {
  verification::PreparedCollateral prepared;
};

struct VerifierContents {
  verification::Verifier verifier;
};

}  // namespace detail

namespace {

using api::refuse;
using api::to_public;

Decision decision_of(verification::Decision decision) {
  switch (decision) {
    case verification::Decision::kVerified:
      return Decision::kVerified;
    case verification::Decision::kVerifiedWithWarnings:
      return Decision::kVerifiedWithWarnings;
    case verification::Decision::kRefused:
      break;
  }
  return Decision::kRefused;
}

Verdict verdict_of(const verification::Verdict& judged, ByteView quote) {
  Verdict out;
  out.decision = decision_of(judged.decision);
  if (judged.refusal) out.refusal = to_public(*judged.refusal);
  out.warnings = judged.warnings;
  out.simulated = judged.simulated;
  out.root = judged.root_name;
  if (judged.quote) {
    out.claims = api::claims_of(*judged.quote, quote.size() - judged.quote->trailing_bytes);
  }
  if (const auto& found = judged.collateral) {
    out.collateral_checked = true;
    out.tcb_status = found->tcb_status;
    out.tcb_date = found->tcb_date;
    out.advisories = found->advisories;
    out.earliest_expiration = found->earliest_expiration;
  }
  return out;
}

base::UnixTime time_of(const VerifyOptions& options) {
  return options.at.value_or(base::SystemClock().now());
}

}  // namespace

Collateral::Collateral(std::shared_ptr<const detail::CollateralContents> contents)
    : contents_(std::move(contents)) {}

Result<Collateral> Collateral::read(const std::string& path) {
  const auto documents = collateral::read_collateral(path);
  if (!documents) return refuse(documents);
  auto prepared = verification::PreparedCollateral::prepare(*documents);
  if (!prepared) return refuse(prepared);
  return Collateral(std::make_shared<const detail::CollateralContents>(
      detail::CollateralContents{*std::move(prepared)}));
}

Verifier::Verifier(std::shared_ptr<const detail::VerifierContents> contents)
    : contents_(std::move(contents)) {}

Verifier Verifier::for_intel() {
  return Verifier(std::make_shared<const detail::VerifierContents>(
      detail::VerifierContents{verification::Verifier({verification::intel_root()})}));
}

Result<Verifier> Verifier::for_root(const std::string& path) {
  auto root = verification::read_trusted_root(path, simulation::simulated_signer());
  if (!root) return refuse(root);
  return Verifier(std::make_shared<const detail::VerifierContents>(
      detail::VerifierContents{verification::Verifier({*std::move(root)})}));
}

Verdict Verifier::verify(ByteView quote, const VerifyOptions& options) const {
  Verdict out =
      verdict_of(contents_->verifier.verify(api::to_internal(quote), time_of(options)), quote);
  // Without collateral the verifier leaves this to its caller, with a warning.
  const bool debug = out.claims && out.claims->debug;
  if (out.decision != Decision::kRefused && debug && !options.allow_debug) {
    out.decision = Decision::kRefused;
    out.refusal = to_public(base::Error(base::ErrorCode::kDebugEnclave,
                                        "the enclave or TD can be debugged: its host can read it"));
  }
  return out;
}

Verdict Verifier::verify(ByteView quote, const Collateral& collateral,
                         const VerifyOptions& options) const {
  return verdict_of(
      contents_->verifier.verify(api::to_internal(quote), collateral.contents_->prepared,
                                 time_of(options), {.allow_debug = options.allow_debug}),
      quote);
}

}  // namespace quoted
