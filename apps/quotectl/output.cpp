#include "quotectl/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;

constexpr mode_t kOutputMode = 0644;

// 0, or the error number.
int write_all(int fd, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

// Nobody is left to be told when standard error does not take it either.
void to_stderr(const std::string& line) { write_all(STDERR_FILENO, line); }

}  // namespace

void claim_standard_descriptors() {
  // Read-only, so that writing to a closed output fails as it should.
  int fd = -1;
  do {
    fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) ::close(fd);
}

Status print(std::string_view value) {
  if (const int error = write_all(STDOUT_FILENO, value); error != 0) {
    return fail(ErrorCode::kFileUnwritable,
                text("cannot write to standard output: ", base::errno_text(error)));
  }
  return {};
}

void note(std::string_view sentence) { to_stderr(text("quotectl: ", sentence, '\n')); }

void complain(const base::Error& error) { note(error.explanation()); }

void warn_simulated(std::string_view sentence) {
  note(text(collateral::kSimulatedMarker, ": ", sentence));
}

Status write_output_file(const std::string& path, base::ByteView content) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return fail(ErrorCode::kFileUnwritable,
                text("cannot write ", path, ": it exists and is not a regular file"));
  }
  return base::write_file(path, content, kOutputMode);
}

}  // namespace quoted::quotectl
