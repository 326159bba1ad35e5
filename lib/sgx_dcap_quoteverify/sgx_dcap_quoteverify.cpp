// The functions of libsgx_dcap_quoteverify.so.1 (quote-verification 19): which parameters are
// refused, and who does what is left.
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "sgx_dcap_quoteverify/documents.h"
#include "sgx_dcap_quoteverify/platform.h"
#include "sgx_dcap_quoteverify/provider.h"
#include "sgx_dcap_quoteverify/verify.h"

namespace quoted::quoteverify {
namespace {

using base::text;

constexpr std::uint32_t kSupplementalSize = sizeof(verification::Supplemental);
constexpr std::uint32_t kSupplementalVersion = 0x00030003;  // the major version in the lower half

Answer<void> supplemental_size(std::uint32_t* size) {
  if (size == nullptr) return invalid("the pointer for the size is NULL");
  store(size, kSupplementalSize);
  return {};
}

Answer<void> supplemental_version(const std::uint8_t* quote, std::uint32_t quote_size,
                                  std::uint32_t* version, std::uint32_t* size) {
  if (const auto read = read_quote(quote, quote_size); !read) return tl::unexpected(read.error());
  store_if(version, kSupplementalVersion);
  return supplemental_size(size);
}

Answer<void> fmspc_of(const std::uint8_t* quote, std::uint32_t quote_size, std::uint8_t* fmspc,
                      std::uint32_t room) {
  const auto read = read_quote(quote, quote_size);
  if (!read) return tl::unexpected(read.error());
  if (fmspc == nullptr || room < sgx::Fmspc::kSize) {
    return invalid(text("room for ", room, " bytes, an FMSPC has ", sgx::Fmspc::kSize));
  }
  const auto platform = platform_of(*read);
  if (!platform) return tl::unexpected(platform.error());
  store(fmspc, platform->fmspc);
  return {};
}

// Structure and parts in one piece of memory, so that free() is all that it takes to give it back.
Answer<void> copy_collateral(const void* provided, std::uint8_t** out, std::uint32_t* out_size) {
  const auto documents = read_documents(provided);
  if (!documents) return tl::unexpected(documents.error());
  std::size_t size = sizeof(sgx_ql_qve_collateral_t);
  for (const base::ByteView part : *documents) size += part.size() + 1;
  auto* const block = static_cast<char*>(std::malloc(size));
  if (block == nullptr) return refuse(SGX_QL_ERROR_OUT_OF_MEMORY, "out of memory");

  auto head = load<sgx_ql_qve_collateral_t>(provided);
  char* end = block + sizeof(head);
  // Behind every part is a NUL. Only the sizes of texts count it: those of CRLs already do where
  // the provider's did, and a CRL with two of them is none.
  const auto add = [&end](base::ByteView part, char*& place, std::uint32_t& place_size,
                          std::size_t counted) {
    place = end;
    place_size = static_cast<std::uint32_t>(part.size() + counted);
    std::memcpy(end, part.data(), part.size());
    end[part.size()] = '\0';
    end += part.size() + 1;
  };
  const Documents& parts = *documents;
  add(parts[0], head.pck_crl_issuer_chain, head.pck_crl_issuer_chain_size, 1);
  add(parts[1], head.root_ca_crl, head.root_ca_crl_size, 0);
  add(parts[2], head.pck_crl, head.pck_crl_size, 0);
  add(parts[3], head.tcb_info_issuer_chain, head.tcb_info_issuer_chain_size, 1);
  add(parts[4], head.tcb_info, head.tcb_info_size, 1);
  add(parts[5], head.qe_identity_issuer_chain, head.qe_identity_issuer_chain_size, 1);
  add(parts[6], head.qe_identity, head.qe_identity_size, 1);
  store(block, head);
  store(out, block);
  store(out_size, static_cast<std::uint32_t>(size));
  return {};
}

Answer<void> get_collateral(const std::uint8_t* quote, std::uint32_t quote_size, std::uint8_t** out,
                            std::uint32_t* out_size) {
  const auto read = read_quote(quote, quote_size);
  if (!read) return tl::unexpected(read.error());
  if (out == nullptr || out_size == nullptr) return invalid("a pointer for the collateral is NULL");
  if (load<std::uint8_t*>(out) != nullptr) {
    return invalid("the pointer that is to receive the collateral is not NULL");
  }
  const auto platform = platform_of(*read);
  if (!platform) return tl::unexpected(platform.error());
  const auto provided = fetch_collateral(*platform);
  if (!provided) return tl::unexpected(provided.error());
  return copy_collateral(provided->get(), out, out_size);
}

Answer<void> free_collateral(std::uint8_t* collateral) {
  if (collateral == nullptr) return invalid("the collateral is NULL");
  std::free(collateral);
  return {};
}

// One for each of the two enclaves.
constinit std::atomic<bool> qve_policy_chosen = false;
constinit std::atomic<bool> qae_policy_chosen = false;

Answer<void> choose_policy(std::atomic<bool>& chosen, std::uint32_t policy) {
  if (policy > SGX_QL_PERSISTENT_QVE_MULTI_THREAD) {
    return refuse(SGX_QL_UNSUPPORTED_LOADING_POLICY, text(policy, " is no loading policy"));
  }
  if (chosen.exchange(true)) {
    return refuse(SGX_QL_UNSUPPORTED_LOADING_POLICY, "a loading policy was chosen before");
  }
  return {};
}

struct QvePlaces {
  std::uint8_t** identity;
  std::uint32_t* identity_size;
  std::uint8_t** issuer_chain;
  std::uint32_t* issuer_chain_size;
  std::uint8_t** root_ca_crl;
  std::uint16_t* root_ca_crl_size;
};

Answer<void> get_qve_identity(const QvePlaces& out) {
  if (out.identity == nullptr || out.identity_size == nullptr || out.issuer_chain == nullptr ||
      out.issuer_chain_size == nullptr || out.root_ca_crl == nullptr ||
      out.root_ca_crl_size == nullptr) {
    return invalid("a pointer for the identity is NULL");
  }
  const auto found = fetch_qve_identity();
  if (!found) return tl::unexpected(found.error());
  store(out.identity, found->identity);
  store(out.identity_size, found->identity_size);
  store(out.issuer_chain, found->issuer_chain);
  store(out.issuer_chain_size, found->issuer_chain_size);
  store(out.root_ca_crl, found->root_ca_crl);
  store(out.root_ca_crl_size, found->root_ca_crl_size);
  return {};
}

Answer<void> set_path(std::uint32_t type, const char* path) {
  if (type != SGX_QV_QVE_PATH && type != SGX_QV_QPL_PATH) {
    return invalid(text("there is no path of type ", type));
  }
  if (const auto checked = check_path(path); !checked) return checked;
  if (type == SGX_QV_QPL_PATH) set_provider_path(path);
  return {};
}

Answer<void> verify_into_token(const std::uint8_t* quote, std::uint32_t quote_size,
                               const void* collateral, const std::uint8_t* user_data,
                               std::uint32_t* token_size, std::uint8_t** token) {
  constexpr std::size_t kMaxUserData = 128;
  if (const auto read = read_quote(quote, quote_size); !read) return tl::unexpected(read.error());
  if (token_size == nullptr || token == nullptr) return invalid("a pointer for the token is NULL");
  store(token_size, std::uint32_t{0});
  store(token, static_cast<std::uint8_t*>(nullptr));
  if (user_data != nullptr && std::memchr(user_data, 0, kMaxUserData + 1) == nullptr) {
    return invalid(text("the user data have more than ", kMaxUserData, " characters"));
  }
  if (collateral != nullptr) {
    if (const auto documents = read_documents(collateral); !documents) {
      return tl::unexpected(documents.error());
    }
  }
  return refuse(SGX_QL_ERROR_UNEXPECTED, "verification result tokens are not made here");
}

}  // namespace
}  // namespace quoted::quoteverify

