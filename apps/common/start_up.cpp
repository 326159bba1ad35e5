#include "common/start_up.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "telemetry/names.h"

namespace quoted::app {

namespace event = telemetry::event;
namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::text;

namespace {

// More than either form of a seed, so that the size of a wrong file can be named.
constexpr std::size_t kMaxSeedFile = 4096;

void warn_if_exposed(const fs::path& file, telemetry::Logger& logger) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0 || (info.st_mode & (S_IRGRP | S_IROTH)) == 0) return;
  logger.warning(event::kSeedFileExposed,
                 "others than its owner can read the seed and forge this world's quotes",
                 {{"path", file.native()}, {"remedy", text("chmod 600 ", file.native())}});
}

}  // namespace

void claim_standard_descriptors() {
  base::UniqueFd fd;
  do {
    (void)fd.release();
    fd.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
  } while (fd.valid() && fd.get() <= STDERR_FILENO);
}

base::Status prepare_state_directory(const fs::path& directory) {
  const auto unusable = [&](std::string_view why) {
    return fail(ErrorCode::kStateDirectoryUnusable,
                text("cannot use the state directory ", directory.native(), ": ", why));
  };
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error) return unusable(error.message());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return unusable(base::errno_text(errno));
  }
  if (!fs::is_directory(directory, error)) return unusable("it is not a directory");
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    return unusable(base::errno_text(errno));
  }
  return {};
}

base::Result<simulation::MasterSeed> load_seed(const std::optional<fs::path>& file,
                                               telemetry::Logger& logger) {
  if (!file) {
    logger.warning(event::kDevelopmentSeed,
                   "no --seed-file: this world is made from the public development seed, and "
                   "everybody can forge its quotes");
    return simulation::MasterSeed::development();
  }
  auto content = base::read_file(*file, kMaxSeedFile);
  if (!content) return fail(ErrorCode::kSeedUnusable, content.error().summary());
  auto seed = simulation::MasterSeed::parse(*content);
  explicit_bzero(content->data(), content->size());
  if (!seed) return fail(std::move(seed).error().with_context(text("seed file ", file->native())));
  warn_if_exposed(*file, logger);
  return seed;
}

}  // namespace quoted::app
