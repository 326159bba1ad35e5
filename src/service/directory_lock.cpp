#include "service/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

#include "base/file.h"
#include "base/text.h"

namespace quoted::service {

using base::ErrorCode;
using base::fail;
using base::text;

namespace {

constexpr std::chrono::milliseconds kRetry{5};

bool lock(int fd, std::chrono::milliseconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() >= give_up) return false;
    std::this_thread::sleep_for(kRetry);
  }
  return true;
}

}  // namespace

base::Error directory_error(const std::filesystem::path& directory, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return {missing ? ErrorCode::kSocketDirectoryMissing : ErrorCode::kSocketDirectoryNotWritable,
          text("cannot use ", directory.string(),
               " as the directory of the socket: ", base::errno_text(error))};
}

base::Result<DirectoryLock> DirectoryLock::acquire(const std::filesystem::path& directory,
                                                   std::chrono::milliseconds patience) {
  base::UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return fail(directory_error(directory, errno));
  }
  const bool held = lock(fd.get(), patience);
  return DirectoryLock(std::move(fd), held);
}

}  // namespace quoted::service