namespace qv = quoted::quoteverify;

extern "C" {

quote3_error_t sgx_qv_verify_quote(const uint8_t* p_quote, uint32_t quote_size,
                                   const sgx_ql_qve_collateral_t* p_quote_collateral,
                                   time_t expiration_check_date,
                                   uint32_t* p_collateral_expiration_status,
                                   sgx_ql_qv_result_t* p_quote_verification_result,
                                   sgx_ql_qe_report_info_t* p_qve_report_info,
                                   uint32_t supplemental_data_size, uint8_t* p_supplemental_data) {
  return qv::run_call("sgx_qv_verify_quote", [&] {
    return qv::verify(
        {p_quote, quote_size, p_quote_collateral, expiration_check_date,
         p_collateral_expiration_status, p_quote_verification_result, p_qve_report_info},
        qv::read_room(supplemental_data_size, p_supplemental_data));
  });
}

quote3_error_t tdx_qv_verify_quote(const uint8_t* p_quote, uint32_t quote_size,
                                   const tdx_ql_qv_collateral_t* p_quote_collateral,
                                   time_t expiration_check_date,
                                   uint32_t* p_collateral_expiration_status,
                                   sgx_ql_qv_result_t* p_quote_verification_result,
                                   sgx_ql_qe_report_info_t* p_qve_report_info,
                                   uint32_t supplemental_data_size, uint8_t* p_supplemental_data) {
  return qv::run_call("tdx_qv_verify_quote", [&] {
    return qv::verify(
        {p_quote, quote_size, p_quote_collateral, expiration_check_date,
         p_collateral_expiration_status, p_quote_verification_result, p_qve_report_info},
        qv::read_room(supplemental_data_size, p_supplemental_data));
  });
}

quote3_error_t tee_verify_quote(const uint8_t* p_quote, uint32_t quote_size,
                                const uint8_t* p_quote_collateral, time_t expiration_check_date,
                                uint32_t* p_collateral_expiration_status,
                                sgx_ql_qv_result_t* p_quote_verification_result,
                                sgx_ql_qe_report_info_t* p_qve_report_info,
                                tee_supp_data_descriptor_t* p_supp_data_descriptor) {
  return qv::run_call("tee_verify_quote", [&] {
    return qv::verify(
        {p_quote, quote_size, p_quote_collateral, expiration_check_date,
         p_collateral_expiration_status, p_quote_verification_result, p_qve_report_info},
        qv::read_descriptor(p_supp_data_descriptor));
  });
}

quote3_error_t sgx_qv_get_quote_supplemental_data_size(uint32_t* p_data_size) {
  return qv::run_call("sgx_qv_get_quote_supplemental_data_size",
                      [&] { return qv::supplemental_size(p_data_size); });
}

quote3_error_t tdx_qv_get_quote_supplemental_data_size(uint32_t* p_data_size) {
  return qv::run_call("tdx_qv_get_quote_supplemental_data_size",
                      [&] { return qv::supplemental_size(p_data_size); });
}

quote3_error_t tee_get_supplemental_data_version_and_size(const uint8_t* p_quote,
                                                          uint32_t quote_size, uint32_t* p_version,
                                                          uint32_t* p_data_size) {
  return qv::run_call("tee_get_supplemental_data_version_and_size", [&] {
    return qv::supplemental_version(p_quote, quote_size, p_version, p_data_size);
  });
}

quote3_error_t tee_get_fmspc_from_quote(const uint8_t* p_quote, uint32_t quote_size,
                                        uint8_t* p_fmspc_from_quote,
                                        uint32_t fmspc_from_quote_size) {
  return qv::run_call("tee_get_fmspc_from_quote", [&] {
    return qv::fmspc_of(p_quote, quote_size, p_fmspc_from_quote, fmspc_from_quote_size);
  });
}

quote3_error_t tee_qv_get_collateral(const uint8_t* p_quote, uint32_t quote_size,
                                     uint8_t** pp_quote_collateral, uint32_t* p_collateral_size) {
  return qv::run_call("tee_qv_get_collateral", [&] {
    return qv::get_collateral(p_quote, quote_size, pp_quote_collateral, p_collateral_size);
  });
}

quote3_error_t tee_qv_free_collateral(uint8_t* p_quote_collateral) {
  return qv::run_call("tee_qv_free_collateral",
                      [&] { return qv::free_collateral(p_quote_collateral); });
}

quote3_error_t sgx_qv_set_enclave_load_policy(sgx_ql_request_policy_t policy) {
  return qv::run_call("sgx_qv_set_enclave_load_policy", [&] {
    return qv::choose_policy(qv::qve_policy_chosen, static_cast<std::uint32_t>(policy));
  });
}

quote3_error_t sgx_qae_set_enclave_load_policy(sgx_ql_request_policy_t policy) {
  return qv::run_call("sgx_qae_set_enclave_load_policy", [&] {
    return qv::choose_policy(qv::qae_policy_chosen, static_cast<std::uint32_t>(policy));
  });
}

quote3_error_t sgx_qv_get_qve_identity(uint8_t** pp_qveid, uint32_t* p_qveid_size,
                                       uint8_t** pp_qveid_issue_chain,
                                       uint32_t* p_qveid_issue_chain_size, uint8_t** pp_root_ca_crl,
                                       uint16_t* p_root_ca_crl_size) {
  return qv::run_call("sgx_qv_get_qve_identity", [&] {
    return qv::get_qve_identity({pp_qveid, p_qveid_size, pp_qveid_issue_chain,
                                 p_qveid_issue_chain_size, pp_root_ca_crl, p_root_ca_crl_size});
  });
}

quote3_error_t sgx_qv_free_qve_identity(uint8_t* p_qveid, uint8_t* p_qveid_issue_chain,
                                        uint8_t* p_root_ca_crl) {
  return qv::run_call("sgx_qv_free_qve_identity", [&] {
    return qv::free_qve_identity({.identity = reinterpret_cast<char*>(p_qveid),
                                  .issuer_chain = reinterpret_cast<char*>(p_qveid_issue_chain),
                                  .root_ca_crl = p_root_ca_crl});
  });
}

quote3_error_t sgx_qv_set_path(sgx_qv_path_type_t path_type, const char* p_path) {
  return qv::run_call("sgx_qv_set_path",
                      [&] { return qv::set_path(static_cast<std::uint32_t>(path_type), p_path); });
}

quote3_error_t tee_verify_quote_qvt(const uint8_t* p_quote, uint32_t quote_size,
                                    const sgx_ql_qve_collateral_t* p_quote_collateral,
                                    const sgx_ql_qe_report_info_t* p_qve_report_info,
                                    const uint8_t* p_user_data,
                                    uint32_t* p_verification_result_token_buffer_size,
                                    uint8_t** p_verification_result_token) {
  (void)p_qve_report_info;
  return qv::run_call("tee_verify_quote_qvt", [&] {
    return qv::verify_into_token(p_quote, quote_size, p_quote_collateral, p_user_data,
                                 p_verification_result_token_buffer_size,
                                 p_verification_result_token);
  });
}

quote3_error_t tee_free_verify_quote_qvt(uint8_t* p_verification_result_token,
                                         uint32_t* p_verification_result_token_buffer_size) {
  (void)p_verification_result_token;
  (void)p_verification_result_token_buffer_size;
  return qv::run_call("tee_free_verify_quote_qvt",
                      []() -> qv::Answer<void> { return qv::invalid("there is no such token"); });
}

}  // extern "C"
