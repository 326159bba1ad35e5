#include "simulation/pcs_server/service_world.h"

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

base::Status ServiceWorld::update(const std::function<base::Status(World& world)>& change) {
  return file_.update(change).map([](const World&) {});
}

}  // namespace quoted::simulation
