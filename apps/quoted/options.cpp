#include "quoted/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "simulation/authority/platform_manifest.h"
#include "simulation/epc/epc_ledger.h"

namespace quoted::app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr const char* kDefaultSocket = "/var/run/aesmd/aesm.socket";
constexpr const char* kDefaultStateDir = "/var/lib/quoted";
constexpr const char* kOnlyPlatform = "simulated";
constexpr long kMaxThreads = 1024;
constexpr long kMaxGrace = 86'400;
constexpr long kMaxTimeLimit = 86'400;

// As typed, before it is known to make sense.
struct RawOptions {
  std::string platform = kOnlyPlatform;
  std::string socket = kDefaultSocket;
  std::string state_dir = kDefaultStateDir;
  std::string seed_file;
  std::string log_format = "auto";
  std::string log_level = "info";
  long threads = 0;
  std::string config;
  std::vector<std::string> collateral;
  std::string platform_name = "default";
  long grace = 60;
  bool preflight = false;
  std::string candidate;
  std::string corpus;
  bool json = false;
  bool hostile = false;
  long time_limit = 300;
  long epc = simulation::kDefaultEpcMebibytes;
};

// Of what would count as absent.
CLI::Validator not_empty() {
  return {[](const std::string& value) {
            return value.empty() ? std::string("it is empty, expected a path") : std::string();
          },
          ""};
}

void declare(CLI::App& app, RawOptions& raw) {
  app.set_version_flag("--version", "quoted " QUOTED_VERSION);
  app.add_option("--platform", raw.platform, "What makes the quotes: simulated")
      ->capture_default_str();
  app.add_option("--socket", raw.socket, "Where to listen")
      ->envname("QUOTED_SOCKET")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--state-dir", raw.state_dir, "Keeps keys and certificates across restarts")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--seed-file", raw.seed_file,
                 "The secret that the simulated world derives from: 32 raw bytes or 64 hexadecimal "
                 "digits; without it, a public seed for development")
      ->type_name("FILE");
  app.add_option("--config", raw.config,
                 "Configuration with a table [collateral]: where PCK certificates and collateral "
                 "come from")
      ->type_name("FILE");
  app.add_option("--collateral", raw.collateral,
                 "A source of PCK certificates and collateral, in place of those of the "
                 "configuration: pcs=URL, pccs=URL, azure=URL or files=PATH; several are asked in "
                 "their order. Without any source a simulated platform is certified by a simulated "
                 "manufacturer in the daemon itself")
      ->type_name("KIND=URL");
  app.add_option("--platform-name", raw.platform_name,
                 "Which machine of the simulated world this is; another name, other fuses")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--grace", raw.grace,
                 "Seconds for which a REPORT made before an update of the node is still quoted")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--epc", raw.epc,
                 "Enclave memory of the simulated node in MiB, which the daemon shares with "
                 "applications that quote in their own process")
      ->type_name("MIB")
      ->capture_default_str();
  app.add_option("--log-format", raw.log_format, "auto (text on a terminal), json or text")
      ->capture_default_str();
  app.add_option("--log-level", raw.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--threads", raw.threads, "Event loops; 0 means one per core")
      ->capture_default_str();
  CLI::Option* const preflight = app.add_flag(
      "--preflight", raw.preflight,
      "Serve nothing: start a candidate with these options on a private socket and tell whether it "
      "may take the place of the service that runs; exits with 0 when it may, 2 when not, 3 when "
      "that could not be found out");
  CLI::Option* const candidate =
      app.add_option(
             "--candidate", raw.candidate,
             "With --preflight: judge the daemon that serves on this socket, and start none")
          ->type_name("PATH")
          ->check(not_empty())
          ->needs(preflight);
  app.add_option(
         "--corpus", raw.corpus,
         "With --preflight: the clients' conversations in this directory, in place of those "
         "in this program")
      ->type_name("DIR")
      ->check(not_empty())
      ->needs(preflight);
  app.add_flag("--json", raw.json, "With --preflight: JSON instead of a table")->needs(preflight);
  app.add_flag("--hostile", raw.hostile,
               "With --candidate: also what may harm a daemon that is not proof against it")
      ->needs(candidate);
  app.add_option("--time-limit", raw.time_limit,
                 "With --preflight: seconds after which the candidate has failed")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->needs(preflight);
}

tl::unexpected<base::Error> invalid(std::string_view option, std::string_view value,
                                    std::string_view expected) {
  return fail(ErrorCode::kInvalidArgument, text(option, " is '", value, "', expected ", expected));
}

