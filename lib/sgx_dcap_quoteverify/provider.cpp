#include "sgx_dcap_quoteverify/provider.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <string>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::quoteverify {
namespace {

using base::text;

constexpr std::array kNames{"libdcap_quoteprov.so.1", "libdcap_quoteprov.so"};
constexpr std::size_t kMaxPath = 259;

// No lock guards these: one that is held while the process forks would stay held in the child.
constinit std::atomic<void*> loaded = nullptr;

// Every path that was ever set, the latest first: whoever reads one can go on reading it.
struct PathNode {
  std::string path;
  const PathNode* next;
};
constinit std::atomic<const PathNode*> paths = nullptr;

[[gnu::destructor]] void release_paths() {
  if (InProgress::any()) return;
  for (const PathNode* node = paths.exchange(nullptr); node != nullptr;) {
    const std::unique_ptr<const PathNode> owned(node);
    node = owned->next;
  }
}

tl::unexpected<Refusal> unavailable(const char* reason) {
  return refuse(SGX_QL_PLATFORM_LIB_UNAVAILABLE,
                reason == nullptr ? std::string("the provider library cannot be loaded") : reason);
}

Answer<void*> open_provider() {
  if (const PathNode* const chosen = paths.load(std::memory_order_acquire)) {
    if (void* const handle = ::dlopen(chosen->path.c_str(), RTLD_LAZY)) return handle;
    return unavailable(::dlerror());
  }
  for (const char* const name : kNames) {
    if (void* const handle = ::dlopen(name, RTLD_LAZY)) return handle;
  }
  return unavailable(::dlerror());
}

Answer<void*> provider() {
  if (void* const known = loaded.load(std::memory_order_acquire)) return known;
  const auto handle = open_provider();
  if (!handle) return handle;
  void* before = nullptr;
  if (loaded.compare_exchange_strong(before, *handle)) return handle;
  // Another thread was faster.
  ::dlclose(*handle);
  return before;
}

template <class Function>
Answer<Function*> find(const char* name) {
  const auto handle = provider();
  if (!handle) return tl::unexpected(handle.error());
  void* const symbol = ::dlsym(*handle, name);
  if (symbol == nullptr) return unavailable(::dlerror());
  return reinterpret_cast<Function*>(symbol);
}

// A provider that fails says why by a code of the same table.
tl::unexpected<Refusal> failed(const char* function, quote3_error_t code) {
  const bool known = code >= SGX_QL_ERROR_UNEXPECTED && code < SGX_QL_ERROR_MAX;
  return refuse(known ? code : SGX_QL_UNABLE_TO_GET_COLLATERAL,
                text("the provider's ", function, " returns ",
                     base::hex_number(static_cast<std::uint32_t>(code))));
}

using GetCollateral = quote3_error_t(const std::uint8_t* fmspc, std::uint16_t fmspc_size,
                                     const char* ca, sgx_ql_qve_collateral_t** collateral);
using FreeCollateral = quote3_error_t(sgx_ql_qve_collateral_t* collateral);
using GetQveIdentity = quote3_error_t(char** identity, std::uint32_t* identity_size, char** chain,
                                      std::uint32_t* chain_size);
using FreeQveIdentity = quote3_error_t(char* identity, char* chain);
using GetRootCaCrl = quote3_error_t(std::uint8_t** crl, std::uint16_t* size);
using FreeRootCaCrl = quote3_error_t(std::uint8_t* crl);

struct CollateralFunctions {
  const char* get;
  const char* free;
};
constexpr CollateralFunctions kForSgx{"sgx_ql_get_quote_verification_collateral",
                                      "sgx_ql_free_quote_verification_collateral"};
constexpr CollateralFunctions kForTdx{"tdx_ql_get_quote_verification_collateral",
                                      "tdx_ql_free_quote_verification_collateral"};

}  // namespace

Answer<ProvidedCollateral> fetch_collateral(const Platform& platform) {
  if (platform.ca == nullptr) {
    return refuse(SGX_QL_PCK_CERT_CHAIN_ERROR,
                  "the PCK certificate names neither the processor CA nor the platform CA");
  }
  const CollateralFunctions& names = platform.is_tdx ? kForTdx : kForSgx;
  const auto get = find<GetCollateral>(names.get);
  if (!get) return tl::unexpected(get.error());
  const auto free = find<FreeCollateral>(names.free);
  if (!free) return tl::unexpected(free.error());

  const std::array<std::byte, sgx::Fmspc::kSize> fmspc = platform.fmspc.array();
  sgx_ql_qve_collateral_t* collateral = nullptr;
  const quote3_error_t code = (*get)(reinterpret_cast<const std::uint8_t*>(fmspc.data()),
                                     std::uint16_t{sgx::Fmspc::kSize}, platform.ca, &collateral);
  if (code != SGX_QL_SUCCESS) return failed(names.get, code);
  if (collateral == nullptr) {
    return refuse(SGX_QL_UNABLE_TO_GET_COLLATERAL,
                  text("the provider's ", names.get, " succeeds and gives nothing"));
  }
  return ProvidedCollateral(collateral, *free);
}

Answer<QveIdentity> fetch_qve_identity() {
  constexpr const char* kGetIdentity = "sgx_ql_get_qve_identity";
  constexpr const char* kGetCrl = "sgx_ql_get_root_ca_crl";
  const auto get_identity = find<GetQveIdentity>(kGetIdentity);
  if (!get_identity) return tl::unexpected(get_identity.error());
  const auto get_crl = find<GetRootCaCrl>(kGetCrl);
  if (!get_crl) return tl::unexpected(get_crl.error());

  QveIdentity out;
  quote3_error_t code =
      (*get_identity)(&out.identity, &out.identity_size, &out.issuer_chain, &out.issuer_chain_size);
  if (code != SGX_QL_SUCCESS) return failed(kGetIdentity, code);
  code = (*get_crl)(&out.root_ca_crl, &out.root_ca_crl_size);
  if (code == SGX_QL_SUCCESS) return out;
  out.root_ca_crl = nullptr;
  if (const auto freed = free_qve_identity(out); !freed) return tl::unexpected(freed.error());
  return failed(kGetCrl, code);
}

Answer<void> free_qve_identity(const QveIdentity& identity) {
  if (identity.identity != nullptr || identity.issuer_chain != nullptr) {
    const auto free = find<FreeQveIdentity>("sgx_ql_free_qve_identity");
    if (!free) return tl::unexpected(free.error());
    (*free)(identity.identity, identity.issuer_chain);
  }
  if (identity.root_ca_crl != nullptr) {
    const auto free = find<FreeRootCaCrl>("sgx_ql_free_root_ca_crl");
    if (!free) return tl::unexpected(free.error());
    (*free)(identity.root_ca_crl);
  }
  return {};
}

Answer<void> check_path(const char* path) {
  if (path == nullptr) return invalid("the path is NULL");
  const std::string_view name(path);
  if (name.size() > kMaxPath) {
    return invalid(text("a path of ", name.size(), " characters, at most are taken ", kMaxPath));
  }
  struct stat status{};
  if (::stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
    return invalid(text("there is no regular file ", name));
  }
  return {};
}

void set_provider_path(std::string_view path) {
  auto node = std::make_unique<PathNode>(PathNode{std::string(path), nullptr});
  const PathNode* latest = paths.load(std::memory_order_acquire);
  do {
    if (latest != nullptr && latest->path == path) return;
    node->next = latest;
  } while (!paths.compare_exchange_weak(latest, node.get()));
  (void)node.release();
}

}  // namespace quoted::quoteverify
