#include "verification/verifier.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "quote/certification_data.h"
#include "verification/intel/chain_rules.h"
#include "verification/pck_chain.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

using intel::label;
using intel::utc;

// What a check found when it did not fail.
struct Found {
  std::string detail;
  bool warning = false;
};

// One quote under examination. A step may rely on all the steps before it having passed.
class Examination {
 public:
  Examination(const std::vector<TrustedRoot>& roots, base::ByteView bytes, base::UnixTime at)
      : roots_(roots), bytes_(bytes), at_(at) {}

  Result<Found> structure();
  Result<Found> certification_data();
  Result<Found> chain();
  Result<Found> root();
  Result<Found> validity();
  Result<Found> qe_report_signature();
  Result<Found> qe_report_binding();
  Result<Found> quote_signature();
  Result<Found> debug();

  Verdict verdict;

 private:
  [[nodiscard]] const quote::Quote& quote() const { return *verdict.quote; }

  const std::vector<TrustedRoot>& roots_;
  base::ByteView bytes_;
  base::UnixTime at_;
  std::string pem_;
  std::optional<PckChain> chain_;
  const TrustedRoot* trusted_root_ = nullptr;
};

Result<Found> Examination::structure() {
  QUOTED_TRY(verdict.quote, quote::Quote::parse(bytes_));
  return Found{
      text("version ", std::uint16_t{quote().header.version}, ", ", bytes_.size(), " bytes")};
}

Result<Found> Examination::certification_data() {
  const std::uint16_t type = quote().certification_type;
  constexpr auto kExpected = static_cast<std::uint16_t>(quote::CertificationType::kPckChain);
  if (type != kExpected) {
    return fail(
        ErrorCode::kCertificationDataUnsupported,
        text("certification data of type ", type, " (", quote::certification_type_name(type),
             "), expected type ", kExpected, " (", quote::certification_type_name(kExpected), ")"));
  }
  QUOTED_TRY(quote::CertificationData data,
             quote::parse_certification_data(type, quote().certification_data));
  pem_ = std::move(std::get<quote::PckChain>(data).pem);
  return Found{text("type ", type, ", ", quote::certification_type_name(type))};
}

Result<Found> Examination::chain() {
  QUOTED_TRY(chain_, PckChain::parse(pem_));
  verdict.pck = chain_->pck;
  verdict.simulated = std::ranges::any_of(
      chain_->certificates(), [](const auto* c) { return collateral::is_marked_simulated(*c); });
  return Found{text("PCK certificate of ", label(chain_->intermediate), ", FMSPC ",
                    chain_->pck.sgx().fmspc.hex())};
}

// The key is compared, not the certificate: two certificates of Intel's root exist, and anybody can
// make one that carries its name.
Result<Found> Examination::root() {
  const crypto::P256Point& key = chain_->root.public_key().point();
  const auto found = std::ranges::find_if(
      roots_, [&](const TrustedRoot& trusted) { return trusted.key.point() == key; });
  if (found == roots_.end()) {
    return fail(
        verdict.simulated ? ErrorCode::kSimulatedRootNotTrusted : ErrorCode::kRootNotTrusted,
        text("the chain ends in ", label(chain_->root), " with key ", key.hex(),
             ", which is none of the ", roots_.size(), " trusted root keys"));
  }
  trusted_root_ = &*found;
  verdict.root_name = found->name;
  return Found{text("trusted root '", found->name, "'")};
}

Result<Found> Examination::validity() {
  base::UnixTime until = base::UnixTime::max();
  for (const crypto::Certificate* certificate : chain_->certificates()) {
    if (at_ < certificate->not_before() || at_ > certificate->not_after()) {
      return fail(ErrorCode::kChainExpired,
                  text(label(*certificate), " is valid from ", utc(certificate->not_before()),
                       " to ", utc(certificate->not_after()), ", the time is ", utc(at_)));
    }
    until = std::min(until, certificate->not_after());
  }
  return Found{text("valid at ", utc(at_), ", until ", utc(until))};
}

Result<Found> Examination::qe_report_signature() {
  const auto& block = quote().signature;
  const auto& pck_key = chain_->pck.certificate().public_key();
  if (!pck_key.verify(base::struct_bytes(block.qe_report), block.qe_report_signature)) {
    return fail(ErrorCode::kQeReportSignatureInvalid,
                "the key of the PCK certificate did not sign the QE report");
  }
  return Found{"the PCK key signed the QE report"};
}

