#include "service/listening_socket.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"
#include "service/directory_lock.h"
#include "service/peer.h"
#include "telemetry/names.h"

namespace quoted::service {

namespace event = telemetry::event;
using base::errno_text;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using base::UniqueFd;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr mode_t kMode = 0777;

fs::path directory_of(const fs::path& socket) {
  return socket.has_parent_path() ? socket.parent_path() : fs::path(".");
}

Status check_path(const fs::path& socket) {
  if (socket.native().size() > kMaxPath) {
    return fail(ErrorCode::kSocketPathTooLong,
                text("the socket path has ", socket.native().size(), " bytes, at most ", kMaxPath,
                     " are possible: ", socket.native()));
  }
  if (!socket.has_filename()) {
    return fail(ErrorCode::kInvalidArgument,
                text("the socket path '", socket.native(), "' names no file"));
  }
  return {};
}

// `name` fits: callers check its size.
sockaddr_un address_of(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, kMaxPath);
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

UniqueFd new_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

std::string_view file_kind(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISREG(mode)) return "a regular file";
  if (S_ISLNK(mode)) return "a symbolic link";
  return "a special file";
}

std::string listener_of(int connection) {
  const auto peer = KernelPeerResolver().resolve(connection);
  if (!peer || peer->pid == 0) return "a process of another PID namespace";
  return text("process ", peer->pid);
}

// Success means that nobody listens on the existing socket.
Status check_stale(const fs::path& socket) {
  const UniqueFd probe = new_socket();
  const sockaddr_un address = address_of(socket.native());
  if (!probe.valid()) {
    return fail(ErrorCode::kSocketFailure, text("cannot make a socket: ", errno_text(errno)));
  }
  if (::connect(probe.get(), generic(address), sizeof address) == 0) {
    return fail(ErrorCode::kSocketInUse,
                text(listener_of(probe.get()), " listens on ", socket.native()));
  }
  switch (const int error = errno) {
    case ECONNREFUSED:
    case ENOENT:
      return {};
    // A full backlog has somebody who listens, though the kernel does not say who.
    case EAGAIN:
      return fail(ErrorCode::kSocketInUse,
                  text("an overloaded process listens on ", socket.native()));
    case EPROTOTYPE:
      return fail(ErrorCode::kSocketInUse,
                  text("a process of another protocol uses ", socket.native()));
    case EACCES:
    case EPERM:
      return fail(ErrorCode::kSocketPermission, text("cannot tell whether somebody listens on ",
                                                     socket.native(), ": ", errno_text(error)));
    default:
      return fail(ErrorCode::kSocketFailure,
                  text("cannot connect to ", socket.native(), ": ", errno_text(error)));
  }
}

// Whether there is a socket; fails when the path is taken by anything else.
Result<bool> file_at(int directory, const fs::path& socket) {
  struct stat info{};
  if (::fstatat(directory, socket.filename().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    return fail(ErrorCode::kSocketFailure,
                text("cannot look at ", socket.native(), ": ", errno_text(errno)));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return fail(ErrorCode::kNotASocket, text(socket.native(), " is ", file_kind(info.st_mode)));
  }
  return true;
}

// Whether there is a stale socket to replace.
Result<bool> find_stale(int directory, const fs::path& socket) {
  QUOTED_TRY(const bool present, file_at(directory, socket));
  if (present) QUOTED_CHECK(check_stale(socket));
  return present;
}

tl::unexpected<base::Error> cannot_create(const fs::path& socket, int error) {
  const bool refused = error == EACCES || error == EPERM || error == EROFS;
  return fail(refused ? ErrorCode::kSocketDirectoryNotWritable : ErrorCode::kSocketFailure,
              text("cannot create ", socket.native(), ": ", errno_text(error)));
}

// A name in a directory that is removed at the end, unless it was given another name before.
class TemporaryName {
 public:
  TemporaryName(int directory, std::string name) : directory_(directory), name_(std::move(name)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() { ::unlinkat(directory_, name_.c_str(), 0); }

 private:
  int directory_;
  std::string name_;
};

// Unlike any other daemon's, also when the lock on the directory could not be had.
Result<std::string> temporary_name() {
  std::array<std::byte, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return fail(ErrorCode::kSocketFailure, text("no random bytes: ", errno_text(errno)));
  }
  return ".quoted-" + base::to_hex(random);
}

}  // namespace

