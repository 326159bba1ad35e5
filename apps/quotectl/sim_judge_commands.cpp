// quotectl sim advisory and sim identity: how levels of platforms and of the QE are judged.
#include <memory>

#include "base/text.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_drill.h"
#include "simulation/authority/drills.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using simulation::Judgement;
using simulation::TcbVerdict;
using simulation::World;

struct JudgeOptions {
  DrillOptions drill;
  std::size_t level = 1;                  // of a platform, the best first
  std::optional<std::uint16_t> isv_svn;   // of the QE
  std::optional<std::uint16_t> recovery;  // of the QE
  std::optional<std::string> status;
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

Judgement judgement_of(const JudgeOptions& options) {
  Judgement out;
  if (options.status) out.status = collateral::parse_tcb_status(*options.status);
  out.add_advisories = options.add;
  out.remove_advisories = options.remove;
  return out;
}

std::string told(std::string_view level, const TcbVerdict& verdict) {
  std::string out = text(level, ": ", collateral::tcb_status_name(verdict.status));
  for (const std::string& id : verdict.advisory_ids) out += text(' ', id);
  return out + "\nVerifiers that fetch collateral from now on report this.\n";
}

base::Status check_something(const JudgeOptions& options) {
  if (options.status || !options.add.empty() || !options.remove.empty()) return {};
  return fail(ErrorCode::kInvalidArgument, "give --status, --add or --remove");
}

Result<std::string> judge_platforms(const JudgeOptions& options, World& world) {
  QUOTED_CHECK(check_something(options));
  const std::size_t index = options.level - 1;
  QUOTED_CHECK(simulation::judge_level(world, index, judgement_of(options)));
  const auto& level = world.present.state.levels[index];
  return told(level_text(level), level.verdict);
}

Result<std::string> judge_qe(const JudgeOptions& options, World& world) {
  if (options.recovery) {
    simulation::QeRecovery recovery;
    recovery.isv_svn = *options.recovery;
    recovery.advisories = options.add;
    QUOTED_TRY(const auto outcome,
               simulation::recover_qe(world, recovery, base::SystemClock().now()));
    return text("tcbEvaluationDataNumber ", outcome.old_number, " -> ", outcome.new_number,
                "\nnew best level of the QE: ISVSVN ", *options.recovery,
                "\nlevels that are no longer in order: ", outcome.left_behind,
                "\nUpgrade a node with: quotectl sim upgrade --state-dir NODE\n");
  }
  QUOTED_CHECK(check_something(options));
  const std::uint16_t isv_svn =
      options.isv_svn.value_or(world.present.state.qe_levels.front().isv_svn);
  QUOTED_CHECK(simulation::judge_qe_level(world, isv_svn, judgement_of(options)));
  auto& level = *simulation::qe_level_of(world.present.state, isv_svn);
  return told(text("QE with ISVSVN ", isv_svn), level.verdict);
}

void add_judge_options(CLI::App& command, JudgeOptions& options,
                       const std::vector<std::string>& statuses) {
  add_drill_options(command, options.drill);
  command.add_option("--status", options.status, "What the level is from now on")
      ->check(CLI::IsMember(statuses));
  command.add_option("--add", options.add, "An advisory more; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
  command.add_option("--remove", options.remove, "An advisory less; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
}

}  // namespace

void add_sim_advisory_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<JudgeOptions>();
  CLI::App* const command =
      sim.add_subcommand("advisory", "Judge a TCB level of the platforms anew");
  add_judge_options(*command, *options, simulation::platform_status_names());
  command->add_option("--level", options->level, "Which, 1 is the best; see 'sim status'")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return judge_platforms(*options, world); });
    };
  });
}

void add_sim_identity_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<JudgeOptions>();
  CLI::App* const command =
      sim.add_subcommand("identity", "Judge a level of the Quoting Enclave anew");
  add_judge_options(*command, *options, simulation::qe_status_names());
  command->add_option("--isv-svn", options->isv_svn, "Which; without it the best");
  command
      ->add_option("--recovery", options->recovery,
                   "Publish a new QE with this ISVSVN: the present levels become OutOfDate")
      ->type_name("ISVSVN");
  command->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return judge_qe(*options, world); });
    };
  });
}

}  // namespace quoted::quotectl
