#include "quoted/private_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"

namespace quoted::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::text;
using base::UniqueFd;

constexpr std::string_view kPrefix = "quoted-preflight-";
constexpr std::string_view kRandomPart = "XXXXXX";
constexpr std::string_view kInner = "d";
constexpr std::string_view kLongestName = "/d/aesm.socket";
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;
// Somebody may have filled TMPDIR.
constexpr std::size_t kMaxLooks = 100'000;

// Locked, and a directory of this user alone; invalid otherwise. Follows no link.
UniqueFd lock_own(const fs::path& path) {
  UniqueFd out(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat opened{};
  struct stat named{};
  const bool locked = out.valid() && ::flock(out.get(), LOCK_EX | LOCK_NB) == 0;
  if (!locked || ::fstat(out.get(), &opened) != 0 || ::lstat(path.c_str(), &named) != 0 ||
      opened.st_ino != named.st_ino || opened.st_dev != named.st_dev ||
      opened.st_uid != ::geteuid() || (opened.st_mode & 07777U) != 0700) {
    out.reset();
  }
  return out;
}

void sweep(const fs::path& base) {
  std::error_code error;
  std::size_t looks = 0;
  auto entry = fs::directory_iterator(base, error);
  for (; !error && entry != fs::directory_iterator() && ++looks < kMaxLooks;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(kPrefix) || name.size() != kPrefix.size() + kRandomPart.size()) continue;
    const UniqueFd lock = lock_own(entry->path());
    std::error_code ignored;
    if (lock.valid()) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

base::Result<std::unique_ptr<PrivateDirectory>> PrivateDirectory::make() {
  std::error_code error;
  fs::path base = fs::temp_directory_path(error);
  if (error) base = "/tmp";
  const fs::path pattern = base / text(kPrefix, kRandomPart);
  if (pattern.native().size() + kLongestName.size() > kMaxSocketPath) {
    return fail(ErrorCode::kSocketPathTooLong,
                text("TMPDIR is ", base.native(), ": a socket in a directory below it would have ",
                     pattern.native().size() + kLongestName.size(), " bytes of path, at most ",
                     kMaxSocketPath, " are possible"));
  }
  sweep(base);
  // Another one's sweep may come between the directory and its lock.
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    std::string path = pattern.native();
    if (::mkdtemp(path.data()) == nullptr) {
      return fail(ErrorCode::kFileUnwritable,
                  text("cannot make the directory ", path, ": ", base::errno_text(errno)));
    }
    UniqueFd lock = lock_own(path);
    if (!lock.valid()) continue;
    std::unique_ptr<PrivateDirectory> out(new PrivateDirectory(path, std::move(lock)));
    if (::mkdir(out->path().c_str(), 0700) == 0) return out;
    return fail(ErrorCode::kFileUnwritable, text("cannot make the directory ", out->path().native(),
                                                 ": ", base::errno_text(errno)));
  }
  return fail(ErrorCode::kFileUnwritable,
              text("cannot lock a directory like ", pattern.native(), " that was just made"));
}

fs::path PrivateDirectory::path() const { return path_ / kInner; }

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace quoted::app
