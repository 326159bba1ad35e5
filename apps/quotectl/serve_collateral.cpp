#include "quotectl/serve_collateral.h"

#include <algorithm>

#include "base/text.h"
#include "collateral/collateral_files.h"
#include "collateral/pck_certificate.h"
#include "quote/certification_data.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using collateral::ParsedCollateral;

Result<CollateralEntry> load_entry(const std::string& path) {
  QUOTED_TRY(const collateral::Collateral documents, collateral::read_collateral(path));
  QUOTED_TRY(verification::PreparedCollateral prepared,
             verification::PreparedCollateral::prepare(documents));
  const ParsedCollateral& parts = prepared.parsed();
  if (auto good = prepared.all_parsed(); !good) {
    return fail(std::move(good).error().with_context(path));
  }
  CollateralEntry out{.source = path,
                      .prepared = prepared,
                      .kind = {.tee = parts.tcb_info->tee,
                               .fmspc = parts.tcb_info->fmspc,
                               .pce_id = parts.tcb_info->pce_id,
                               .pck_ca = parts.pck_crl->issuer().common_name},
                      .issued = parts.tcb_info->issue_date,
                      .expires = prepared.validity()->earliest_expiration,
                      .expires_first = prepared.validity()->earliest_expiring};
  return out;
}

}  // namespace

std::string to_text(const PlatformKind& kind) {
  return text(kind.tee == collateral::Tee::kTdx ? "TDX" : "SGX", ", FMSPC ", kind.fmspc.hex(),
              ", PCE id ", kind.pce_id.hex(), ", ", kind.pck_ca);
}

Result<PlatformKind> platform_kind_of(base::ByteView bytes) {
  QUOTED_TRY(const quote::Quote quote, quote::Quote::parse_leniently(bytes));
  QUOTED_TRY(const quote::CertificationData data,
             quote::parse_certification_data(quote.certification_type, quote.certification_data));
  const auto* const pem = std::get_if<quote::PckChain>(&data);
  if (pem == nullptr) {
    return fail(ErrorCode::kCertificationDataUnsupported,
                text("certification data of type ", quote.certification_type,
                     " does not name the platform, expected type 5"));
  }
  const auto chain = collateral::CertificateChain::parse(pem->pem);
  if (!chain) return fail(ErrorCode::kChainInvalid, chain.error().detail);
  if (chain->pck() == nullptr) {
    return fail(ErrorCode::kChainInvalid, "there is no PCK certificate in the chain");
  }
  const auto pck = collateral::PckCertificate::judge(*chain->pck());
  if (!pck) return fail(ErrorCode::kChainInvalid, pck.error().detail);
  return PlatformKind{.tee = quote.is_tdx() ? collateral::Tee::kTdx : collateral::Tee::kSgx,
                      .fmspc = pck->sgx().fmspc,
                      .pce_id = pck->sgx().pce_id,
                      .pck_ca = pck->certificate().issuer_cn()};
}

Result<CollateralSet> CollateralSet::load(std::span<const std::string> paths) {
  CollateralSet out;
  for (const std::string& path : paths) {
    QUOTED_TRY(CollateralEntry entry, load_entry(path));
    out.entries_.push_back(std::move(entry));
  }
  return out;
}

Result<const CollateralEntry*> CollateralSet::choose(base::ByteView quote) const {
  if (entries_.size() == 1) return &entries_.front();
  QUOTED_TRY(const PlatformKind wanted, platform_kind_of(quote));
  const CollateralEntry* found = nullptr;
  for (const CollateralEntry& entry : entries_) {
    if (entry.kind == wanted && (found == nullptr || entry.issued > found->issued)) found = &entry;
  }
  if (found != nullptr) return found;
  std::string loaded;
  for (const CollateralEntry& entry : entries_) {
    loaded += text(loaded.empty() ? "" : "; ", to_text(entry.kind));
  }
  return fail(ErrorCode::kCollateralMissing,
              text("the quote is of ", to_text(wanted), "; the service has ",
                   loaded.empty() ? std::string("no collateral") : loaded));
}

}  // namespace quoted::quotectl
