#include "verification/intel/supplemental_facts.h"

#include <algorithm>
#include <limits>

namespace quoted::verification::intel {
namespace {

// CRL numbers have up to 20 octets, the field has four; a larger number must not look like an older
// CRL.
std::uint32_t crl_number(const crypto::Crl& crl) {
  std::uint32_t out = 0;
  if (crl.number().size() > sizeof(out)) return std::numeric_limits<std::uint32_t>::max();
  for (const std::byte octet : crl.number())
    out = out << 8U | std::to_integer<std::uint32_t>(octet);
  return out;
}

}  // namespace

void take_supplemental_facts(CollateralVerdict& verdict, const OneCall& call) {
  if (call.refusal || !call.match || call.match->qe_level == nullptr) return;
  const auto& parts = call.collateral;
  SupplementalFacts out{.root_key = call.root->public_key().point(),
                        .pck_crl_number = crl_number(*parts.pck_crl),
                        .root_ca_crl_number = crl_number(*parts.root_ca_crl),
                        .qe_evaluation_number = parts.qe_identity->evaluation_number,
                        .qe_tcb_date = call.match->qe_level->tcb_date,
                        .qe_chain_earliest_issue = base::UnixTime::max(),
                        .qe_chain_latest_issue = base::UnixTime::min(),
                        .qe_chain_earliest_expiration = base::UnixTime::max()};
  for (const crypto::Certificate& certificate : parts.qe_identity_issuer_chain->certificates()) {
    out.qe_chain_earliest_issue = std::min(out.qe_chain_earliest_issue, certificate.not_before());
    out.qe_chain_latest_issue = std::max(out.qe_chain_latest_issue, certificate.not_before());
    out.qe_chain_earliest_expiration =
        std::min(out.qe_chain_earliest_expiration, certificate.not_after());
  }
  verdict.supplemental = out;
}

}  // namespace quoted::verification::intel
