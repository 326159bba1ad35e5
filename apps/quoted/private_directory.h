// The directory in which a preflight works: nobody else's, and gone afterwards.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::app {

// Removed at the end, whatever becomes of the process that works in it. Where this process is
// killed, the next one removes what it left: the lock on a directory, which children of this
// process share, tells that it is in use.
class PrivateDirectory {
 public:
  // Below TMPDIR. FileUnwritable when it cannot be made, SocketPathTooLong when no socket fits in.
  [[nodiscard]] static base::Result<std::unique_ptr<PrivateDirectory>> make();

  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  ~PrivateDirectory();

  // One within: daemons lock the directories of their sockets themselves.
  [[nodiscard]] std::filesystem::path path() const;

 private:
  PrivateDirectory(std::filesystem::path path, base::UniqueFd lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  base::UniqueFd lock_;
};

}  // namespace quoted::app
