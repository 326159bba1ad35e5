#include "sgx_dcap_ql/out_of_process.h"

#include <dlfcn.h>

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "sgx/attestation_key_id.h"
#include "sgx_dcap_ql/opened_library.h"

namespace quoted::dcap_ql::out_of_process {
namespace {

using base::hex_number;
using base::text;

constinit OpenedLibrary quote_ex("libsgx_quote_ex.so.1");
constinit std::atomic<bool> mode_was_said = false;

constexpr std::size_t kKeyIdSize = 32;

TraceVariables trace_variables(void* library) {
  return {.callback = static_cast<decltype(TraceVariables::callback)>(
              ::dlsym(library, "sgx_trace_logger_callback")),
          .level = static_cast<std::int32_t*>(::dlsym(library, "sgx_trace_loglevel"))};
}

[[gnu::destructor]] void close_quote_ex() {
  if (void* const library = quote_ex.opened()) take_callback_back(trace_variables(library));
  quote_ex.close();
}

// The same as when nobody serves: callers handle that one (aesm-protocol 7.5).
template <class Function>
Answer<Function*> find(const char* name) {
  void* const library = quote_ex.open();
  if (library == nullptr) {
    return refuse_for(
        ErrorCode::kLibraryMissing,
        text(quote_ex.name(), ", by which the service is asked, cannot be loaded (", loader_error(),
             "); install the package libquoted-quote-ex, or Intel's libsgx-quote-ex"));
  }
  lend_callback(trace_variables(library));
  void* const symbol = ::dlsym(library, name);
  if (symbol == nullptr) {
    return refuse_for(ErrorCode::kLibraryForeign, SGX_QL_SERVICE_UNAVAILABLE,
                      text(file_of(library), " has no function ", name,
                           "; install another release of the package it came from"));
  }
  say_once(mode_was_said, Level::kInfo, [library] {
    return text("quotes come from the service of this machine, by ", file_of(library),
                ", because SGX_AESM_ADDR was set when the library was loaded");
  });
  return reinterpret_cast<Function*>(symbol);
}

// aesm-protocol 7.5; by number, as libsgx_quote_ex may be another than ours.
quote3_error_t meaning_of(std::uint32_t status) {
  switch (status) {
    case 0x0000:
      return SGX_QL_SUCCESS;
    case 0x0002:
      return SGX_QL_ERROR_INVALID_PARAMETER;
    case 0x0003:
      return SGX_QL_ERROR_OUT_OF_MEMORY;
    case 0x2006:
      return SGX_QL_NO_DEVICE;
    case 0x4001:
      return SGX_QL_SERVICE_UNAVAILABLE;
    case 0x4002:
      return SGX_QL_SERVICE_TIMEOUT;
    case 0x4007:
      return SGX_QL_NETWORK_FAILURE;
    case 0x400a:
      return SGX_QL_ERROR_BUSY;
    case 0x8001:
      return SGX_QL_UNSUPPORTED_ATT_KEY_ID;
    case 0x8002:
      return SGX_QL_ATT_KEY_CERT_DATA_INVALID;
    case 0x8003:
      return SGX_QL_ATT_KEY_NOT_INITIALIZED;
    case 0x8005:
      return SGX_QL_NO_PLATFORM_CERT_DATA;
    default:
      return SGX_QL_ERROR_UNEXPECTED;
  }
}

Answer<void> answer_for(const char* function, sgx_status_t status) {
  const auto number = static_cast<std::uint32_t>(status);
  const quote3_error_t meaning = meaning_of(number);
  if (meaning == SGX_QL_SUCCESS) return {};
  return refuse(meaning, text(function, " of ", quote_ex.name(), " returned ", hex_number(number)));
}

sgx_att_key_id_t key() {
  const sgx::AttestationKeyId id = sgx::ecdsa_p256_key_id();
  sgx_att_key_id_t out;
  static_assert(sizeof(out) == sizeof(id));
  std::memcpy(&out, &id, sizeof(out));
  return out;
}

}  // namespace

Answer<void> get_target_info(sgx_target_info_t* target_info) {
  constexpr const char* kName = "sgx_init_quote_ex";
  const auto init = find<decltype(sgx_init_quote_ex)>(kName);
  if (!init) return tl::unexpected(init.error());

  const sgx_att_key_id_t id = key();
  // The original leaves it uninitialised, and the service gets a piece of its stack.
  std::size_t size = 0;
  if (auto first = answer_for(kName, (*init)(&id, target_info, &size, nullptr)); !first) {
    std::memset(static_cast<void*>(target_info), 0, sizeof(*target_info));
    return first;
  }
  if (size != kKeyIdSize) {
    return refuse(SGX_QL_ERROR_UNEXPECTED, text("the service has key ids of ", size,
                                                " bytes, those of ECDSA have ", kKeyIdSize));
  }
  std::array<std::uint8_t, kKeyIdSize> key_id{};
  return answer_for(kName, (*init)(&id, target_info, &size, key_id.data()));
}

Answer<void> get_quote_size(std::uint32_t* size) {
  constexpr const char* kName = "sgx_get_quote_size_ex";
  const auto get = find<decltype(sgx_get_quote_size_ex)>(kName);
  if (!get) return tl::unexpected(get.error());
  const sgx_att_key_id_t id = key();
  return answer_for(kName, (*get)(&id, size));
}

Answer<void> get_quote(const sgx_report_t* report, std::uint32_t size, std::uint8_t* quote) {
  constexpr const char* kName = "sgx_get_quote_ex";
  const auto get = find<decltype(sgx_get_quote_ex)>(kName);
  if (!get) return tl::unexpected(get.error());
  const sgx_att_key_id_t id = key();
  return answer_for(kName, (*get)(report, &id, nullptr, quote, size));
}

void callback_changed() noexcept {
  if (void* const library = quote_ex.opened()) lend_callback(trace_variables(library));
}

}  // namespace quoted::dcap_ql::out_of_process
