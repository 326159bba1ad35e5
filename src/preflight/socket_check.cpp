#include "preflight/socket_check.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/file.h"
#include "base/text.h"

namespace quoted::preflight {
namespace {

constexpr mode_t kMode = 0777;

std::string octal(mode_t mode) {
  std::array<char, 8> out{};
  (void)std::snprintf(out.data(), out.size(), "%04o", static_cast<unsigned>(mode));
  return out.data();
}

}  // namespace

Check socket_mode_check(const std::filesystem::path& socket) {
  const std::string name = "socket mode";
  struct stat info{};
  if (::stat(socket.c_str(), &info) != 0) {
    return failed(name, base::ErrorCode::kPreflightFailed,
                  base::text("cannot look at ", socket.native(), ": ", base::errno_text(errno)));
  }
  const mode_t mode = info.st_mode & kMode;
  if (mode == kMode) return passed(name, octal(mode));
  return failed(
      name, base::ErrorCode::kPreflightFailed,
      base::text("it is ", octal(mode), ", expected ", octal(kMode), ": clients run as any user"));
}

}  // namespace quoted::preflight
