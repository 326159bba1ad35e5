#include "dcap_quoteprov/answers.h"

#include <array>
#include <cstdlib>
#include <limits>
#include <memory>

#include "base/hex.h"
#include "base/little_endian.h"
#include "collateral/certificate_chain.h"
#include "dcap_quoteprov/state.h"

namespace quoted::quoteprov {
namespace {

using base::text;
using certification::Document;
using certification::DocumentRequest;
using certification::Freshness;

constexpr std::uint32_t kTdxTeeType = 0x81;
constexpr std::uint32_t kCollateralVersion = 3;
constexpr std::uint32_t kConfigVersion = 1;
constexpr std::uint32_t kEncryptedPpidSize = 384;
constexpr std::uint8_t kRsa3072 = 1;

struct Free {
  void operator()(void* block) const { std::free(block); }
};
using Block = std::unique_ptr<char, Free>;

Answer<Block> allocate(std::size_t size) {
  Block out(static_cast<char*>(std::malloc(size)));
  if (!out) return refuse(SGX_QL_ERROR_OUT_OF_MEMORY, "out of memory");
  return out;
}

// A view of `size` bytes in the caller's memory.
base::ByteView bytes_at(const void* place, std::size_t size) {
  return {static_cast<const std::byte*>(place), size};
}

Answer<certification::PckRequest> read_request(const void* pck_cert_id) {
  if (pck_cert_id == nullptr) return invalid("the platform's description is NULL");
  const auto id = load<sgx_ql_pck_cert_id_t>(pck_cert_id);
  if (id.p_qe3_id == nullptr || id.qe3_id_size != sgx::QeId::kSize ||
      id.p_platform_cpu_svn == nullptr || id.p_platform_pce_isv_svn == nullptr) {
    return invalid(text("QE id, CPUSVN and PCESVN must be there, and the QE id have ",
                        sgx::QeId::kSize, " bytes, not ", std::uint32_t{id.qe3_id_size}));
  }
  certification::PckRequest out;
  out.qe_id = sgx::QeId::parse(bytes_at(id.p_qe3_id, sgx::QeId::kSize)).value();
  out.cpu_svn = sgx::CpuSvn::parse(bytes_at(id.p_platform_cpu_svn, sgx::CpuSvn::kSize)).value();
  out.pce_isv_svn = load<base::Le16>(id.p_platform_pce_isv_svn);
  out.pce_id = id.pce_id;
  if (id.p_encrypted_ppid == nullptr || id.encrypted_ppid_size == 0) return out;
  if (id.encrypted_ppid_size != kEncryptedPpidSize || id.crypto_suite != kRsa3072) {
    return invalid(text("the encrypted PPID has ", std::uint32_t{id.encrypted_ppid_size},
                        " bytes and suite ", std::uint32_t{id.crypto_suite}, ", expected ",
                        kEncryptedPpidSize, " and ", std::uint32_t{kRsa3072}));
  }
  // Quoting libraries that do not have it send zeros, which no service can decrypt (pcs-api 10).
  const base::ByteView ppid = bytes_at(id.p_encrypted_ppid, kEncryptedPpidSize);
  if (!base::all_zero(ppid)) out.encrypted_ppid = base::to_bytes(ppid);
  return out;
}

Answer<certification::PlatformLine> read_line(collateral::Tee tee, const std::uint8_t* fmspc,
                                              std::uint16_t fmspc_size, const char* ca) {
  if (fmspc == nullptr || fmspc_size != sgx::Fmspc::kSize) {
    return invalid(text("the FMSPC has ", fmspc_size, " bytes, expected ", sgx::Fmspc::kSize));
  }
  const auto named = ca == nullptr ? std::nullopt : collateral::pck_ca_named(ca);
  if (!named) return invalid("the CA is neither 'processor' nor 'platform'");
  return certification::PlatformLine{
      tee, sgx::Fmspc::parse(bytes_at(fmspc, sgx::Fmspc::kSize)).value(), *named};
}

// The first part that no source has, as callers want to know it.
quote3_error_t missing_part(certification::Service& service,
                            const certification::PlatformLine& line) {
  const auto has = [&](const DocumentRequest& request) {
    return service.document(request, Freshness::kCacheOnly).has_value();
  };
  if (!has(certification::TcbInfoRequest{line.tee, line.fmspc})) return SGX_QL_TCBINFO_NOT_FOUND;
  const auto id = line.tee == collateral::Tee::kTdx ? certification::EnclaveIdentity::kTdQe
                                                    : certification::EnclaveIdentity::kQe;
  return has(certification::EnclaveIdentityRequest{id}) ? SGX_QL_NO_QUOTE_COLLATERAL_DATA
                                                        : SGX_QL_QEIDENTITY_NOT_FOUND;
}

// CRLs as text (quote-generation 7.3, version 3).
std::array<std::string, collateral::kCollateralParts.size()> texts_of(
    const collateral::Collateral& in) {
  std::array<std::string, collateral::kCollateralParts.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto member = collateral::kCollateralParts[i].bytes;
    const bool is_crl = member == &collateral::Collateral::pck_crl ||
                        member == &collateral::Collateral::root_ca_crl;
    out[i] = is_crl ? base::to_hex(in.*member) : std::string(base::as_text(in.*member));
  }
  return out;
}

Answer<sgx_ql_qve_collateral_t*> pack(collateral::Tee tee, const collateral::Collateral& in) {
  const auto texts = texts_of(in);
  std::size_t size = sizeof(sgx_ql_qve_collateral_t);
  for (const std::string& one : texts) size += one.size() + 1;
  auto block = allocate(size);
  if (!block) return tl::unexpected(block.error());

  sgx_ql_qve_collateral_t head{};
  char* end = block->get() + sizeof(head);
  const auto add = [&](std::size_t index, char*& place, std::uint32_t& place_size) {
    const std::string& one = texts[index];
    place = end;
    place_size = static_cast<std::uint32_t>(one.size() + 1);
    std::memcpy(end, one.c_str(), one.size() + 1);
    end += one.size() + 1;
  };
  head.version = kCollateralVersion;
  head.tee_type = tee == collateral::Tee::kTdx ? kTdxTeeType : 0;
  add(0, head.pck_crl_issuer_chain, head.pck_crl_issuer_chain_size);
  add(1, head.root_ca_crl, head.root_ca_crl_size);
  add(2, head.pck_crl, head.pck_crl_size);
  add(3, head.tcb_info_issuer_chain, head.tcb_info_issuer_chain_size);
  add(4, head.tcb_info, head.tcb_info_size);
  add(5, head.qe_identity_issuer_chain, head.qe_identity_issuer_chain_size);
  add(6, head.qe_identity, head.qe_identity_size);
  store(block->get(), head);
  return reinterpret_cast<sgx_ql_qve_collateral_t*>(block->release());
}

Answer<Text> pack(std::string_view in) {
  auto block = allocate(in.size() + 1);
  if (!block) return tl::unexpected(block.error());
  std::memcpy(block->get(), in.data(), in.size());
  block->get()[in.size()] = '\0';
  return Text{block->release(), static_cast<std::uint32_t>(in.size() + 1)};
}

Answer<Document> get_document(State& state, const DocumentRequest& request,
                              quote3_error_t not_found) {
  auto out = state.get(describe(request), [&](Freshness freshness) {
    return state.service().document(request, freshness);
  });
  if (!out) return tl::unexpected(refusal_of(out.error(), not_found));
  return std::move(out->value);
}

}  // namespace

