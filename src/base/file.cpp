#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/text.h"
#include "base/unique_fd.h"

namespace quoted::base {
namespace {

tl::unexpected<Error> unreadable(const std::filesystem::path& path, int error) {
  return fail(ErrorCode::kFileUnreadable,
              text("cannot read ", path.string(), ": ", errno_text(error)));
}

tl::unexpected<Error> unwritable(const std::filesystem::path& path, int error) {
  return fail(ErrorCode::kFileUnwritable,
              text("cannot write ", path.string(), ": ", errno_text(error)));
}

int write_all(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

std::string errno_text(int error) { return std::generic_category().message(error); }

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_size) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return unreadable(path, errno);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return unreadable(path, errno);
  if (S_ISDIR(info.st_mode)) return unreadable(path, EISDIR);
  // Opened without waiting for a writer; from a pipe that has one, what it writes is waited for.
  if (::fcntl(fd.get(), F_SETFL, 0) != 0) return unreadable(path, errno);

  Bytes out;
  // Read one byte past the bound: the size a file reports may lie (pipes, /proc).
  while (out.size() <= max_size) {
    const std::size_t before = out.size();
    out.resize(std::min(max_size + 1, before + 16384));
    const ssize_t got = ::read(fd.get(), out.data() + before, out.size() - before);
    if (got < 0 && errno != EINTR) return unreadable(path, errno);
    out.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return out;
  }
  return fail(ErrorCode::kWrongSize,
              text(path.string(), " is larger than the ", max_size, " bytes expected at most"));
}

Status write_file(const std::filesystem::path& path, ByteView content, mode_t mode, bool durable) {
  std::string temporary = path.string() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return unwritable(path, errno);
  int error = write_all(fd.get(), content);
  if (error == 0 && ::fchmod(fd.get(), mode) != 0) error = errno;
  if (error == 0 && durable && ::fsync(fd.get()) != 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return unwritable(path, error);
  }
  return {};
}

}  // namespace quoted::base
