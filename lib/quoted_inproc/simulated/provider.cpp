#include "quoted_inproc/simulated/provider.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/hex.h"
#include "base/stderr_line.h"
#include "base/text.h"
#include "drop_in/fork_gate.h"
#include "quote/certification_data.h"

// What it declares is the interface of another library.
#pragma GCC visibility push(default)
#include "quoted/dcap_quoteprov.h"
#pragma GCC visibility pop

namespace quoted::inproc {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using drop_in::ForkGate;

constexpr std::array kUsualNames{"libdcap_quoteprov.so.1", "libdcap_quoteprov.so"};
constexpr const char* kGetConfig = "sgx_ql_get_quote_config";
constexpr std::uint32_t kConfigVersion = 1;
constexpr auto kDataInvalid = static_cast<quote3_error_t>(0xE010);

// That quotes come without a certificate is no error, but seldom what somebody wants.
void tell(const std::string& message) {
  const char* const wanted = ::secure_getenv("QUOTED_DEBUG");
  if (wanted == nullptr || *wanted == '\0') return;
  base::write_stderr_line("libquoted_inproc", message.c_str());
}

std::string loader_error() {
  const char* const reason = ::dlerror();
  return reason == nullptr ? "no reason given" : reason;
}

template <class Function>
Function* find(void* library, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(library, name));
}

tl::unexpected<base::Error> refused(quote3_error_t code, std::string message) {
  return fail(base::Error(ErrorCode::kInternal, std::move(message))
                  .with_peer_code(static_cast<std::uint32_t>(code)));
}

}  // namespace

struct Provider::Functions {
  quote3_error_t (*get)(const sgx_ql_pck_cert_id_t* id, sgx_ql_config_t** config) = nullptr;
  quote3_error_t (*free)(sgx_ql_config_t* config) = nullptr;
};

Provider::~Provider() {
  if (library_ != nullptr) ::dlclose(library_);
}

namespace {

// The constructors of a library are other people's code.
void* load(const char* name) {
  const ForkGate::Outside outside;
  return ::dlopen(name, RTLD_LAZY);
}

void unload(void* library) {
  const ForkGate::Outside outside;
  ::dlclose(library);
}

}  // namespace

bool Provider::open_usual() const {
  for (const char* const name : kUsualNames) {
    library_ = load(name);
    if (library_ != nullptr) break;
  }
  if (library_ == nullptr) {
    tell(text("quotes carry no certificate, because there is no provider library: ",
              loader_error()));
    return false;
  }
  auto* const init = find<quote3_error_t()>(library_, "sgx_qpl_global_init");
  if (init == nullptr) return true;
  const quote3_error_t code = [init] {
    const ForkGate::Outside outside;
    return init();
  }();
  if (code == SGX_QL_SUCCESS) return true;
  tell(text("quotes carry no certificate, because the provider's sgx_qpl_global_init returns ",
            base::hex_number(static_cast<std::uint32_t>(code))));
  unload(std::exchange(library_, nullptr));
  return false;
}

bool Provider::open() const {
  if (library_ != nullptr) return true;
  // quote-generation 7.1: one that was named is not initialised.
  if (path_.empty()) return open_usual();
  library_ = load(path_.c_str());
  if (library_ != nullptr) return true;
  tell(
      text("quotes carry no certificate, because the provider cannot be opened: ", loader_error()));
  return false;
}

Provider::Functions Provider::functions() const {
  if (!open()) return {};
  Functions out;
  out.get =
      find<quote3_error_t(const sgx_ql_pck_cert_id_t*, sgx_ql_config_t**)>(library_, kGetConfig);
  out.free = find<quote3_error_t(sgx_ql_config_t*)>(library_, "sgx_ql_free_quote_config");
  if (out.get != nullptr && out.free != nullptr) return out;
  tell(text("quotes carry no certificate, because the provider library lacks ",
            out.get == nullptr ? kGetConfig : "sgx_ql_free_quote_config"));
  return {};
}

Result<simulation::PckCertification> Provider::pck_certification(
    const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
    const sgx::CpuSvn& raw_cpu_svn, const simulation::PceInfo& raw_pce_info) const {
  const Functions provider = functions();
  simulation::PckCertification out;
  out.pce_info = raw_pce_info;
  out.tcb = {raw_cpu_svn, raw_pce_info.isv_svn};
  if (provider.get == nullptr) return out;
  // The interface is not const, and a provider may write where it is told to read.
  auto id_bytes = qe_id.array();
  auto ppid_bytes = encrypted_ppid.array();
  auto cpu_svn_bytes = raw_cpu_svn.array();
  std::uint16_t pce_isv_svn = raw_pce_info.isv_svn;
  sgx_ql_pck_cert_id_t id{};
  id.p_qe3_id = reinterpret_cast<std::uint8_t*>(id_bytes.data());
  id.qe3_id_size = static_cast<std::uint32_t>(id_bytes.size());
  id.p_platform_cpu_svn = reinterpret_cast<std::uint8_t*>(cpu_svn_bytes.data());
  id.p_platform_pce_isv_svn = &pce_isv_svn;
  id.p_encrypted_ppid = reinterpret_cast<std::uint8_t*>(ppid_bytes.data());
  id.encrypted_ppid_size = static_cast<std::uint32_t>(ppid_bytes.size());
  id.crypto_suite = simulation::kCryptoSuiteRsa3072Oaep;
  id.pce_id = raw_pce_info.pce_id;

  const ForkGate::Outside outside;
  sgx_ql_config_t* given = nullptr;
  const quote3_error_t code = provider.get(&id, &given);
  const std::unique_ptr<sgx_ql_config_t, quote3_error_t (*)(sgx_ql_config_t*)> config(
      given, provider.free);
  if (code == SGX_QL_PLATFORM_LIB_UNAVAILABLE) return out;
  if (code != SGX_QL_SUCCESS) {
    const bool known = code >= SGX_QL_ERROR_UNEXPECTED && code <= SGX_QL_ERROR_MAX;
    return refused(known ? code : SGX_QL_ERROR_UNEXPECTED,
                   text("the provider's ", kGetConfig, " returns ",
                        base::hex_number(static_cast<std::uint32_t>(code))));
  }
  if (!config || config->p_cert_data == nullptr || config->version != kConfigVersion) {
    return refused(SGX_QL_ERROR_UNEXPECTED,
                   text("the provider's ", kGetConfig, " succeeds and gives no configuration"));
  }
  if (config->cert_data_size < quote::kMinPckChainSize ||
      config->cert_data_size > quote::kMaxCertificationDataSize) {
    return refused(kDataInvalid,
                   text("the provider gives a certificate chain of ",
                        std::uint32_t{config->cert_data_size}, " bytes, expected ",
                        quote::kMinPckChainSize, " to ", quote::kMaxCertificationDataSize));
  }
  const std::span certified_svn(config->cert_cpu_svn);
  QUOTED_TRY(out.tcb.cpu_svn, sgx::CpuSvn::parse(std::as_bytes(certified_svn)));
  out.tcb.isv_svn = config->cert_pce_isv_svn;
  out.pce_info.isv_svn = config->cert_pce_isv_svn;
  const std::string_view chain(reinterpret_cast<const char*>(config->p_cert_data),
                               config->cert_data_size);
  out.chain_pem = chain.substr(0, chain.find('\0'));
  return out;
}

}  // namespace quoted::inproc
