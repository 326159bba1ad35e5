// What a function of a C interface owes the thread that calls it.
#pragma once

#include <pthread.h>

#include <cerrno>

namespace quoted::base {

// Leaves errno alone, and puts off a cancellation of the thread: unwinding by force would end the
// process at the first function that must not throw.
class CallScope {
 public:
  CallScope() { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state_); }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;
  ~CallScope() {
    ::pthread_setcancelstate(cancel_state_, nullptr);
    errno = errno_;
  }

 private:
  int errno_ = errno;
  int cancel_state_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace quoted::base
