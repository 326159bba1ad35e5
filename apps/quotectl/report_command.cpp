// quotectl report: acts as an enclave on a simulated CPU and makes a REPORT for the daemon's
// Quoting Enclave.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "aesm/client.h"
#include "base/file.h"
#include "base/text.h"
#include "quotectl/commands.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/cpu/sdk_sim_cpu.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kOwnCpu = "own";
constexpr std::string_view kSdkSimCpu = "sdk-sim";
constexpr std::size_t kMaxPublishedCpuSize = 4096;

struct ReportOptions {
  std::string socket;
  std::string cpu = std::string(kOwnCpu);
  std::string mr_enclave;
  std::string mr_signer;
  std::string report_data;
  bool debug = false;
  std::optional<std::string> cpu_svn;
  std::uint16_t isv_prod_id = 0;
  std::uint16_t isv_svn = 0;
  std::optional<std::string> target_info;
  std::string out;
};

// Recognisable wherever they show up.
std::string default_mr_enclave() { return base::to_hex(base::Bytes(32, std::byte{0x11})); }
std::string default_mr_signer() { return base::to_hex(base::Bytes(32, std::byte{0x22})); }

// As the SDK's simulation does (sgx-cpu-model 8.4): anything but one of the constants is passed
// over in silence.
simulation::SdkSimLevel level_of_home() {
  constexpr auto kDefault = simulation::SdkSimLevel::kDefault;
  const char* const home = std::getenv("HOME");
  if (home == nullptr) return kDefault;
  const auto content =
      base::read_file(std::filesystem::path(home) / ".cpusvn.conf", sgx::CpuSvn::kSize);
  if (!content) return kDefault;
  const auto cpu_svn = sgx::CpuSvn::parse(*content);
  return cpu_svn ? simulation::sdk_sim_level(*cpu_svn).value_or(kDefault) : kDefault;
}

Result<std::unique_ptr<simulation::Cpu>> sdk_sim_cpu(const ReportOptions& options) {
  const auto level = options.cpu_svn ? simulation::sdk_sim_level_by_name(*options.cpu_svn)
                                     : std::optional(level_of_home());
  if (!level) {
    return fail(ErrorCode::kInvalidArgument,
                text("--cpusvn '", *options.cpu_svn, "' is not default, upgraded or downgraded"));
  }
  return std::make_unique<simulation::SdkSimCpu>(*level);
}

Result<std::unique_ptr<simulation::Cpu>> own_cpu(const ReportOptions& options) {
  const auto path =
      std::filesystem::path(options.socket).parent_path() / simulation::kPublishedCpuFileName;
  auto content = base::read_file(path, kMaxPublishedCpuSize);
  if (!content) {
    return fail(std::move(content).error().with_context(
        "no simulated CPU beside the socket: the daemon is not a simulated one, or its socket is "
        "mounted here without the directory around it"));
  }
  auto cpu = simulation::parse_published_cpu(*content);
  if (!cpu) return fail(std::move(cpu).error().with_context(path.string()));
  return std::make_unique<simulation::PlatformCpu>(*std::move(cpu));
}

Result<std::unique_ptr<simulation::Cpu>> chosen_cpu(const ReportOptions& options) {
  if (options.cpu == kSdkSimCpu) return sdk_sim_cpu(options);
  if (options.cpu_svn) {
    return fail(ErrorCode::kInvalidArgument,
                text("--cpusvn goes with --cpu ", kSdkSimCpu,
                     " only: the platform's own CPU has the CPUSVN of its platform"));
  }
  return own_cpu(options);
}

Result<sgx::TargetInfo> target_info(const ReportOptions& options) {
  if (!options.target_info) {
    return aesm::Client(options.socket).init_quote().map([](const aesm::InitializedQuote& answer) {
      return answer.target_info;
    });
  }
  QUOTED_TRY(const base::Bytes content,
             base::read_file(*options.target_info, sizeof(sgx::TargetInfo)));
  return base::parse_struct<sgx::TargetInfo>(content,
                                             text(*options.target_info, ": a target info"));
}

Result<simulation::Secs> enclave(const ReportOptions& options) {
  simulation::Secs out;
  constexpr std::uint64_t kX87AndSse = 3;
  out.attributes = {
      sgx::flags::kInit | sgx::flags::kMode64Bit | (options.debug ? sgx::flags::kDebug : 0),
      kX87AndSse};
  QUOTED_TRY(out.mr_enclave, parse_identifier<sgx::MrEnclave>("--mrenclave", options.mr_enclave));
  QUOTED_TRY(out.mr_signer, parse_identifier<sgx::MrSigner>("--mrsigner", options.mr_signer));
  out.isv_prod_id = options.isv_prod_id;
  out.isv_svn = options.isv_svn;
  return out;
}

Result<ExitCode> run(const ReportOptions& options) {
  QUOTED_TRY(const simulation::Secs secs, enclave(options));
  QUOTED_TRY(const auto data, parse_padded<sgx::ReportData>("--report-data", options.report_data));
  QUOTED_TRY(const sgx::TargetInfo target, target_info(options));
  QUOTED_TRY(const std::unique_ptr<simulation::Cpu> cpu, chosen_cpu(options));
  QUOTED_TRY(const sgx::Report report, cpu->ereport(secs, target, data));
  QUOTED_CHECK(write_output_file(options.out, base::struct_bytes(report)));
  warn_simulated(text("REPORT of a simulated enclave written to ", options.out,
                      ", for the Quoting Enclave ", target.mr_enclave.hex()));
  return ExitCode::kSuccess;
}

}  // namespace

void add_report_command(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<ReportOptions>();
  options->mr_enclave = default_mr_enclave();
  options->mr_signer = default_mr_signer();
  CLI::App* const command =
      app.add_subcommand("report", "Act as a simulated enclave and make a REPORT for the daemon");
  add_socket_option(*command, options->socket);
  command
      ->add_option("--cpu", options->cpu,
                   "own: the CPU that the simulated daemon publishes beside its socket; sdk-sim: "
                   "that of enclaves built with SGX_MODE=SIM")
      ->check(CLI::IsMember({std::string(kOwnCpu), std::string(kSdkSimCpu)}))
      ->capture_default_str();
  command
      ->add_option("--cpusvn", options->cpu_svn,
                   "With sdk-sim: default, upgraded or downgraded; without it what "
                   "$HOME/.cpusvn.conf says")
      ->type_name("LEVEL");
  command->add_option("--mrenclave", options->mr_enclave, "Measurement of the enclave, 32 bytes")
      ->type_name("HEX")
      ->capture_default_str();
  command->add_option("--mrsigner", options->mr_signer, "Signer of the enclave, 32 bytes")
      ->type_name("HEX")
      ->capture_default_str();
  command
      ->add_option("--report-data", options->report_data,
                   "Up to 64 bytes of the enclave's choice; zero bytes behind")
      ->type_name("HEX");
  command->add_option("--isv-prod-id", options->isv_prod_id, "Product id of the enclave")
      ->capture_default_str();
  command->add_option("--isv-svn", options->isv_svn, "Security version of the enclave")
      ->capture_default_str();
  command->add_flag("--debug", options->debug, "Give the enclave the DEBUG attribute");
  command
      ->add_option("--target-info", options->target_info,
                   "Take the target info from this file and do not ask the daemon")
      ->type_name("FILE");
  command->add_option("--out", options->out, "Where the 432 bytes go")
      ->type_name("FILE")
      ->required();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
