// Intel's verification in one call: the order of everything (quote-verification 7).
#pragma once

#include <span>

#include "verification/intel/known_chains.h"
#include "verification/intel/steps.h"
#include "verification/trusted_root.h"

namespace quoted::verification::intel {

// Everything that is looked at, parsed once, and what was found. Filled by `run`.
struct OneCall {
  // `known` may have the quote's chain, or be null.
  OneCall(base::ByteView quote_bytes, const collateral::ParsedCollateral& parts,
          std::span<const TrustedRoot> trusted_roots, base::UnixTime time,
          const KnownChains* known = nullptr);

  base::ByteView bytes;
  const collateral::ParsedCollateral& collateral;
  std::span<const TrustedRoot> roots;
  base::UnixTime at;

  base::ErrorCode quote_error = base::ErrorCode::kQuoteMalformed;  // why it is none
  Judged<quote::Quote> quote;
  bool carried_known = false;                 // `carried` is one of the known chains
  std::shared_ptr<const QuoteChain> carried;  // the certification data, as far as they are a chain
  const Judged<collateral::CertificateChain>& chain;
  const Judged<collateral::PckCertificate>& pck;
  const crypto::Certificate* root = nullptr;  // of the chain, once found
  const TrustedRoot* trusted_root = nullptr;  // whose key that root has
  std::optional<TcbMatch> match;
  std::optional<crypto::P256PublicKey> attestation_key;

  std::vector<Check> checks;
  CollateralVerdict verdict;
  std::optional<base::Error> refusal;  // set when the call fails
};

// With `supplemental`, fails where Intel's supplemental data have no room for the advisories.
void run(OneCall& call, bool supplemental);

// The names of the rules before the steps, in order.
[[nodiscard]] std::vector<std::string_view> input_rule_names();

}  // namespace quoted::verification::intel
