#include "simulation/pcs_server/service_world.h"

#include <utility>

#include "base/text.h"

namespace quoted::simulation {

base::Result<std::unique_ptr<ServiceWorld>> ServiceWorld::open(
    const std::filesystem::path& directory, Notice notice) {
  std::unique_ptr<ServiceWorld> out(new ServiceWorld(directory, std::move(notice)));
  QUOTED_CHECK(out->file_.create_if_missing(default_world()));
  out->stamp_ = out->file_.stamp();
  QUOTED_TRY(World world, out->file_.load());
  out->world_ = std::make_shared<const World>(std::move(world));
  return out;
}

std::shared_ptr<const World> ServiceWorld::now() {
  const std::scoped_lock lock(mutex_);
  // Before reading: a change in between shows in the next stamp.
  const auto stamp = file_.stamp();
  if (stamp == stamp_) return world_;
  stamp_ = stamp;
  auto world = file_.load();
  if (world) {
    world_ = std::make_shared<const World>(*std::move(world));
  } else {
    notice_(base::text("the world stays as it was before: ", world.error().summary()));
  }
  return world_;
}

base::Status ServiceWorld::update(const ChangeWorld& change) {
  Change mine{.make = change};
  std::unique_lock lock(changes_mutex_);
  waiting_.push_back(&mine);
  while (!mine.done) {
    if (writing_) {
      written_.wait(lock);
      continue;
    }
    writing_ = true;
    const std::vector<Change*> changes = std::exchange(waiting_, {});
    lock.unlock();
    write(changes);
    lock.lock();
    for (Change* const one : changes) one->done = true;
    writing_ = false;
    written_.notify_all();
  }
  return std::move(mine.outcome);
}

// A change that fails leaves nothing of itself behind, and does not hinder the others.
void ServiceWorld::write(const std::vector<Change*>& changes) {
  std::optional<WorldFile::Stamp> stamp;
  auto world = file_.update(
      [&](World& now) -> base::Status {
        for (Change* const one : changes) {
          World changed = now;
          one->outcome = one->make(changed);
          if (one->outcome) now = std::move(changed);
        }
        return {};
      },
      &stamp);
  if (!world) {
    for (Change* const one : changes) {
      if (one->outcome) one->outcome = base::fail(world.error());
    }
    return;
  }
  const std::scoped_lock lock(mutex_);
  stamp_ = stamp;
  world_ = std::make_shared<const World>(*std::move(world));
}

}  // namespace quoted::simulation
