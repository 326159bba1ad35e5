// What a child process tells the supervisor about its start, and how: one message over a
// SOCK_SEQPACKET pair.
#pragma once

#include <optional>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::service {

// Ready to work, or the reason why not.
struct StartReport {
  std::optional<base::Error> failure;
};

class ControlChannel {
 public:
  // The two ends.
  [[nodiscard]] static base::Result<std::pair<ControlChannel, ControlChannel>> create();

  // Readable when a report has arrived or the other end is closed.
  [[nodiscard]] int fd() const { return fd_.get(); }

  // In a process that has no business with it.
  void close() { fd_.reset(); }

  // The supervisor may be gone; nobody is then left to hear about it.
  void send(const StartReport& report) const;

  // Never blocks; none while there is no report. Malformed when it is not one, PeerClosed when
  // the other end is closed.
  [[nodiscard]] base::Result<std::optional<StartReport>> receive() const;

 private:
  explicit ControlChannel(base::UniqueFd fd) : fd_(std::move(fd)) {}

  base::UniqueFd fd_;
};

}  // namespace quoted::service
