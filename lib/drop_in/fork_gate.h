// Keeps fork() from falling into the middle of a verification. libcrypto takes locks of its own for
// nearly everything, and one that another thread holds at that moment would be held for ever in the
// child. So fork() waits until nobody verifies, and who wants to verify waits until it is over;
// verifications never wait for each other.
#pragma once

namespace quoted::quoteverify {

// Held while libcrypto or a lock of the library's own is used; not while other people's code runs,
// which may take long or fork itself.
class ForkGate {
 public:
  ForkGate();
  ForkGate(const ForkGate&) = delete;
  ForkGate& operator=(const ForkGate&) = delete;
  ~ForkGate();
};

}  // namespace quoted::quoteverify
