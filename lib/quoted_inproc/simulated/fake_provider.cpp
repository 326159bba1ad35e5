// A quote provider library that answers what a test says.
#include <cstdint>
#include <cstring>

#include "quoted/dcap_quoteprov.h"

namespace {

sgx_ql_config_t answer{1, {}, 0, 0, nullptr};
quote3_error_t code = SGX_QL_SUCCESS;
int outstanding = 0;
int initialised = 0;
void (*hook)() = nullptr;

}  // namespace

extern "C" {

// `data` stays the caller's.
void fake_give(const std::uint8_t* cpu_svn, std::uint16_t pce_isv_svn, std::uint8_t* data,
               std::uint32_t size) {
  std::memcpy(answer.cert_cpu_svn, cpu_svn, sizeof(answer.cert_cpu_svn));
  answer.cert_pce_isv_svn = pce_isv_svn;
  answer.p_cert_data = data;
  answer.cert_data_size = size;
}
void fake_version(std::uint32_t version) { answer.version = version; }
void fake_fail(std::uint32_t with) { code = static_cast<quote3_error_t>(with); }
void fake_during_a_call(void (*during)()) { hook = during; }
int fake_outstanding() { return outstanding; }
int fake_initialised() { return initialised; }

quote3_error_t sgx_qpl_global_init() {
  initialised = 1;
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_get_quote_config(const sgx_ql_pck_cert_id_t* id, sgx_ql_config_t** config) {
  if (hook != nullptr) hook();
  std::uint16_t pce_isv_svn = 0;
  std::memcpy(&pce_isv_svn, id->p_platform_pce_isv_svn, sizeof(pce_isv_svn));
  if (id->qe3_id_size != 16 || id->encrypted_ppid_size != 384 || id->crypto_suite != 1 ||
      id->pce_id != 0 || id->p_platform_cpu_svn == nullptr || pce_isv_svn == 0) {
    return SGX_QL_ERROR_INVALID_PARAMETER;
  }
  if (code != SGX_QL_SUCCESS) return code;
  *config = new sgx_ql_config_t(answer);
  ++outstanding;
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_free_quote_config(sgx_ql_config_t* config) {
  delete config;
  --outstanding;
  return SGX_QL_SUCCESS;
}

}  // extern "C"
