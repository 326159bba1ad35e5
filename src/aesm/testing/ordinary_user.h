// For tests of what ordinary users may not do.
#pragma once

#include <unistd.h>

#include <cstdlib>

namespace quoted::aesm::test {

// Acts as an ordinary user while it lives, since root may enter every directory.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0), dropped_(was_root_ && ::seteuid(65534) == 0) {}
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser() {
    if (dropped_ && ::seteuid(0) != 0) std::abort();
  }
  [[nodiscard]] bool effective() const { return dropped_ || !was_root_; }

 private:
  bool was_root_;
  bool dropped_;
};

}  // namespace quoted::aesm::test
