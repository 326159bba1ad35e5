// The UNIX socket the service listens on, as a file: made so that no client ever sees it with
// another mode than 0777 or before it listens, never in place of something that is not ours to
// replace (aesm-protocol 1.1).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "telemetry/log.h"

namespace quoted::service {

class ListeningSocket {
 public:
  // A socket that nobody listens on is replaced, with a line in the log. Otherwise fails with
  // SocketPathTooLong, SocketDirectoryMissing, SocketDirectoryNotWritable, NotASocket,
  // SocketInUse (names the process), SocketPermission or SocketFailure, and changes nothing.
  [[nodiscard]] static base::Result<ListeningSocket> create(const std::filesystem::path& path,
                                                            telemetry::Logger& logger);

  // Whether `create` could make one there, as far as can be told without making anything; whether
  // somebody listens there already plays no part. The errors of `create`.
  [[nodiscard]] static base::Status check(const std::filesystem::path& path);

  // Non-blocking, close-on-exec. Stays open until the object ends, whatever becomes of the file.
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // From now on connecting fails with ECONNREFUSED. Connections in the backlog can still be
  // accepted; poll() tells with POLLRDHUP that no others will come.
  void refuse_connections();

  // Removes the file, and before it `companions`, unless another socket has taken the path: they
  // are then that daemon's. What goes wrong is logged.
  void remove(std::span<const std::filesystem::path> companions, telemetry::Logger& logger);

 private:
  // Tells this socket's file from another of the same name.
  struct FileId {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const FileId&, const FileId&) = default;
  };

  ListeningSocket(std::filesystem::path path, base::UniqueFd fd, FileId file)
      : path_(std::move(path)), fd_(std::move(fd)), file_(file) {}

  static base::Result<FileId> file_id(int directory, const std::string& name);

  std::filesystem::path path_;
  base::UniqueFd fd_;
  FileId file_;
};

}  // namespace quoted::service
