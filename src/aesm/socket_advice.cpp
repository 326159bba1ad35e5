#include "aesm/socket_advice.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <optional>

#include "base/file.h"
#include "base/text.h"

namespace quoted::aesm {
namespace {

using base::ErrorCode;
using base::text;
using std::filesystem::path;

// Far more than either file of /proc holds on an ordinary machine.
constexpr std::size_t kMostProcText = std::size_t{4} * 1024 * 1024;

std::string proc_text(const path& file) {
  const auto content = base::read_file(file, kMostProcText);
  return content ? std::string(base::as_text(*content)) : std::string();
}

// What stands before the next `end`; both are taken away from `rest`.
std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view out = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(out.size() + 1, rest.size()));
  return out;
}

std::optional<mode_t> mode_of(const path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return std::nullopt;
  return info.st_mode;
}

bool is_mounted_by_itself(const path& socket, const path& proc) {
  char resolved[PATH_MAX];
  if (::realpath(socket.c_str(), resolved) == nullptr) return false;
  return is_mount_point(proc_text(proc / "self/mountinfo"), resolved);
}

// The first directory on the way to `socket` that this user may not pass.
std::optional<path> closed_directory(const path& socket) {
  path prefix;
  for (const path& step : socket.parent_path()) {
    prefix /= step;
    if (::faccessat(AT_FDCWD, prefix.c_str(), X_OK, AT_EACCESS) != 0) return prefix;
  }
  return std::nullopt;
}

std::string advice_on_missing(const path& socket) {
  const path directory = socket.parent_path();
  if (!directory.empty() && !mode_of(directory)) {
    return text("the directory ", directory.native(),
                " does not exist here: start the service, or in a container mount the host's "
                "directory to this place");
  }
  return text("the directory ", directory.native(),
              " is there but holds no socket: the service is not running or still starting");
}

std::string advice_on_refused(const path& socket, const path& proc) {
  if (is_mounted_by_itself(socket, proc)) {
    return text(
        "the socket file alone is mounted here, and it is dead since the service was "
        "restarted: mount its directory ",
        socket.parent_path().native(), " instead of the file");
  }
  return "the service ended without removing its socket, or is being restarted: look at its state "
         "and log";
}

std::string advice_on_not_a_socket(const path& socket) {
  const auto mode = mode_of(socket);
  if (mode && S_ISDIR(*mode)) {
    return text("a container runtime makes a directory where it finds nothing to mount: remove ",
                socket.native(), " on the host, start the service, mount ",
                socket.parent_path().native());
  }
  return text("something put a file in the socket's place: remove ", socket.native(),
              " and restart the service");
}

std::string advice_on_permission(const path& socket) {
  if (const auto closed = closed_directory(socket)) {
    return text("user ", ::geteuid(), " may not enter ", closed->native(), ": give it mode 0755");
  }
  if (::faccessat(AT_FDCWD, socket.c_str(), W_OK, AT_EACCESS) != 0) {
    return text("user ", ::geteuid(), " may not write to ", socket.native(),
                ": the service makes it with mode 0777, look who changed it");
  }
  return "the file modes allow it, so a security module (SELinux, AppArmor) or a sandbox forbids "
         "it";
}

// Some other process may hold the old name. It misleads only clients that try that name first, but
// those who debug one client usually have another one beside it.
std::string with_shadow(std::string advice, const path& proc) {
  if (has_abstract_name(proc_text(proc / "net/unix"))) {
    advice +=
        "; some process listens on the abstract name sgx_aesm_socket_base: clients that try it "
        "first, as Gramine does, reach that process, while this one uses the path only";
  }
  return advice;
}

}  // namespace

std::string socket_advice(const path& socket, const base::Error& error, const path& proc) {
  switch (error.code()) {
    case ErrorCode::kSocketMissing:
      return with_shadow(advice_on_missing(socket), proc);
    case ErrorCode::kConnectionRefused:
      return with_shadow(advice_on_refused(socket, proc), proc);
    case ErrorCode::kNotASocket:
      return advice_on_not_a_socket(socket);
    case ErrorCode::kSocketPermission:
      return advice_on_permission(socket);
    default:
      return std::string(error.entry().remedy);
  }
}

bool is_mount_point(std::string_view mountinfo, std::string_view path) {
  while (!mountinfo.empty()) {
    std::string_view line = take_until(mountinfo, '\n');
    // "36 35 98:0 /root/of/mount /mount/point rw,noatime ...": the fifth field.
    for (int i = 0; i < 4; ++i) take_until(line, ' ');
    if (take_until(line, ' ') == path) return true;
  }
  return false;
}

bool has_abstract_name(std::string_view sockets) {
  return sockets.find("@sgx_aesm_socket_base") != std::string_view::npos;
}

}  // namespace quoted::aesm
