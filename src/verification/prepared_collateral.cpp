#include "verification/prepared_collateral.h"

#include <utility>

#include "base/byte_reader.h"
#include "base/text.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::text;

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

template <class T>
base::Status parsed_part(const collateral::Judged<T>& part, std::string_view name,
                         ErrorCode code) {
  if (part) return {};
  return base::fail(code, text(name, ": ", part.error().detail));
}

base::Status check_parsed(const collateral::ParsedCollateral& parts) {
  if (!parts.unusable.empty()) {
    return base::fail(ErrorCode::kCollateralMissing,
                      text("'", parts.unusable.front(), "' is missing, empty or cut by a NUL"));
  }
  QUOTED_CHECK(parsed_part(parts.tcb_info, "tcb_info", ErrorCode::kTcbInfoInvalid));
  QUOTED_CHECK(parsed_part(parts.qe_identity, "qe_identity", ErrorCode::kQeIdentityInvalid));
  QUOTED_CHECK(parsed_part(parts.root_ca_crl, "root_ca_crl", ErrorCode::kBadCrl));
  QUOTED_CHECK(parsed_part(parts.pck_crl, "pck_crl", ErrorCode::kBadCrl));
  for (const auto& [chain, name] :
       {std::pair(&parts.tcb_info_issuer_chain, "tcb_info_issuer_chain"),
        std::pair(&parts.qe_identity_issuer_chain, "qe_identity_issuer_chain"),
        std::pair(&parts.pck_crl_issuer_chain, "pck_crl_issuer_chain")}) {
    QUOTED_CHECK(parsed_part(*chain, name, ErrorCode::kIssuerChainInvalid));
  }
  return {};
}

}  // namespace

base::Result<PreparedCollateral> PreparedCollateral::prepare(
    const collateral::Collateral& documents) {
  QUOTED_TRY(const crypto::Sha256 identity, identify(documents));
  auto parsed = collateral::ParsedCollateral::parse(documents);
  std::optional<Validity> validity;
  if (check_parsed(parsed)) validity = validity_of(parsed, nullptr);
  return PreparedCollateral(
      std::make_shared<const Contents>(Contents{std::move(parsed), std::move(validity), identity}));
}

base::Status PreparedCollateral::all_parsed() const { return check_parsed(parsed()); }

}  // namespace quoted::verification
