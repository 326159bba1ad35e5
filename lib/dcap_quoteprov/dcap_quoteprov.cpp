// The functions of libdcap_quoteprov.so.1 (quote-generation 7.2): which parameters are refused, and
// who does what is left.
#include <cstdlib>

#include "dcap_quoteprov/answers.h"
#include "dcap_quoteprov/kept_data.h"
#include "dcap_quoteprov/state.h"

namespace quoted::quoteprov {
namespace {

// Runs `get` and stores what it gives at `out`.
template <class Get>
quote3_error_t run_get(const char* function, void* out, const Get& get) noexcept {
  return run_call(function, [&]() -> Answer<void> {
    if (out == nullptr) return invalid("the place for the answer is NULL");
    const auto answer = get();
    if (!answer) return tl::unexpected(answer.error());
    store(out, *answer);
    return {};
  });
}

quote3_error_t give_back(void* block) noexcept {
  std::free(block);
  return SGX_QL_SUCCESS;
}

}  // namespace
}  // namespace quoted::quoteprov

using quoted::collateral::Tee;
using namespace quoted::quoteprov;

extern "C" {

quote3_error_t sgx_ql_get_quote_config(const sgx_ql_pck_cert_id_t* p_pck_cert_id,
                                       sgx_ql_config_t** pp_quote_config) {
  return run_get(__func__, pp_quote_config, [&] { return get_quote_config(p_pck_cert_id); });
}

quote3_error_t sgx_ql_free_quote_config(sgx_ql_config_t* p_quote_config) {
  return give_back(p_quote_config);
}

quote3_error_t sgx_ql_get_quote_verification_collateral(
    const uint8_t* fmspc, uint16_t fmspc_size, const char* pck_ca,
    sgx_ql_qve_collateral_t** pp_quote_collateral) {
  return run_get(__func__, pp_quote_collateral,
                 [&] { return get_collateral(Tee::kSgx, fmspc, fmspc_size, pck_ca); });
}

quote3_error_t sgx_ql_get_quote_verification_collateral_with_params(
    const uint8_t* fmspc, uint16_t fmspc_size, const char* pck_ca, const void* /*custom_param*/,
    uint16_t /*custom_param_length*/, sgx_ql_qve_collateral_t** pp_quote_collateral) {
  return run_get(__func__, pp_quote_collateral,
                 [&] { return get_collateral(Tee::kSgx, fmspc, fmspc_size, pck_ca); });
}

quote3_error_t sgx_ql_free_quote_verification_collateral(
    sgx_ql_qve_collateral_t* p_quote_collateral) {
  return give_back(p_quote_collateral);
}

quote3_error_t tdx_ql_get_quote_verification_collateral(
    const uint8_t* fmspc, uint16_t fmspc_size, const char* pck_ca,
    tdx_ql_qv_collateral_t** pp_quote_collateral) {
  return run_get(__func__, pp_quote_collateral,
                 [&] { return get_collateral(Tee::kTdx, fmspc, fmspc_size, pck_ca); });
}

quote3_error_t tdx_ql_get_quote_verification_collateral_with_params(
    const uint8_t* fmspc, uint16_t fmspc_size, const char* pck_ca, const void* /*custom_param*/,
    uint16_t /*custom_param_length*/, tdx_ql_qv_collateral_t** pp_quote_collateral) {
  return run_get(__func__, pp_quote_collateral,
                 [&] { return get_collateral(Tee::kTdx, fmspc, fmspc_size, pck_ca); });
}

quote3_error_t tdx_ql_free_quote_verification_collateral(
    tdx_ql_qv_collateral_t* p_quote_collateral) {
  return give_back(p_quote_collateral);
}

quote3_error_t sgx_ql_get_qve_identity(char** pp_qve_identity, uint32_t* p_qve_identity_size,
                                       char** pp_qve_identity_issuer_chain,
                                       uint32_t* p_qve_identity_issuer_chain_size) {
  return run_call(__func__, [&]() -> Answer<void> {
    if (pp_qve_identity == nullptr || p_qve_identity_size == nullptr ||
        pp_qve_identity_issuer_chain == nullptr || p_qve_identity_issuer_chain_size == nullptr) {
      return invalid("a place for a part of the answer is NULL");
    }
    const auto answer = get_qve_identity();
    if (!answer) return tl::unexpected(answer.error());
    store(pp_qve_identity, answer->identity.bytes);
    store(p_qve_identity_size, answer->identity.size);
    store(pp_qve_identity_issuer_chain, answer->issuer_chain.bytes);
    store(p_qve_identity_issuer_chain_size, answer->issuer_chain.size);
    return {};
  });
}

quote3_error_t sgx_ql_free_qve_identity(char* p_qve_identity, char* p_qve_identity_issuer_chain) {
  std::free(p_qve_identity);
  return give_back(p_qve_identity_issuer_chain);
}

quote3_error_t sgx_ql_get_root_ca_crl(uint8_t** pp_root_ca_crl, uint16_t* p_root_ca_crl_size) {
  return run_call(__func__, [&]() -> Answer<void> {
    if (pp_root_ca_crl == nullptr || p_root_ca_crl_size == nullptr) {
      return invalid("a place for a part of the answer is NULL");
    }
    const auto answer = get_root_ca_crl();
    if (!answer) return tl::unexpected(answer.error());
    store(pp_root_ca_crl, reinterpret_cast<std::uint8_t*>(answer->bytes));
    store(p_root_ca_crl_size, static_cast<std::uint16_t>(answer->size));
    return {};
  });
}

quote3_error_t sgx_ql_free_root_ca_crl(uint8_t* p_root_ca_crl) { return give_back(p_root_ca_crl); }

quote3_error_t sgx_ql_set_logging_callback(sgx_ql_logging_callback_t logger,
                                           sgx_ql_log_level_t level) {
  set_logger(logger, level);
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_set_logging_function(sgx_ql_logging_callback_t logger) {
  set_logger(logger, SGX_QL_LOG_INFO);
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_qpl_clear_cache(uint32_t cache_type) {
  return run_call(__func__, [&] { return clear_cache(cache_type); });
}

quote3_error_t sgx_qpl_global_init(void) {
  return run_call(__func__, []() -> Answer<void> {
    const auto state = State::current();
    if (!state) return tl::unexpected(state.error());
    return {};
  });
}

quote3_error_t sgx_qpl_global_cleanup(void) {
  return run_call(__func__, []() -> Answer<void> {
    State::forget();
    return {};
  });
}

quote3_error_t sgx_ql_read_persistent_data(uint8_t* p_buf, uint32_t* p_buf_size,
                                           const char* label) {
  return run_call(__func__, [&] { return read_kept(p_buf, p_buf_size, label); });
}

quote3_error_t sgx_ql_write_persistent_data(const uint8_t* p_buf, uint32_t buf_size,
                                            const char* label) {
  return run_call(__func__, [&] { return write_kept(p_buf, buf_size, label); });
}

}  // extern "C"
