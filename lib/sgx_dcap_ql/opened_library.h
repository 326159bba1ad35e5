// A library that is opened when it is first needed and closed together with this one.
#pragma once

#include <atomic>
#include <string>

#include "drop_in/answer.h"

namespace quoted::dcap_ql {

// The file of the library that `handle` came from.
[[nodiscard]] std::string file_of(void* handle);

// Whatever dlerror() has to say.
[[nodiscard]] std::string loader_error();

// No lock guards it: one that is held while the process forks would stay held in the child. Threads
// that come together open it together, and all but one close it again; the loader counts.
class OpenedLibrary {
 public:
  constexpr explicit OpenedLibrary(const char* name) : name_(name) {}

  [[nodiscard]] const char* name() const { return name_; }

  // NULL, with loader_error(), when it cannot be loaded; the next call tries again.
  [[nodiscard]] void* open();
  // The same in two steps, for one that is looked at before it is kept: a handle of the caller's
  // own, and what is kept from then on.
  [[nodiscard]] void* load() const;
  void* keep(void* loaded);
  // NULL when it was not.
  [[nodiscard]] void* opened() const { return handle_.load(); }
  // Unless a call is in progress, which only happens when the process ends.
  void close();

 private:
  const char* name_;
  std::atomic<void*> handle_ = nullptr;
};

}  // namespace quoted::dcap_ql