Answer<sgx_ql_config_t*> get_quote_config(const void* pck_cert_id) {
  const auto request = read_request(pck_cert_id);
  if (!request) return tl::unexpected(request.error());
  const auto state = State::current();
  if (!state) return tl::unexpected(state.error());
  const auto found = (*state)->get("certificates", [&](Freshness freshness) {
    return (*state)->service().pck_certificate(*request, freshness);
  });
  if (!found) return tl::unexpected(refusal_of(found.error(), SGX_QL_NO_PLATFORM_CERT_DATA));

  const certification::PckCertification& pck = found->value;
  const std::string chain = pck.leaf_pem + pck.issuer_chain_pem;
  auto block = allocate(sizeof(sgx_ql_config_t) + chain.size() + 1);
  if (!block) return tl::unexpected(block.error());
  char* const data = block->get() + sizeof(sgx_ql_config_t);
  std::memcpy(data, chain.c_str(), chain.size() + 1);
  sgx_ql_config_t head{};
  head.version = kConfigVersion;
  std::memcpy(head.cert_cpu_svn, pck.cpu_svn.view().data(), sizeof(head.cert_cpu_svn));
  head.cert_pce_isv_svn = pck.pce_isv_svn;
  head.cert_data_size = static_cast<std::uint32_t>(chain.size() + 1);
  head.p_cert_data = reinterpret_cast<std::uint8_t*>(data);
  store(block->get(), head);
  return reinterpret_cast<sgx_ql_config_t*>(block->release());
}

