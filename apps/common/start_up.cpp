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
#include "base/wipe.h"
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

tl::unexpected<base::Error> unusable_state(const fs::path& directory, std::string_view why) {
  return fail(ErrorCode::kStateDirectoryUnusable,
              text("cannot use the state directory ", directory.native(), ": ", why));
}

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
  const auto unusable = [&](std::string_view why) { return unusable_state(directory, why); };
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error) return unusable(error.message());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return unusable(base::errno_text(errno));
  }
  return check_state_directory(directory);
}

base::Status check_state_directory(const fs::path& directory) {
  std::error_code error;
  const fs::path wanted = fs::absolute(directory, error);
  fs::path present = wanted;
  // What exists of the path: the rest would be made in it.
  for (;; present = present.parent_path()) {
    const fs::file_type type = fs::symlink_status(present, error).type();
    if (type == fs::file_type::none) return unusable_state(directory, error.message());
    if (type != fs::file_type::not_found || !present.has_relative_path()) break;
  }
  const bool itself = present == wanted;
  if (!fs::is_directory(present, error)) {
    return unusable_state(directory, itself ? "it is not a directory"
                                            : text(present.native(), " is not a directory"));
  }
  if (::faccessat(AT_FDCWD, present.c_str(), (itself ? R_OK : 0) | W_OK | X_OK, AT_EACCESS) == 0) {
    return {};
  }
  const std::string why = base::errno_text(errno);
  return unusable_state(directory,
                        itself ? why : text("it cannot be made in ", present.native(), ": ", why));
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
  base::wipe(*content);
  if (!seed) return fail(std::move(seed).error().with_context(text("seed file ", file->native())));
  warn_if_exposed(*file, logger);
  return seed;
}

}  // namespace quoted::app
