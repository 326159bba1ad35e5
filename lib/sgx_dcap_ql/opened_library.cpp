#include "sgx_dcap_ql/opened_library.h"

#include <dlfcn.h>
#include <link.h>

#include "drop_in/calls_in_progress.h"

namespace quoted::dcap_ql {

std::string file_of(void* handle) {
  link_map* map = nullptr;
  if (::dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map->l_name == nullptr) return "the library";
  return map->l_name;
}

std::string loader_error() {
  const char* const words = ::dlerror();
  return words == nullptr ? "the loader does not say why" : words;
}

void* OpenedLibrary::open() {
  if (void* const known = opened()) return known;
  void* const loaded = load();
  return loaded == nullptr ? nullptr : keep(loaded);
}

// Lazily and locally, as the original does (aesm-protocol 7.5).
void* OpenedLibrary::load() const { return ::dlopen(name_, RTLD_LAZY | RTLD_LOCAL); }

void* OpenedLibrary::keep(void* loaded) {
  void* before = nullptr;
  if (handle_.compare_exchange_strong(before, loaded)) return loaded;
  ::dlclose(loaded);
  return before;
}

void OpenedLibrary::close() {
  void* const handle = handle_.exchange(nullptr);
  if (handle != nullptr && !drop_in::CallInProgress::any()) ::dlclose(handle);
}

}  // namespace quoted::dcap_ql
