// quotectl sim fault: what the simulated service is to do wrong.
#include <memory>

#include "base/text.h"
#include "quotectl/output.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_drill.h"
#include "simulation/authority/drills.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;
using simulation::Fault;
using simulation::FaultKind;
using simulation::ServiceEndpoint;
using simulation::World;

constexpr std::string_view kAll = "all";

struct FaultOptions {
  DrillOptions drill;
  std::string endpoint{kAll};
  std::string kind;
  std::optional<std::uint32_t> count;
  std::uint32_t seconds = 5;
};

std::vector<std::string> endpoints_or_all() {
  std::vector<std::string> out = simulation::endpoint_names();
  out.emplace_back(kAll);
  return out;
}

std::vector<ServiceEndpoint> wanted(const std::string& name) {
  std::vector<ServiceEndpoint> out;
  for (const std::string& one : simulation::endpoint_names()) {
    if (name == kAll || name == one) out.push_back(*simulation::endpoint_named(one));
  }
  return out;
}

// What a client of the endpoint meets.
std::string_view symptom(FaultKind kind) {
  switch (kind) {
    case FaultKind::kDown:
      return "the connection ends without an answer";
    case FaultKind::kSlow:
      return "the right answer, late";
    case FaultKind::kNotFound:
      return "status 404";
    case FaultKind::kTooManyRequests:
      return "status 429 with Retry-After";
    case FaultKind::kServerError:
      return "status 500";
    case FaultKind::kUnavailable:
      return "status 503 with Retry-After";
    case FaultKind::kTruncatedBody:
      return "the first half of the right body";
    case FaultKind::kWrongSignature:
      return "the right content with a signature that does not hold";
    case FaultKind::kWrongChain:
      return "the issuer chain of another kind of document";
    case FaultKind::kWrongDialect:
      return "the form of the other dialect";
    case FaultKind::kStaleDocument:
      return "a document past its nextUpdate";
  }
  return "";
}

std::string describe(const Fault& fault) {
  return text(simulation::endpoint_name(fault.endpoint), ": ", simulation::fault_name(fault.kind),
              fault.remaining ? text(", ", *fault.remaining, " times") : "", " (",
              symptom(fault.kind), ")\n");
}

Result<std::string> set(const FaultOptions& options, World& world) {
  std::string out;
  for (const ServiceEndpoint endpoint : wanted(options.endpoint)) {
    const Fault fault{endpoint, *simulation::fault_named(options.kind), options.count,
                      options.seconds};
    simulation::set_fault(world, fault);
    out += describe(fault);
  }
  return out + "Undo with: quotectl sim fault clear\n";
}

Result<std::string> clear(const FaultOptions& options, World& world) {
  std::size_t cleared = 0;
  for (const ServiceEndpoint endpoint : wanted(options.endpoint)) {
    if (simulation::clear_fault(world, endpoint)) ++cleared;
  }
  return text("faults cleared: ", cleared, '\n');
}

Result<ExitCode> list(const FaultOptions& options) {
  QUOTED_TRY(const World world, load_world(options.drill));
  std::string out;
  for (const Fault& fault : world.faults) out += describe(fault);
  QUOTED_CHECK(print(out));
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_fault_command(CLI::App& sim, Action& chosen) {
  constexpr std::uint32_t kMostTimes = 1'000'000;
  auto options = std::make_shared<FaultOptions>();
  CLI::App* const fault =
      sim.add_subcommand("fault", "Make endpoints of the simulated service fail");
  fault->require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* const command = fault->add_subcommand(name, help);
    add_drill_options(*command, options->drill);
    return command;
  };
  CLI::App* const setting = add("set", "In place of the fault that the endpoint had");
  setting->add_option("endpoint", options->endpoint, "Which requests, or all")
      ->check(CLI::IsMember(endpoints_or_all()))
      ->required();
  setting->add_option("kind", options->kind, "What goes wrong")
      ->check(CLI::IsMember(simulation::fault_names()))
      ->required();
  setting->add_option("--count", options->count, "How often; without it until it is cleared")
      ->check(CLI::Range(1U, kMostTimes));
  setting->add_option("--seconds", options->seconds, "How slow, or what Retry-After says")
      ->check(CLI::Range(1U, simulation::kMaxFaultSeconds))
      ->capture_default_str();
  setting->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return set(*options, world); });
    };
  });
  CLI::App* const clearing = add("clear", "Of one endpoint, or all");
  clearing->add_option("endpoint", options->endpoint, "Which")
      ->check(CLI::IsMember(endpoints_or_all()));
  clearing->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return clear(*options, world); });
    };
  });
  add("list", "Those that are set")->callback([options, &chosen] {
    chosen = [options] { return list(*options); };
  });
}

}  // namespace quoted::quotectl
