// Signals as something to read: blocked for this thread and those it starts, and delivered
// through a descriptor. Nothing ever runs in a signal handler.
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::service {

class SignalSet {
 public:
  // They stay blocked after the object's end, so that none of them strikes between two.
  [[nodiscard]] static base::Result<SignalSet> block(std::initializer_list<int> signals);

  // Readable when a signal has arrived.
  [[nodiscard]] int fd() const { return fd_.get(); }

  // The next signal that has arrived, if any.
  [[nodiscard]] std::optional<int> next();

  // Blocks until one arrives.
  [[nodiscard]] int wait();

 private:
  explicit SignalSet(base::UniqueFd fd) : fd_(std::move(fd)) {}

  base::UniqueFd fd_;
};

}  // namespace quoted::service
