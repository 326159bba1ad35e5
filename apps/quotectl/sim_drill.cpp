#include "quotectl/sim_drill.h"

#include "base/text.h"
#include "quotectl/output.h"
#include "simulation/authority/platform_level.h"

namespace quoted::quotectl {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

void add_drill_options(CLI::App& command, DrillOptions& options) {
  options.world = "/var/lib/quoted-pcs";
  command.add_option("--world", options.world, "State directory of quoted-pcs")
      ->envname("QUOTED_PCS_STATE_DIR")
      ->type_name("DIR")
      ->capture_default_str();
}

namespace {

// A world that is not there is not made here: it would be one that no service serves.
base::Status check_there(const DrillOptions& options, const simulation::WorldFile& file) {
  if (file.stamp()) return {};
  return fail(ErrorCode::kFileUnreadable, text("there is no simulated world in ", options.world,
                                               "; start 'quoted-pcs --state-dir ", options.world,
                                               "' once, or name its state directory with --world"));
}

}  // namespace

Result<simulation::World> load_world(const DrillOptions& options) {
  const simulation::WorldFile file(options.world);
  QUOTED_CHECK(check_there(options, file));
  return file.load();
}

Result<ExitCode> drill(const DrillOptions& options,
                       const std::function<Result<std::string>(simulation::World&)>& change) {
  const simulation::WorldFile file(options.world);
  QUOTED_CHECK(check_there(options, file));
  std::string told;
  QUOTED_TRY(const simulation::World after,
             file.update([&](simulation::World& world) -> base::Status {
               QUOTED_TRY(told, change(world));
               return {};
             }));
  QUOTED_CHECK(print(told));
  return ExitCode::kSuccess;
}

std::string level_text(const simulation::TcbLevel& level) {
  return text("CPUSVN ", simulation::psvn_of(level).cpu_svn.hex(), ", PCESVN ", level.pce_svn);
}

}  // namespace quoted::quotectl