Answer<sgx_ql_qve_collateral_t*> get_collateral(collateral::Tee tee, const std::uint8_t* fmspc,
                                                std::uint16_t fmspc_size, const char* ca) {
  const auto line = read_line(tee, fmspc, fmspc_size, ca);
  if (!line) return tl::unexpected(line.error());
  const auto state = State::current();
  if (!state) return tl::unexpected(state.error());
  certification::Service& service = (*state)->service();
  const std::string what =
      text("collateral ", static_cast<int>(tee), ' ', line->fmspc.hex(), ' ', ca);
  const auto found = (*state)->get(
      what, [&](Freshness freshness) { return service.collateral(*line, freshness); });
  if (!found) {
    return tl::unexpected(refusal_of(found.error(), missing_part(service, *line)));
  }
  return pack(tee, found->value);
}

Answer<QveIdentity> get_qve_identity() {
  const auto state = State::current();
  if (!state) return tl::unexpected(state.error());
  const auto found = get_document(
      **state, certification::EnclaveIdentityRequest{certification::EnclaveIdentity::kQve},
      SGX_QL_NO_QVE_IDENTITY_DATA);
  if (!found) return tl::unexpected(found.error());
  const auto identity = pack(base::as_text(found->body));
  if (!identity) return tl::unexpected(identity.error());
  const auto chain = pack(found->issuer_chain_pem);
  if (!chain) {
    std::free(identity->bytes);
    return tl::unexpected(chain.error());
  }
  return QveIdentity{*identity, *chain};
}

// The root that signs the identity of the QE says where its CRL is.
Answer<Text> get_root_ca_crl() {
  const auto state = State::current();
  if (!state) return tl::unexpected(state.error());
  const auto identity = get_document(
      **state, certification::EnclaveIdentityRequest{certification::EnclaveIdentity::kQe},
      SGX_QL_NO_QUOTE_COLLATERAL_DATA);
  if (!identity) return tl::unexpected(identity.error());
  const auto chain = collateral::CertificateChain::parse(identity->issuer_chain_pem);
  const crypto::Certificate* const root = chain ? chain->root() : nullptr;
  if (root == nullptr || root->crl_urls().empty()) {
    return refuse(SGX_QL_ERROR_UNEXPECTED, "the root names no address of its CRL");
  }
  const auto crl = get_document(**state, certification::RootCaCrlRequest{root->crl_urls().front()},
                                SGX_QL_NO_QUOTE_COLLATERAL_DATA);
  if (!crl) return tl::unexpected(crl.error());
  const std::string digits = base::to_hex(crl->body);
  if (digits.size() >= std::numeric_limits<std::uint16_t>::max()) {
    return refuse(SGX_QL_MESSAGE_ERROR, text("the CRL of the root has ", crl->body.size(),
                                             " bytes, more than this interface can give"));
  }
  return pack(digits);
}

}  // namespace quoted::quoteprov