Result<ListeningSocket::FileId> ListeningSocket::file_id(int directory, const std::string& name) {
  struct stat info{};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail(ErrorCode::kSocketFailure, text("cannot look at ", name, ": ", errno_text(errno)));
  }
  return FileId{.device = info.st_dev, .inode = info.st_ino};
}

Status ListeningSocket::check(const fs::path& socket) {
  QUOTED_CHECK(check_path(socket));
  const fs::path directory = directory_of(socket);
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail(directory_error(directory, errno));
  QUOTED_CHECK(file_at(fd.get(), socket).map([](const auto&) {}));
  if (::faccessat(fd.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return cannot_create(socket, errno);
  }
  return {};
}

Result<ListeningSocket> ListeningSocket::create(const fs::path& socket, telemetry::Logger& logger) {
  QUOTED_CHECK(check_path(socket));
  QUOTED_TRY(const DirectoryLock directory, DirectoryLock::acquire(directory_of(socket)));
  if (!directory.held()) {
    logger.warning(event::kSocketLockBusy, "the lock on the socket's directory was not released",
                   {{"path", socket.native()}});
  }
  QUOTED_TRY(const bool stale, find_stale(directory.fd(), socket));

  // Bound under another name, through the descriptor of the directory, so that the length of the
  // path plays no part; it becomes visible complete, by a rename that also replaces a stale one.
  QUOTED_TRY(const std::string name, temporary_name());
  const sockaddr_un address = address_of(text("/proc/self/fd/", directory.fd(), "/", name));
  UniqueFd fd = new_socket();
  if (!fd.valid()) return cannot_create(socket, errno);
  if (::bind(fd.get(), generic(address), sizeof address) != 0) return cannot_create(socket, errno);
  const TemporaryName cleanup(directory.fd(), name);
  QUOTED_TRY(const FileId file, file_id(directory.fd(), name));
  if (::fchmodat(directory.fd(), name.c_str(), kMode, 0) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0 ||
      ::renameat(directory.fd(), name.c_str(), directory.fd(), socket.filename().c_str()) != 0) {
    return cannot_create(socket, errno);
  }
  if (stale) {
    logger.warning(event::kStaleSocketReplaced, "replaced a socket that nobody listened on",
                   {{"path", socket.native()}});
  }
  return ListeningSocket(socket, std::move(fd), file);
}

void ListeningSocket::refuse_connections() { ::shutdown(fd_.get(), SHUT_RD); }

void ListeningSocket::remove(std::span<const fs::path> companions, telemetry::Logger& logger) {
  const auto not_removed = [&](const fs::path& what, std::string_view why) {
    logger.warning(event::kSocketNotRemoved, "a file was left behind",
                   {{"path", what.native()}, {"reason", why}});
  };
  const auto directory = DirectoryLock::acquire(directory_of(path_));
  if (!directory) return not_removed(path_, directory.error().summary());
  const auto present = file_id(directory->fd(), path_.filename());
  if (!present) return not_removed(path_, present.error().summary());
  if (*present != file_) return not_removed(path_, "it is another socket now");
  for (const fs::path& companion : companions) {
    if (::unlink(companion.c_str()) != 0 && errno != ENOENT) {
      not_removed(companion, errno_text(errno));
    }
  }
  if (::unlinkat(directory->fd(), path_.filename().c_str(), 0) != 0) {
    not_removed(path_, errno_text(errno));
  }
}

}  // namespace quoted::service
