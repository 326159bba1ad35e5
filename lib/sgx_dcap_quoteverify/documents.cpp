#include "sgx_dcap_quoteverify/documents.h"

#include <algorithm>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::quoteverify {
namespace {

using base::text;

constexpr std::array<std::uint32_t, 4> kVersions{1, 3, 0x00010003, 4};

struct Part {
  const char* bytes;
  std::uint32_t size;
};

using Parts = std::array<Part, collateral::kCollateralParts.size()>;

Parts parts_of(const sgx_ql_qve_collateral_t& in) {
  return {{{in.pck_crl_issuer_chain, in.pck_crl_issuer_chain_size},
           {in.root_ca_crl, in.root_ca_crl_size},
           {in.pck_crl, in.pck_crl_size},
           {in.tcb_info_issuer_chain, in.tcb_info_issuer_chain_size},
           {in.tcb_info, in.tcb_info_size},
           {in.qe_identity_issuer_chain, in.qe_identity_issuer_chain_size},
           {in.qe_identity, in.qe_identity_size}}};
}

bool is_crl(const collateral::CollateralPart& part) {
  return part.bytes == &collateral::Collateral::root_ca_crl ||
         part.bytes == &collateral::Collateral::pck_crl;
}

Answer<base::ByteView> read_part(const collateral::CollateralPart& kind, const Part& part) {
  if (part.bytes == nullptr || part.size == 0) {
    return invalid(text("the collateral's ", kind.name, " is NULL or empty"));
  }
  if (part.size > kMaxPartSize) {
    return invalid(text("the collateral's ", kind.name, " has ", part.size,
                        " bytes, at most are read ", kMaxPartSize));
  }
  const std::string_view all(part.bytes, part.size);
  if (is_crl(kind)) return base::as_bytes(all);
  const std::size_t end = all.find('\0');
  if (end != all.size() - 1) {
    return invalid(text(
        "the collateral's ", kind.name, " should end at byte ", all.size() - 1,
        ", the last of its size, and ",
        end == std::string_view::npos ? std::string("does not end") : text("ends at byte ", end)));
  }
  return base::as_bytes(all.substr(0, end));
}

}  // namespace

Answer<Documents> read_documents(const void* collateral) {
  const auto in = load<sgx_ql_qve_collateral_t>(collateral);
  const Parts parts = parts_of(in);
  Documents out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = read_part(collateral::kCollateralParts[i], parts[i]);
    if (!part) return tl::unexpected(part.error());
    out[i] = *part;
  }
  if (std::ranges::find(kVersions, in.version) == kVersions.end()) {
    return refuse(SGX_QL_COLLATERAL_VERSION_NOT_SUPPORTED,
                  text("the collateral's version is ", base::hex_number(in.version)));
  }
  return out;
}

bool same_bytes(const Documents& documents, const collateral::Collateral& kept) {
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!base::equal(documents[i], kept.*collateral::kCollateralParts[i].bytes)) return false;
  }
  return true;
}

collateral::Collateral copy_of(const Documents& documents) {
  collateral::Collateral out;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    out.*collateral::kCollateralParts[i].bytes = base::to_bytes(documents[i]);
  }
  return out;
}

}  // namespace quoted::quoteverify
