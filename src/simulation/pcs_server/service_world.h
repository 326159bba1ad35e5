// The world as the service sees it while other programs move it. Private to the service.
#pragma once

#include <memory>
#include <mutex>

#include "simulation/authority/world_file.h"
#include "simulation/notice.h"

namespace quoted::simulation {

// Usable from many threads.
class ServiceWorld {
 public:
  // The errors of WorldFile::load; a missing file is created.
  [[nodiscard]] static base::Result<std::unique_ptr<ServiceWorld>> open(
      const std::filesystem::path& directory, Notice notice);

  // As the file says it now. A file that is damaged is told, once, and the world before stays.
  [[nodiscard]] std::shared_ptr<const World> now();

  // The errors of WorldFile::update.
  [[nodiscard]] base::Status update(const std::function<base::Status(World& world)>& change);

 private:
  ServiceWorld(const std::filesystem::path& directory, Notice notice)
      : file_(directory), notice_(std::move(notice)) {}

  WorldFile file_;
  Notice notice_;
  std::mutex mutex_;
  std::optional<WorldFile::Stamp> stamp_;
  std::shared_ptr<const World> world_;
};

}  // namespace quoted::simulation
