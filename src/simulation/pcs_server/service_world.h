// The world as the service sees it while other programs move it. Private to the service.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

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

  using ChangeWorld = std::function<base::Status(World& world)>;

  // The errors of WorldFile::update. Changes that arrive while the file is being written are
  // written together: a thousand platforms that register at once cost a few writes, not a thousand.
  [[nodiscard]] base::Status update(const ChangeWorld& change);

 private:
  ServiceWorld(const std::filesystem::path& directory, Notice notice)
      : file_(directory), notice_(std::move(notice)) {}

  WorldFile file_;
  Notice notice_;
  std::mutex mutex_;
  std::optional<WorldFile::Stamp> stamp_;
  std::shared_ptr<const World> world_;

  struct Change {
    const ChangeWorld& make;
    base::Status outcome{};
    bool done = false;
  };
  void write(const std::vector<Change*>& changes);

  std::mutex changes_mutex_;  // of the three below
  std::condition_variable written_;
  std::vector<Change*> waiting_;
  bool writing_ = false;
};

}  // namespace quoted::simulation
