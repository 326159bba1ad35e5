#include "quoted/master_seed_file.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "telemetry/names.h"

namespace quoted::app {
namespace {

constexpr std::size_t kMaxFileSize = 1024;

void warn_when_shared(const std::filesystem::path& file, telemetry::Logger& logger) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    logger.warning(telemetry::event::kSeedFileExposed,
                   "others may read the master seed; chmod 600 keeps them out",
                   {{"file", file.native()}});
  }
}

}  // namespace

base::Result<simulation::MasterSeed> load_master_seed(
    const std::optional<std::filesystem::path>& file, telemetry::Logger& logger) {
  if (!file) {
    logger.warning(telemetry::event::kDevelopmentSeed,
                   base::text(collateral::kSimulatedMarker,
                              ": the master seed is the public one for development; name another "
                              "with --seed-file"));
    return simulation::MasterSeed::development();
  }
  auto content = base::read_file(*file, kMaxFileSize);
  if (!content) return base::fail(base::ErrorCode::kSeedUnusable, content.error().message());
  warn_when_shared(*file, logger);
  auto seed = simulation::MasterSeed::parse(*content);
  explicit_bzero(content->data(), content->size());
  if (!seed) return base::fail(std::move(seed).error().with_context(file->string()));
  return seed;
}

}  // namespace quoted::app
