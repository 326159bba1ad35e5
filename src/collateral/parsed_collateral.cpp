#include "collateral/parsed_collateral.h"

#include "collateral/crl_text.h"

namespace quoted::collateral {
namespace {

// Texts are often handed on with the NUL that ends them in C.
std::string_view document_text(const base::Bytes& bytes) {
  const std::string_view all = base::as_text(bytes);
  const std::size_t last = all.find_last_not_of('\0');
  return all.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

Judged<crypto::Crl> read_crl(const base::Bytes& bytes) {
  auto crl = parse_crl(bytes);
  if (!crl) return flaw(QvlStatus::kCrlUnsupportedFormat, crl.error().message());
  return *std::move(crl);
}

bool is_crl(const CollateralPart& part) {
  return part.bytes == &Collateral::root_ca_crl || part.bytes == &Collateral::pck_crl;
}

std::vector<std::string_view> unusable_parts(const Collateral& collateral) {
  std::vector<std::string_view> out;
  for (const CollateralPart& part : kCollateralParts) {
    const base::Bytes& bytes = collateral.*part.bytes;
    const std::string_view text = document_text(bytes);
    const bool crl = is_crl(part);
    const bool cut = !crl && text.find('\0') != std::string_view::npos;
    if (cut || (crl && text.empty())) out.push_back(part.name);
  }
  return out;
}

}  // namespace

ParsedCollateral ParsedCollateral::parse(const Collateral& in) {
  CertificatePool pool;
  const auto chain = [&pool](const base::Bytes& bytes) {
    return CertificateChain::parse(document_text(bytes), pool);
  };
  auto pck_crl_issuer_chain = chain(in.pck_crl_issuer_chain);
  auto tcb_info_issuer_chain = chain(in.tcb_info_issuer_chain);
  auto qe_identity_issuer_chain = chain(in.qe_identity_issuer_chain);
  return {std::move(pool),
          std::move(pck_crl_issuer_chain),
          read_crl(in.root_ca_crl),
          read_crl(in.pck_crl),
          std::move(tcb_info_issuer_chain),
          TcbInfo::parse(document_text(in.tcb_info)),
          std::move(qe_identity_issuer_chain),
          QeIdentity::parse(document_text(in.qe_identity)),
          unusable_parts(in)};
}

}  // namespace quoted::collateral
