#include "relying_party/appraisal.h"

#include "base/text.h"
#include "common/binding.h"
#include "common/transcript.h"
#include "crypto/compare.h"

namespace quoted::sample {
namespace {

using base::ErrorCode;
using base::text;
using verification::Verdict;

// Signatures and certificates, from the quote to the root. Before this nothing in the quote is more
// than a claim.
Judgement judge_quote(const Verdict& verdict) {
  if (verdict.refusal) {
    const ErrorCode code = verdict.refusal->code();
    const bool other_root =
        code == ErrorCode::kRootNotTrusted || code == ErrorCode::kSimulatedRootNotTrusted;
    return refuse(text(other_root ? "the quote is of another root: " : "the quote is not genuine: ",
                       verdict.refusal->summary()));
  }
  if (verdict.quote->report_body() == nullptr) {
    return refuse("the quote is that of a TD, expected one of an enclave");
  }
  return text("genuine, signatures and certificates up to ", verdict.root_name,
              verdict.collateral ? text(", TCB status ", verdict.collateral->tcb_status)
                                 : std::string(", collateral not checked"));
}

Judgement judge_debug(const Verdict& verdict) {
  if (verdict.quote->is_debug()) {
    return refuse("the enclave is a debug enclave: its host can read the secret in its memory");
  }
  return "no debug enclave";
}

// The debug attribute has its own check; whatever else the verifier has doubts about is reason
// enough to keep a secret.
Judgement judge_warnings(const Verdict& verdict) {
  if (verdict.decision == verification::Decision::kVerified) return "none";
  return refuse(text("the verifier has doubts about the quote: ",
                     verdict.warnings.empty() ? "it is not verified" : verdict.warnings.front()));
}

Judgement judge_product(const Product& expected, const sgx::ReportBody& enclave) {
  if (enclave.mr_signer != expected.signer) {
    return refuse(text("the enclave is of another signer: MRSIGNER ", enclave.mr_signer.hex(),
                       ", expected ", expected.signer.hex()));
  }
  if (enclave.isv_prod_id != expected.id) {
    return refuse(text("the enclave is another product of its signer: product id ",
                       std::uint16_t{enclave.isv_prod_id}, ", expected ", expected.id));
  }
  if (enclave.isv_svn < expected.min_svn) {
    return refuse(text("the enclave is too old: security version ", std::uint16_t{enclave.isv_svn},
                       ", expected at least ", expected.min_svn));
  }
  return text("MRSIGNER ", short_hex(enclave.mr_signer.view()), ", product ", expected.id,
              ", security version ", std::uint16_t{enclave.isv_svn});
}

Judgement judge_identity(const Policy& policy, const sgx::ReportBody& enclave) {
  std::string found;
  if (policy.mr_enclave) {
    if (enclave.mr_enclave != *policy.mr_enclave) {
      return refuse(text("the enclave is another one: MRENCLAVE ", enclave.mr_enclave.hex(),
                         ", expected ", policy.mr_enclave->hex()));
    }
    found = text("MRENCLAVE ", short_hex(enclave.mr_enclave.view()));
  }
  if (policy.product) {
    auto product = judge_product(*policy.product, enclave);
    if (!product) return product;
    found += (found.empty() ? "" : ", ") + *product;
  }
  if (found.empty()) return refuse("no enclave is expected: the policy names none");
  return found;
}

// The quote speaks for the enclave; this makes it speak for the key and the nonce too. Whoever sits
// in between can replace the key, but not the report data under the quote's signature.
Judgement judge_binding(const Evidence& evidence, const sgx::ReportBody& enclave) {
  const auto expected = report_data_for(evidence.nonce, evidence.public_key);
  if (!expected) return refuse(expected.error().summary());
  if (!crypto::constant_time_equal(enclave.report_data.view(), expected->view())) {
    return refuse(text("the quote does not vouch for this key and nonce: its report data is ",
                       short_hex(enclave.report_data.view()), ", they need ",
                       short_hex(expected->view())));
  }
  if (const auto key = crypto::P256PublicKey::create(evidence.public_key); !key) {
    return refuse(text("the enclave's public key is none: ", key.error().summary()));
  }
  return text("the report data holds nonce and key ", short_hex(evidence.public_key.view()));
}

// A debug enclave has a check and a sentence of its own.
Verdict verify(const Evidence& evidence, const Policy& policy, base::UnixTime at) {
  const verification::Verifier verifier({policy.root});
  if (!policy.collateral) return verifier.verify(evidence.quote, at);
  return verifier.verify(evidence.quote, *policy.collateral, at, {.allow_debug = true});
}

}  // namespace

std::optional<std::string> Appraisal::refusal() const {
  if (checks.empty() || checks.back().judgement) return std::nullopt;
  return checks.back().judgement.error();
}

Appraisal appraise(const Evidence& evidence, const Policy& policy, base::UnixTime at) {
  const Verdict verdict = verify(evidence, policy, at);
  Appraisal out;
  out.simulated = verdict.simulated;
  const auto passes = [&out](std::string_view name, Judgement judgement) {
    out.checks.push_back({name, std::move(judgement)});
    return out.checks.back().judgement.has_value();
  };
  if (!passes("quote", judge_quote(verdict))) return out;
  const sgx::ReportBody& enclave = *verdict.quote->report_body();
  if (!passes("debug", judge_debug(verdict)) || !passes("warnings", judge_warnings(verdict)) ||
      !passes("identity", judge_identity(policy, enclave))) {
    return out;
  }
  passes("binding", judge_binding(evidence, enclave));
  return out;
}

}  // namespace quoted::sample
