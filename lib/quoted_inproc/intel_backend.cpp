#include "quoted_inproc/intel_backend.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>

#include "base/text.h"
#include "drop_in/explained.h"
#include "quoted_inproc/call.h"
#include "sgx/attestation_key_id.h"

namespace quoted::inproc {
namespace {

using base::ErrorCode;
using base::text;
using drop_in::refuse_for;

constexpr std::size_t kKeyIdSize = 32;

// quote-generation 10.2. The default key is meant wherever a key id is NULL.
using InitQuote = std::uint32_t(sgx::AttestationKeyId* key, sgx::TargetInfo* target, bool refresh,
                                std::size_t* key_id_size, std::uint8_t* key_id);
using GetQuoteSize = std::uint32_t(sgx::AttestationKeyId* key, std::uint32_t* size);
using GetQuote = std::uint32_t(const sgx::Report* report, sgx::AttestationKeyId* key,
                               sgx::QeReportInfo* info, std::uint8_t* quote, std::uint32_t size);
using SetPolicy = std::uint32_t(std::uint32_t policy);
using SetPath = std::uint32_t(const char* path);

std::string loader_error() {
  const char* const words = ::dlerror();
  return words == nullptr ? "the loader does not say why" : words;
}

// The two variables by which each of them says what happens: why an enclave cannot be loaded stands
// nowhere else (aesm-protocol 5.1, 8.4).
using TraceCallback = void (*)(int level, const char* message);

void pass_on(int level, const char* message) {
  constexpr int kMost = SGX_QL_LOG_TRACE;
  if (level < 0 || level > kMost) return;
  say(static_cast<sgx_ql_log_level_t>(level), message);
}

void listen(void* library) {
  auto* const callback = static_cast<TraceCallback*>(::dlsym(library, "sgx_trace_logger_callback"));
  auto* const level = static_cast<std::int32_t*>(::dlsym(library, "sgx_trace_loglevel"));
  if (callback == nullptr || level == nullptr || *callback != nullptr) return;
  *level = SGX_QL_LOG_TRACE + 1;
  *callback = pass_on;
}

void stop_listening(void* library) {
  auto* const callback = static_cast<TraceCallback*>(::dlsym(library, "sgx_trace_logger_callback"));
  if (callback != nullptr && *callback == pass_on) *callback = nullptr;
}

// Their structures are aligned as Intel's headers have them.
template <class Struct>
struct alignas(16) Aligned {
  Struct value{};
};

}  // namespace

IntelBackend::Library::~Library() {
  stop_listening(handle_);
  ::dlclose(handle_);
}

IntelBackend::IntelBackend(Devices devices) : devices_(std::move(devices)), process_(::getpid()) {}

Answer<void> IntelBackend::check_process() {
  const pid_t self = ::getpid();
  pid_t known = process_.load();
  if (known != self) {
    // Nobody of a child is counted before this, so whoever is was left behind by the fork.
    if (calls_.load() > 0) stuck_.store(true);
    process_.compare_exchange_strong(known, self);
  }
  if (!stuck_.load()) return {};
  return refuse_for(
      ErrorCode::kEnclaveLost,
      "this process was made by fork() while its parent was inside Intel's quoting "
      "library, which cannot be used here; start the program anew, or fork before the "
      "first quote");
}

template <class Body>
auto IntelBackend::inside(const Body& body) -> decltype(body()) {
  struct Count {
    explicit Count(std::atomic<int>& counted) : calls(counted) { calls.fetch_add(1); }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    ~Count() { calls.fetch_sub(1); }
    std::atomic<int>& calls;
  };
  if (const auto usable = check_process(); !usable) return tl::unexpected(usable.error());
  const Count count(calls_);
  return body();
}

template <class Function>
Answer<Function*> IntelBackend::Library::find(const char* name) const {
  if (void* const symbol = ::dlsym(handle_, name)) return reinterpret_cast<Function*>(symbol);
  return refuse_for(ErrorCode::kLibraryForeign, SGX_QL_INTERFACE_UNAVAILABLE,
                    text(loader_error(), "; install another release of the package ", package_));
}

Answer<std::unique_ptr<IntelBackend::Library>> IntelBackend::load(const std::string& file,
                                                                  const char* package) {
  // Everything that it needs is there, or the first call says what is not.
  if (void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    listen(handle);
    return std::make_unique<Library>(package, handle);
  }
  return refuse_for(ErrorCode::kLibraryMissing, SGX_QL_INTERFACE_UNAVAILABLE,
                    text(file, " cannot be loaded (", loader_error(), "); install the package ",
                         package, ", or set SGX_AESM_ADDR=1 to use the service of this machine"));
}

Answer<std::unique_ptr<IntelBackend>> IntelBackend::open(const IntelLibraries& libraries,
                                                         const Devices& devices) {
  auto pce = load(libraries.pce, "libsgx-pce-logic");
  if (!pce) return tl::unexpected(std::move(pce).error());
  auto qe3 = load(libraries.qe3, "libsgx-qe3-logic");
  if (!qe3) return tl::unexpected(std::move(qe3).error());
  std::unique_ptr<IntelBackend> out(new IntelBackend(devices));
  out->pce_ = *std::move(pce);
  out->qe3_ = *std::move(qe3);
  return out;
}

Answer<void> IntelBackend::answer_for(IntelCall call, const char* function,
                                      quote3_error_t code) const {
  if (code == SGX_QL_SUCCESS) return {};
  return intel_refusal(call, function, code, devices_);
}

Answer<void> IntelBackend::set_load_policy(LoadPolicy policy) {
  return inside([&]() -> Answer<void> {
    constexpr const char* kOfQe3 = "sgx_ql_set_enclave_load_policy";
    constexpr const char* kOfPce = "sgx_set_pce_enclave_load_policy";
    const auto of_qe3 = qe3_->find<SetPolicy>(kOfQe3);
    if (!of_qe3) return tl::unexpected(of_qe3.error());
    const auto of_pce = pce_->find<SetPolicy>(kOfPce);
    if (!of_pce) return tl::unexpected(of_pce.error());
    const auto number = static_cast<std::uint32_t>(policy);
    if (auto done = answer_for(IntelCall::kPolicy, kOfQe3,
                               quote3_code(IntelCall::kPolicy, (*of_qe3)(number)));
        !done) {
      return done;
    }
    return answer_for(IntelCall::kPolicy, kOfPce, quote3_code_of_pce((*of_pce)(number)));
  });
}

Answer<sgx::TargetInfo> IntelBackend::target_info() {
  return inside([&]() -> Answer<sgx::TargetInfo> {
    constexpr const char* kName = "sgx_ql_init_quote";
    const auto init = qe3_->find<InitQuote>(kName);
    if (!init) return tl::unexpected(init.error());

    Aligned<sgx::TargetInfo> target;
    std::size_t size = 0;
    const auto ask = [&](std::uint8_t* key_id) {
      return answer_for(
          IntelCall::kInit, kName,
          quote3_code(IntelCall::kInit, (*init)(nullptr, &target.value, false, &size, key_id)));
    };
    if (const auto asked = ask(nullptr); !asked) return tl::unexpected(asked.error());
    if (size != kKeyIdSize) {
      return drop_in::refuse(
          SGX_QL_ERROR_UNEXPECTED,
          text(kName, " has key ids of ", size, " bytes, those of ECDSA have ", kKeyIdSize));
    }
    std::array<std::uint8_t, kKeyIdSize> key_id{};
    if (const auto made = ask(key_id.data()); !made) return tl::unexpected(made.error());
    return target.value;
  });
}

Answer<std::uint32_t> IntelBackend::quote_size() {
  return inside([&]() -> Answer<std::uint32_t> {
    constexpr const char* kName = "sgx_ql_get_quote_size";
    const auto get = qe3_->find<GetQuoteSize>(kName);
    if (!get) return tl::unexpected(get.error());
    std::uint32_t size = 0;
    const auto asked =
        answer_for(IntelCall::kSize, kName, quote3_code(IntelCall::kSize, (*get)(nullptr, &size)));
    if (!asked) return tl::unexpected(asked.error());
    return size;
  });
}

Answer<void> IntelBackend::quote(const sgx::Report& report, std::span<std::uint8_t> quote) {
  return inside([&]() -> Answer<void> {
    constexpr const char* kName = "sgx_ql_get_quote";
    const auto get = qe3_->find<GetQuote>(kName);
    if (!get) return tl::unexpected(get.error());
    const Aligned<sgx::Report> aligned{report};
    return answer_for(
        IntelCall::kQuote, kName,
        quote3_code(IntelCall::kQuote, (*get)(&aligned.value, nullptr, nullptr, quote.data(),
                                              static_cast<std::uint32_t>(quote.size()))));
  });
}

Answer<void> IntelBackend::set_path(PathType type, const std::filesystem::path& path) {
  return inside([&]() -> Answer<void> {
    if (type == PathType::kPce) {
      constexpr const char* kName = "sgx_set_pce_path";
      const auto set = pce_->find<SetPath>(kName);
      if (!set) return tl::unexpected(set.error());
      return answer_for(IntelCall::kPath, kName, quote3_code_of_pce((*set)(path.c_str())));
    }
    const char* const name = type == PathType::kQe3   ? "sgx_set_qe3_path"
                             : type == PathType::kIde ? "sgx_set_ide_path"
                                                      : "sgx_set_qpl_path";
    const auto set = qe3_->find<SetPath>(name);
    if (!set) return tl::unexpected(set.error());
    return answer_for(IntelCall::kPath, name, quote3_code(IntelCall::kPath, (*set)(path.c_str())));
  });
}

}  // namespace quoted::inproc
