// The part of the document check that PCK certificates are subject to.
#include <algorithm>

#include "base/text.h"
#include "certification/document_check.h"
#include "collateral/certificate_chain.h"
#include "verification/intel/chain_rules.h"
#include "verification/pck_chain.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using collateral::SgxExtension;

constexpr std::size_t kMaxPckText = std::size_t{64} * 1024;

// As it stands in certificates: little-endian, like in requests (pcs-api 10).
std::uint16_t number(const sgx::PceId& id) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(id.view()[0]) |
                                    std::to_integer<unsigned>(id.view()[1]) << 8U);
}

// With the key of another TCB the PCE's signature is invalid and nothing says why
// (quote-generation 6).
Status check_tcb(const SgxExtension& certified, const PckRequest& request,
                 const PckCertification& certification) {
  if (certified.cpu_svn != certification.cpu_svn ||
      certified.pce_svn != certification.pce_isv_svn) {
    return fail(ErrorCode::kPckSelectionFailed,
                text("the PCK certificate is for CPUSVN ", certified.cpu_svn.hex(), " and PCESVN ",
                     certified.pce_svn, ", the service says ", certification.cpu_svn.hex(), " and ",
                     certification.pce_isv_svn));
  }
  if (number(certified.pce_id) != request.pce_id) {
    return fail(ErrorCode::kPckSelectionFailed,
                text("the PCK certificate is for PCE id ", number(certified.pce_id),
                     ", the platform's is ", request.pce_id));
  }
  const auto raw = request.cpu_svn.view();
  const bool reached =
      std::ranges::equal(raw, certified.components, [](std::byte has, std::uint8_t needs) {
        return std::to_integer<std::uint8_t>(has) >= needs;
      });
  if (!reached || request.pce_isv_svn < certified.pce_svn) {
    return fail(ErrorCode::kPckSelectionFailed,
                text("the PCK certificate is for CPUSVN ", certified.cpu_svn.hex(), " and PCESVN ",
                     certified.pce_svn, ", above the platform's ", request.cpu_svn.hex(), " and ",
                     request.pce_isv_svn));
  }
  return {};
}

}  // namespace

Result<DocumentFacts> DocumentCheck::examine(const PckRequest& request,
                                             const PckCertification& certification) const {
  const std::string all = certification.leaf_pem + certification.issuer_chain_pem;
  // A NUL would end the text early for those who get it through the C interfaces; the leaf and its
  // chain are put together without anything between (pcs-api 10).
  if (all.size() > kMaxPckText || all.contains('\0') ||
      !certification.leaf_pem.ends_with("-----END CERTIFICATE-----\n")) {
    return fail(
        ErrorCode::kChainInvalid,
        text("the PCK certificate and its chain have ", all.size(), " bytes, expected at most ",
             kMaxPckText, ", none of them NUL, and a line feed at the end of the certificate"));
  }
  const auto leaf = crypto::split_pem_chain(certification.leaf_pem);
  if (!leaf || leaf->size() != 1) {
    return fail(ErrorCode::kChainInvalid, "the PCK certificate is not one certificate");
  }
  QUOTED_TRY(const auto chain, verification::PckChain::parse(all));
  for (const crypto::Certificate* const certificate : chain.certificates()) {
    if (!certificate->extensions_understood()) {
      return fail(ErrorCode::kChainInvalid, text(verification::intel::label(*certificate),
                                                 " has an extension that is not understood"));
    }
  }
  QUOTED_TRY(const verification::TrustedRoot* const trusted,
             verification::require_root(roots_, chain.root, "the chain of the PCK certificate"));
  QUOTED_CHECK(check_tcb(chain.pck.sgx(), request, certification));

  DocumentFacts out;
  out.valid_from = chain.root.not_before();
  out.valid_until = chain.root.not_after();
  for (const crypto::Certificate* const certificate : chain.certificates()) {
    out.valid_from = std::max(out.valid_from, certificate->not_before());
    out.valid_until = std::min(out.valid_until, certificate->not_after());
  }
  out.root_key = trusted->key.point();
  out.issuers = {chain.intermediate, chain.root};
  out.ca = collateral::is_named(chain.intermediate, "Processor CA") ? collateral::PckCa::kProcessor
                                                                    : collateral::PckCa::kPlatform;
  out.pck = chain.pck;
  return out;
}

Status check_same_platform(const DocumentFacts& offered, const DocumentFacts& cached) {
  if (!offered.pck || !cached.pck) return {};
  const SgxExtension& a = offered.pck->sgx();
  const SgxExtension& b = cached.pck->sgx();
  if (a.ppid == b.ppid && a.fmspc == b.fmspc) return {};
  return fail(
      ErrorCode::kPckSelectionFailed,
      text("the PCK certificate is for another platform, of FMSPC ", a.fmspc.hex(),
           ", than the one of FMSPC ", b.fmspc.hex(), " that the cache has for the same QE id"));
}

}  // namespace quoted::certification
