// A kernel and a service that mean harm, as seen by a client of the AESM socket: the system calls
// of src/aesm/transport.cpp end here instead of in the real kernel (the linker's --wrap), so that
// every outcome of every call is the input's choice, and time passes only when a call waits. No
// call that the client makes may rely on anything that the manual does not promise.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>

#include "base/bytes.h"
#include "splitter.h"

namespace quoted::fuzz {

class HostileKernel {
 public:
  using Time = std::chrono::nanoseconds;

  // In charge from construction to destruction. `input`: what the service sends, from the front;
  // what each system call does, from the back. Nothing left to choose from means that all goes
  // well; nothing left to send, that the service closes or, when it is endless, sends zeros.
  HostileKernel(Splitter input, bool endless);
  HostileKernel(const HostileKernel&) = delete;
  HostileKernel& operator=(const HostileKernel&) = delete;
  ~HostileKernel();

  // What has become of the client's conversation.
  [[nodiscard]] Time elapsed() const { return now_; }
  [[nodiscard]] int sockets_made() const { return sockets_made_; }
  [[nodiscard]] int connections_made() const { return connections_made_; }
  // All that the client took from its latest connection.
  [[nodiscard]] base::ByteView delivered() const { return delivered_; }

  // The system calls.
  int socket(int domain, int type, int protocol);
  int setsockopt(int fd, int level, int option, const void* value, socklen_t size);
  int connect(int fd);
  ssize_t send(int fd, const void* data, std::size_t size, int flags);
  ssize_t recv(int fd, void* data, std::size_t size, int flags);
  int poll(pollfd* entries, nfds_t count, int timeout);
  int nanosleep(const timespec* wanted, timespec* left);
  Time now();

 private:
  // True with a chance that the input decides, and `how` from 0 to 15 then.
  bool misfortune(unsigned& how);
  void pass(Time time) { now_ += time; }

  Splitter input_;
  bool endless_;
  Time now_{0};
  Time send_timeout_{0};
  int fd_ = -1;  // the client's one socket; never a second one beside it
  int sockets_made_ = 0;
  int connections_made_ = 0;
  bool connected_ = false;
  base::Bytes delivered_;
};

}  // namespace quoted::fuzz