// The QE report speaks for the attestation key when it holds the key's hash and comes from an
// enclave that guards the private half.
Result<Found> Examination::qe_report_binding() {
  const auto& block = quote().signature;
  QUOTED_TRY(const crypto::Sha256 hash,
             crypto::sha256({block.attestation_key.view(), quote().authentication_data}));
  base::Bytes expected = base::to_bytes(hash.view());
  expected.resize(sgx::ReportData::kSize);
  if (!crypto::constant_time_equal(block.qe_report.report_data.view(), expected)) {
    return fail(ErrorCode::kQeReportNotBound,
                text("the QE report's data is ", block.qe_report.report_data.hex(), ", expected ",
                     base::to_hex(expected)));
  }
  // Anyone on the machine can read the keys of a debug enclave.
  if (block.qe_report.attributes.has(sgx::flags::kDebug)) {
    return fail(ErrorCode::kQeReportNotBound, "the QE report comes from a DEBUG enclave");
  }
  const auto& signer =
      quote().is_tdx() ? trusted_root_->td_qe_mr_signer : trusted_root_->qe_mr_signer;
  if (signer && *signer != block.qe_report.mr_signer) {
    return fail(ErrorCode::kQeReportNotBound,
                text("the QE report comes from an enclave of signer ",
                     block.qe_report.mr_signer.hex(), ", while the Quoting Enclave under '",
                     trusted_root_->name, "' is of ", signer->hex()));
  }
  return Found{"the QE report holds the hash of attestation key and authentication data"};
}

Result<Found> Examination::quote_signature() {
  const auto& block = quote().signature;
  const auto key = crypto::P256PublicKey::create(block.attestation_key);
  if (!key) {
    return fail(ErrorCode::kQuoteSignatureInvalid,
                text("the attestation key is no P-256 key: ", block.attestation_key.hex()));
  }
  if (!key->verify(quote().signed_bytes(), block.quote_signature)) {
    return fail(ErrorCode::kQuoteSignatureInvalid,
                "the attestation key did not sign header and report body");
  }
  return Found{"the attestation key signed header and report body"};
}

Result<Found> Examination::debug() {
  if (quote().is_debug()) {
    return Found{"the enclave has the DEBUG attribute: anyone on its machine can read its memory",
                 true};
  }
  return Found{"the enclave has no DEBUG attribute"};
}

struct Step {
  std::string_view name;
  Result<Found> (Examination::*run)();
};

constexpr std::array kSteps{
    Step{"structure", &Examination::structure},
    Step{"certification_data", &Examination::certification_data},
    Step{"chain", &Examination::chain},
    Step{"root", &Examination::root},
    Step{"validity", &Examination::validity},
    Step{"qe_report_signature", &Examination::qe_report_signature},
    Step{"qe_report_binding", &Examination::qe_report_binding},
    Step{"quote_signature", &Examination::quote_signature},
    Step{"debug", &Examination::debug},
};

}  // namespace

Verdict Verifier::verify(base::ByteView quote, base::UnixTime at) const {
  Examination examination(roots_, quote, at);
  Verdict& verdict = examination.verdict;
  verdict.judged_at = at;
  std::vector<Check> checks;
  for (const Step& step : kSteps) {
    Check check{step.name, CheckOutcome::kNotReached, collateral::QvlStatus::kOk, {}};
    if (!verdict.refusal) {
      auto finding = (examination.*step.run)();
      if (finding) {
        check.outcome = finding->warning ? CheckOutcome::kWarned : CheckOutcome::kPassed;
        check.detail = std::move(finding->detail);
        if (finding->warning) verdict.warnings.push_back(check.detail);
      } else {
        check.outcome = CheckOutcome::kFailed;
        check.detail = finding.error().message();
        verdict.refusal = std::move(finding).error();
      }
    }
    checks.push_back(std::move(check));
  }
  verdict.checks = CheckList(std::move(checks));
  if (!verdict.refusal) {
    verdict.decision =
        verdict.warnings.empty() ? Decision::kVerified : Decision::kVerifiedWithWarnings;
  }
  return std::move(verdict);
}

}  // namespace quoted::verification
