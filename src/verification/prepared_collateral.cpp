#include "verification/prepared_collateral.h"

#include "base/byte_reader.h"

namespace quoted::verification {
namespace {

// Each part behind its size, so that no byte can pass from one part to the next unnoticed.
base::Result<crypto::Sha256> identify(const collateral::Collateral& documents) {
  base::Bytes all;
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    const base::Bytes& bytes = documents.*part.bytes;
    const base::Le64 size(bytes.size());
    const base::ByteView head = base::struct_bytes(size);
    all.insert(all.end(), head.begin(), head.end());
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return crypto::sha256(all);
}

bool all_parsed(const collateral::ParsedCollateral& parts) {
  return parts.unusable.empty() && parts.pck_crl_issuer_chain && parts.root_ca_crl &&
         parts.pck_crl && parts.tcb_info_issuer_chain && parts.tcb_info &&
         parts.qe_identity_issuer_chain && parts.qe_identity;
}

}  // namespace

base::Result<PreparedCollateral> PreparedCollateral::prepare(
    const collateral::Collateral& documents) {
  QUOTED_TRY(const crypto::Sha256 identity, identify(documents));
  auto parsed = collateral::ParsedCollateral::parse(documents);
  std::optional<Validity> validity;
  if (all_parsed(parsed)) validity = validity_of(parsed, nullptr);
  return PreparedCollateral(
      std::make_shared<const Contents>(Contents{std::move(parsed), std::move(validity), identity}));
}

}  // namespace quoted::verification
