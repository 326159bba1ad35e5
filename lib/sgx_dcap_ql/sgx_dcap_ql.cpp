// The seven functions of libsgx_dcap_ql.so.1 (aesm-protocol 7.2): what is refused in either mode,
// and which of them serves.
#include <cstring>

#include "sgx_dcap_ql/in_process.h"
#include "sgx_dcap_ql/mode.h"
#include "sgx_dcap_ql/out_of_process.h"

namespace quoted::dcap_ql {
namespace {

bool asks_the_service() { return mode() == Mode::kOutOfProcess; }

// What belongs to the enclaves of this process.
template <class Body>
Answer<void> only_in_process(const Body& body) {
  if (!asks_the_service()) return body();
  return refuse_for(
      ErrorCode::kUnsupportedMode,
      "SGX_AESM_ADDR was set when the library was loaded, so the enclaves are those of the "
      "service; leave the call out, or unset the variable before the program starts");
}

Answer<void> get_target_info(sgx_target_info_t* target_info) {
  if (target_info == nullptr) return invalid("p_qe_target_info is NULL");
  std::memset(static_cast<void*>(target_info), 0, sizeof(*target_info));
  return asks_the_service() ? out_of_process::get_target_info(target_info)
                            : in_process::get_target_info(target_info);
}

Answer<void> get_quote_size(std::uint32_t* size) {
  if (size == nullptr) return invalid("p_quote_size is NULL");
  return asks_the_service() ? out_of_process::get_quote_size(size)
                            : in_process::get_quote_size(size);
}

Answer<void> get_quote(const sgx_report_t* report, std::uint32_t size, std::uint8_t* quote) {
  if (report == nullptr) return invalid("p_app_report is NULL");
  if (quote == nullptr) return invalid("p_quote is NULL");
  return asks_the_service() ? out_of_process::get_quote(report, size, quote)
                            : in_process::get_quote(report, size, quote);
}

}  // namespace
}  // namespace quoted::dcap_ql

namespace ql = quoted::dcap_ql;

extern "C" {

quote3_error_t sgx_qe_set_enclave_load_policy(sgx_ql_request_policy_t policy) {
  return ql::run_call("sgx_qe_set_enclave_load_policy", [&] {
    return ql::only_in_process(
        [&] { return ql::in_process::set_load_policy(static_cast<std::uint32_t>(policy)); });
  });
}

quote3_error_t sgx_qe_get_target_info(sgx_target_info_t* p_qe_target_info) {
  return ql::run_call("sgx_qe_get_target_info",
                      [&] { return ql::get_target_info(p_qe_target_info); });
}

quote3_error_t sgx_qe_get_quote_size(std::uint32_t* p_quote_size) {
  return ql::run_call("sgx_qe_get_quote_size", [&] { return ql::get_quote_size(p_quote_size); });
}

quote3_error_t sgx_qe_get_quote(const sgx_report_t* p_app_report, std::uint32_t quote_size,
                                std::uint8_t* p_quote) {
  return ql::run_call("sgx_qe_get_quote",
                      [&] { return ql::get_quote(p_app_report, quote_size, p_quote); });
}

quote3_error_t sgx_qe_cleanup_by_policy() {
  return ql::run_call("sgx_qe_cleanup_by_policy",
                      [] { return ql::only_in_process([]() -> ql::Answer<void> { return {}; }); });
}

quote3_error_t sgx_ql_set_path(sgx_ql_path_type_t path_type, const char* p_path) {
  return ql::run_call("sgx_ql_set_path", [&] {
    return ql::only_in_process(
        [&] { return ql::in_process::set_path(static_cast<std::uint32_t>(path_type), p_path); });
  });
}

quote3_error_t sgx_ql_set_trace_callback(sgx_ql_logging_callback_t logger,
                                         sgx_ql_log_level_t level) {
  return ql::run_call("sgx_ql_set_trace_callback", [&]() -> ql::Answer<void> {
    ql::set_callback(logger, level);
    ql::out_of_process::callback_changed();
    return {};
  });
}

}  // extern "C"