Result<telemetry::LogFormat> parse_format(const std::string& name) {
  if (name == "auto") return telemetry::format_for(STDERR_FILENO);
  if (name == "json") return telemetry::LogFormat::kJson;
  if (name == "text") return telemetry::LogFormat::kText;
  return invalid("--log-format", name, "auto, json or text");
}

// Nothing when no source is named anywhere. The file of Intel's provider counts for a simulated
// platform only where QCNL_CONF_PATH names it: the usual file of a machine is about its hardware.
Result<std::optional<certification::Settings>> read_collateral(const RawOptions& raw) {
  certification::Settings own;
  if (!raw.config.empty()) {
    QUOTED_TRY(own, certification::load_settings(raw.config));
  }
  if (!raw.collateral.empty()) own.sources.clear();
  for (const std::string& one : raw.collateral) {
    auto source = certification::parse_source(one);
    if (!source) return fail(std::move(source).error().with_context("--collateral"));
    own.sources.push_back(*std::move(source));
  }
  QUOTED_TRY(
      certification::Settings all,
      certification::complete_settings(std::move(own), certification::process_environment(), {}));
  if (all.sources.empty()) return std::nullopt;
  return all;
}

Result<Options> validate(const RawOptions& raw) {
  Options out;
  if (raw.platform != kOnlyPlatform) return invalid("--platform", raw.platform, kOnlyPlatform);
  out.platform = raw.platform;
  out.socket = raw.socket;
  if (raw.state_dir.empty()) return invalid("--state-dir", raw.state_dir, "a directory");
  // "dir/" names the same directory as "dir", but has no last component to give a mode to.
  out.state_dir = std::filesystem::path(raw.state_dir).lexically_normal();
  if (!out.state_dir.has_filename()) out.state_dir = out.state_dir.parent_path();
  if (!raw.seed_file.empty()) out.seed_file = raw.seed_file;
  QUOTED_TRY(out.log_format, parse_format(raw.log_format));
  const auto level = telemetry::parse_level(raw.log_level);
  if (!level) return invalid("--log-level", raw.log_level, "debug, info, warning or error");
  out.log_level = *level;
  if (raw.threads < 0 || raw.threads > kMaxThreads) {
    return invalid("--threads", text(raw.threads), text("0 to ", kMaxThreads));
  }
  out.threads = static_cast<std::size_t>(raw.threads);
  if (!simulation::is_platform_name(raw.platform_name)) {
    return invalid("--platform-name", raw.platform_name,
                   "1 to 64 letters, digits and -_. with a letter or digit first");
  }
  out.platform_name = raw.platform_name;
  if (raw.grace < 0 || raw.grace > kMaxGrace) {
    return invalid("--grace", text(raw.grace), text("0 to ", kMaxGrace));
  }
  out.grace = std::chrono::seconds(raw.grace);
  constexpr auto kMaxEpc = static_cast<long>(simulation::kMaxEpcMebibytes);
  if (raw.epc < 1 || raw.epc > kMaxEpc) {
    return invalid("--epc", text(raw.epc), text("1 to ", kMaxEpc));
  }
  out.epc_mebibytes = static_cast<std::uint64_t>(raw.epc);
  QUOTED_TRY(out.collateral, read_collateral(raw));
  if (raw.preflight) {
    Preflight& preflight = out.preflight.emplace();
    if (!raw.candidate.empty()) preflight.candidate = raw.candidate;
    if (!raw.corpus.empty()) preflight.corpus = raw.corpus;
    preflight.json = raw.json;
    preflight.hostile = raw.hostile;
    if (raw.time_limit < 1 || raw.time_limit > kMaxTimeLimit) {
      return invalid("--time-limit", text(raw.time_limit), text("1 to ", kMaxTimeLimit));
    }
    preflight.time_limit = std::chrono::seconds(raw.time_limit);
  }
  return out;
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  RawOptions raw;
  CLI::App app("Makes SGX quotes for every container on this node, over the AESM socket.",
               "quoted");
  declare(app, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return CommandLine{.information = app.help(), .options = {}};
  } catch (const CLI::CallForVersion& version) {
    return CommandLine{.information = text(version.what(), '\n'), .options = {}};
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument, error.what());
  }
  QUOTED_TRY(Options options, validate(raw));
  return CommandLine{.information = {}, .options = std::move(options)};
}

}  // namespace quoted::app
