// Keeps daemons that start or stop at the same time out of each other's way: an exclusive lock on
// the directory of the socket, held while the socket is looked at, made, replaced or removed.
// Private to listening_socket.cpp.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::service {

// What it means that the directory cannot be opened.
[[nodiscard]] base::Error directory_error(const std::filesystem::path& directory, int error);

class DirectoryLock {
 public:
  // Waits at most `patience`: whoever may read the directory, a container that mounts it say, can
  // hold such a lock for ever, and must not keep the service from starting.
  // SocketDirectoryMissing or SocketDirectoryNotWritable when it cannot be opened.
  [[nodiscard]] static base::Result<DirectoryLock> acquire(
      const std::filesystem::path& directory,
      std::chrono::milliseconds patience = std::chrono::seconds(2));

  [[nodiscard]] int fd() const { return fd_.get(); }

  // False when the wait was in vain. The socket is then handled without protection against a
  // second daemon that starts in the same instant.
  [[nodiscard]] bool held() const { return held_; }

 private:
  DirectoryLock(base::UniqueFd fd, bool held) : fd_(std::move(fd)), held_(held) {}

  base::UniqueFd fd_;
  bool held_;
};

}  // namespace quoted::service
