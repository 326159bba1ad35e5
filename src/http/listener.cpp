#include "http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"

namespace quoted::http {
namespace {

namespace fs = std::filesystem;
using base::errno_text;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using base::UniqueFd;

constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;

UniqueFd new_socket(int family) {
  return UniqueFd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

template <class Address>
const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// `path` fits: callers check its size.
sockaddr_un unix_address(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  path.copy(out.sun_path, kMaxPath);
  return out;
}

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

TcpAddress tcp_address(const TcpEndpoint& endpoint) {
  TcpAddress out;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, endpoint.address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, endpoint.address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  in_port_t port = 0;
  if (storage.ss_family == AF_INET) {
    std::memcpy(&port, reinterpret_cast<const char*>(&storage) + offsetof(sockaddr_in, sin_port),
                sizeof port);
  } else {
    std::memcpy(&port, reinterpret_cast<const char*>(&storage) + offsetof(sockaddr_in6, sin6_port),
                sizeof port);
  }
  return ntohs(port);
}

// Two servers that start at the same instant must not both find the same socket stale. Whoever may
// read the directory can hold its lock for ever, so the wait is bounded and may be in vain.
UniqueFd lock_directory(const fs::path& directory) {
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; fd.valid() && i < 100 && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return fd;
}

// Fails unless the path is free or holds a socket that nobody listens on.
base::Status check_replaceable(const fs::path& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorCode::kSocketFailure,
                text("cannot look at ", path.native(), ": ", errno_text(errno)));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return fail(ErrorCode::kNotASocket, text(path.native(), " exists and is no socket"));
  }
  const UniqueFd probe = new_socket(AF_UNIX);
  const sockaddr_un address = unix_address(path.native());
  if (!probe.valid()) {
    return fail(ErrorCode::kSocketFailure, text("cannot make a socket: ", errno_text(errno)));
  }
  if (::connect(probe.get(), generic(address), sizeof address) != 0 &&
      (errno == ECONNREFUSED || errno == ENOENT)) {
    return {};
  }
  return fail(ErrorCode::kSocketInUse, text("another process uses ", path.native()));
}

// A name that goes away unless the socket got another before.
class TemporaryName {
 public:
  explicit TemporaryName(std::string path) : path_(std::move(path)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() { ::unlink(path_.c_str()); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Through the descriptor of the directory, so that the length of the path plays no part.
Result<std::string> temporary_name(int directory) {
  std::array<std::byte, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return fail(ErrorCode::kSocketFailure, text("no random bytes: ", errno_text(errno)));
  }
  return text("/proc/self/fd/", directory, "/.http-", base::to_hex(random));
}

}  // namespace

Result<Listener> Listener::open(const Endpoint& endpoint) {
  if (const auto* tcp = std::get_if<TcpEndpoint>(&endpoint)) return open_tcp(*tcp);
  return open_unix(std::get<UnixEndpoint>(endpoint));
}

Result<Listener> Listener::open_tcp(const TcpEndpoint& endpoint) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::kAddressUnusable,
                text("cannot listen on ", to_text(endpoint), ": ", why));
  };
  const TcpAddress address = tcp_address(endpoint);
  if (address.size == 0) return refused("the host is no numeric address");
  UniqueFd fd = new_socket(address.storage.ss_family);
  // A restarted server must not wait for the connections of its predecessor to be forgotten.
  const int on = 1;
  // The system's default for "::" is a setting (net.ipv6.bindv6only); the same address must not
  // be open to more clients on one machine than on another.
  const bool v6 = address.storage.ss_family == AF_INET6;
  if (!fd.valid() || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (v6 && ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
      ::bind(fd.get(), generic(address.storage), address.size) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return refused(errno_text(errno));
  }
  TcpEndpoint bound = endpoint;
  bound.port = port_of(fd.get());
  return Listener(std::move(fd), bound);
}

Result<Listener> Listener::open_unix(const UnixEndpoint& endpoint) {
  const fs::path& path = endpoint.path;
  if (path.native().size() > kMaxPath) {
    return fail(ErrorCode::kSocketPathTooLong,
                text("the socket path has ", path.native().size(), " bytes, at most ", kMaxPath,
                     " are possible: ", path.native()));
  }
  const auto refused = [&] {
    return fail(ErrorCode::kSocketFailure,
                text("cannot listen on ", path.native(), ": ", errno_text(errno)));
  };
  const UniqueFd directory =
      lock_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
  if (!directory.valid()) {
    return fail(ErrorCode::kSocketDirectoryMissing,
                text("cannot open the directory of ", path.native(), ": ", errno_text(errno)));
  }
  QUOTED_CHECK(check_replaceable(path));
  UniqueFd fd = new_socket(AF_UNIX);
  if (!fd.valid()) return refused();
  QUOTED_TRY(std::string name, temporary_name(directory.get()));
  const sockaddr_un address = unix_address(name);
  if (::bind(fd.get(), generic(address), sizeof address) != 0) return refused();
  const TemporaryName temporary(std::move(name));
  struct stat info{};
  if (::chmod(temporary.path().c_str(), endpoint.mode) != 0 || ::listen(fd.get(), SOMAXCONN) != 0 ||
      ::lstat(temporary.path().c_str(), &info) != 0 ||
      ::rename(temporary.path().c_str(), path.c_str()) != 0) {
    return refused();
  }
  Listener out(std::move(fd), endpoint);
  out.device_ = info.st_dev;
  out.inode_ = info.st_ino;
  return out;
}

Listener::~Listener() {
  const auto* local = std::get_if<UnixEndpoint>(&endpoint_);
  if (local == nullptr || !fd_.valid()) return;
  const fs::path& path = local->path;
  const UniqueFd lock = lock_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_) {
    ::unlink(path.c_str());
  }
}

}  // namespace quoted::http
