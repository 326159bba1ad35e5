#include "quoted_inproc/intel_codes.h"

#include "base/hex.h"
#include "drop_in/explained.h"

namespace quoted::inproc {
namespace {

using base::ErrorCode;
using base::text;
using drop_in::refuse_for;
using drop_in::with_remedy;

constexpr std::uint32_t kFirstQuote3 = SGX_QL_ERROR_UNEXPECTED;
constexpr std::uint32_t kLastQuote3 = SGX_QL_ERROR_MAX;

// The parameter error of the enclave and of the SDK; the size query hides it.
quote3_error_t parameter_error(IntelCall call) {
  return call == IntelCall::kSize ? SGX_QL_ERROR_UNEXPECTED : SGX_QL_ERROR_INVALID_PARAMETER;
}

std::string provider_advice(std::string_view answer) {
  return text(answer,
              "; that came from the provider library libdcap_quoteprov.so.1, see its settings, or "
              "install the package libquoted-dcap-default-qpl or Intel's libsgx-dcap-default-qpl");
}

std::string pce_advice(std::string_view answer, const std::optional<std::string>& obstacle) {
  if (obstacle) {
    return with_remedy(ErrorCode::kProvisioningRefused, text(answer, ": ", *obstacle));
  }
  return text(answer,
              ": the PCE cannot be loaded; install the package libsgx-ae-pce, or correct the path "
              "that was set");
}

}  // namespace

quote3_error_t quote3_code(IntelCall call, std::uint32_t code) {
  if (code == 0) return SGX_QL_SUCCESS;
  if (code >= kFirstQuote3 && code <= kLastQuote3) return static_cast<quote3_error_t>(code);
  switch (code) {
    case 0xD002:
    case 0x0002:
      return parameter_error(call);
    case 0xD003:
      return call == IntelCall::kSize ? SGX_QL_ERROR_UNEXPECTED : SGX_QL_ERROR_OUT_OF_MEMORY;
    case 0x0003:
      return SGX_QL_ERROR_OUT_OF_MEMORY;
    case 0xD008:
      return call == IntelCall::kQuote ? SGX_QL_INVALID_REPORT : SGX_QL_ERROR_UNEXPECTED;
    case 0xD009:
      return call == IntelCall::kQuote ? SGX_QL_UNABLE_TO_GENERATE_QE_REPORT
                                       : SGX_QL_ERROR_UNEXPECTED;
    case 0x0004:
      return SGX_QL_ENCLAVE_LOST;
    case 0x2005:
      return SGX_QL_OUT_OF_EPC;
    case 0x2000:
    case 0x2001:
    case 0x2002:
    case 0x2003:
    case 0x2004:
    case 0x2006:
    case 0x2007:
    case 0x2009:
    case 0x200C:
    case 0x200D:
    case 0x200E:
    case 0x200F:
    case 0x2010:
    case 0x3002:
      return SGX_QL_ENCLAVE_LOAD_ERROR;
    case 0x4004:
      return SGX_QL_ERROR_INVALID_PRIVILEGE;
    default:
      return SGX_QL_ERROR_UNEXPECTED;
  }
}

quote3_error_t quote3_code_of_pce(std::uint32_t code) {
  switch (code) {
    case 0:
    case 0xF000:
      return SGX_QL_SUCCESS;
    case 0xF003:
      return SGX_QL_OUT_OF_EPC;
    case 0xF004:
      return SGX_QL_INTERFACE_UNAVAILABLE;
    case 0xF007:
      return SGX_QL_ERROR_INVALID_PRIVILEGE;
    case 0xF008:
      return SGX_QL_KEY_CERTIFCATION_ERROR;
    default:
      return SGX_QL_ERROR_UNEXPECTED;
  }
}

tl::unexpected<drop_in::Refusal> intel_refusal(IntelCall call, const char* function,
                                               quote3_error_t code, const Devices& devices) {
  const std::string answer =
      text("Intel's ", function, " returned ", base::hex_number(static_cast<std::uint32_t>(code)));
  switch (code) {
    case SGX_QL_ERROR_INVALID_PARAMETER:
      return refuse_for(ErrorCode::kInvalidArgument, code,
                        text(answer, call == IntelCall::kQuote
                                         ? "; the buffer may be smaller than the quote, ask "
                                           "sgx_qe_get_quote_size again"
                                         : "; it does not take what it was given"));
    case SGX_QL_INTERFACE_UNAVAILABLE: {
      const auto obstacle = provisioning_obstacle(devices);
      return refuse_for(
          obstacle ? ErrorCode::kProvisioningRefused : ErrorCode::kEnclaveFileUnusable, code,
          pce_advice(answer, obstacle));
    }
    case SGX_QL_ERROR_INVALID_PRIVILEGE:
      return refuse_for(ErrorCode::kProvisioningRefused, code,
                        with_remedy(ErrorCode::kProvisioningRefused,
                                    text(answer, ": ",
                                         provisioning_obstacle(devices).value_or(
                                             "the kernel refuses the provisioning key"))));
    case SGX_QL_ENCLAVE_LOAD_ERROR:
      return refuse_for(
          ErrorCode::kEnclaveFileUnusable,
          text(answer,
               ": the Quoting Enclave or the ID enclave cannot be loaded; install the packages "
               "libsgx-ae-qe3 and libsgx-ae-id-enclave, correct the path that was set, or remount "
               "/dev with exec"));
    case SGX_QL_OUT_OF_EPC:
      return refuse_for(ErrorCode::kOutOfEpc, with_remedy(ErrorCode::kOutOfEpc, answer));
    case SGX_QL_ENCLAVE_LOST:
      return refuse_for(ErrorCode::kEnclaveLost, with_remedy(ErrorCode::kEnclaveLost, answer));
    case SGX_QL_ATT_KEY_NOT_INITIALIZED:
      return refuse_for(ErrorCode::kAttestationKeyNotInitialized,
                        text(answer,
                             "; call sgx_qe_get_target_info, make a new report and ask "
                             "again"));
    case SGX_QL_INVALID_REPORT:
      return drop_in::refuse(code,
                             text(answer,
                                  "; the report was made for another enclave or machine, make "
                                  "one for the answer of sgx_qe_get_target_info"));
    case SGX_QL_UNSUPPORTED_LOADING_POLICY:
      return refuse_for(ErrorCode::kUnsupportedLoadPolicy,
                        with_remedy(ErrorCode::kUnsupportedLoadPolicy, answer));
    case SGX_QL_ATT_KEY_CERT_DATA_INVALID:
    case SGX_QL_NO_PLATFORM_CERT_DATA:
    case SGX_QL_KEY_CERTIFCATION_ERROR:
    case SGX_QL_NETWORK_ERROR:
    case SGX_QL_MESSAGE_ERROR:
      return drop_in::refuse(code, provider_advice(answer));
    default:
      // quote-generation 8.3: beyond these only a provider has codes.
      if (code >= SGX_QL_SERVICE_UNAVAILABLE) return drop_in::refuse(code, provider_advice(answer));
      return drop_in::refuse(
          code, text(answer,
                     "; the packages libsgx-qe3-logic, libsgx-pce-logic and the enclaves "
                     "must be of one version"));
  }
}

}  // namespace quoted::inproc
