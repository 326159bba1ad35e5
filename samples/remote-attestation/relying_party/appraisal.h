// The relying party's policy, and the judgement of evidence by it. No I/O: evidence in, judgements
// out.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "common/messages.h"
#include "relying_party/judgement.h"
#include "verification/verifier.h"

namespace quoted::sample {

// Any enclave of one product of a signer, from some security version on: what survives an update of
// the enclave, while an MRENCLAVE names one build.
struct Product {
  sgx::MrSigner signer;
  std::uint16_t id = 0;
  std::uint16_t min_svn = 0;
};

// Each identity that is present has to match. A policy without any would trust every enclave of
// every owner of a processor, so the command line does not let one through.
struct Policy {
  verification::TrustedRoot root;
  std::optional<sgx::MrEnclave> mr_enclave;
  std::optional<Product> product;
  // Without it neither TCB level, revocation nor QE identity are looked at.
  std::optional<collateral::ParsedCollateral> collateral;
};

struct Check {
  std::string_view name;
  Judgement judgement;
};

struct Appraisal {
  std::vector<Check> checks;  // up to and including the first that refuses
  bool simulated = false;     // the quote's certificates carry the simulation's marker

  // The sentence of the check that refused, if one did.
  [[nodiscard]] std::optional<std::string> refusal() const;
};

// Everything but the nonce's freshness, which is the ledger's: quote, debug, identity, binding.
// `at` is when the quote's certificates have to be valid.
[[nodiscard]] Appraisal appraise(const Evidence& evidence, const Policy& policy, base::UnixTime at);

}  // namespace quoted::sample
