#include "quoted/simulated.h"

#include "certification/settings.h"
#include "service/maintained_platform.h"
#include "simulation/authority/certificate_authority.h"
#include "simulation/authority/platform_manifest.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/simulated_enclave.h"
#include "telemetry/names.h"

namespace quoted::app {
namespace {

constexpr std::string_view kCacheDir = "collateral";

std::filesystem::path beside_socket(const Options& options, std::string_view name) {
  return options.socket.parent_path() / name;
}

}  // namespace

// Keys depend on the seed alone, so the certificates of this authority need not be kept.
base::Result<verification::TrustedRoot> simulated_root(const simulation::MasterSeed& seed,
                                                       base::UnixTime now) {
  const simulation::CertificateStore nothing_kept({}, [](const std::string&) {});
  QUOTED_TRY(const auto authority,
             simulation::CertificateAuthority::create(seed, now, nothing_kept));
  return verification::TrustedRoot{.name = "root CA of the simulated world",
                                   .key = authority.root().public_key(),
                                   .qe_mr_signer = simulation::simulated_signer()};
}

std::filesystem::path published_cpu_path(const Options& options) {
  return beside_socket(options, simulation::kPublishedCpuFileName);
}

std::filesystem::path status_path(const Options& options) {
  return beside_socket(options, service::kStatusFileName);
}

base::Result<std::unique_ptr<quoting::Platform>> start_simulated_platform(
    const Options& options, const simulation::MasterSeed& seed,
    const service::CertificationLink* to_certifier, const base::Clock& clock,
    telemetry::Logger& logger) {
  quoting::SimulatedPlatformOptions platform_options;
  platform_options.state_dir = options.state_dir;
  platform_options.platform_name = options.platform_name;
  platform_options.now = clock.now();
  platform_options.grace = options.grace;
  platform_options.certified_from_outside = to_certifier != nullptr;
  // In this process, which hosts QE and PCE: the memory is that of whoever opens the ledger.
  QUOTED_TRY(platform_options.epc,
             simulation::EpcLedger::create(options.state_dir / simulation::kEpcLedgerFileName,
                                           options.epc_mebibytes));
  platform_options.notice = [&logger](const std::string& message) {
    logger.warning(telemetry::event::kPlatformNotice, message);
  };
  service::MaintenanceOptions maintenance{
      .published_cpu = published_cpu_path(options),
      .status_file = status_path(options),
      .provision = options.state_dir / simulation::kProvisionFileName,
      .epc = platform_options.epc,
      .platform_manifest = {}};
  simulation::PlatformModel model = simulation::default_platform_model();
  model.name = options.platform_name;
  QUOTED_TRY(maintenance.platform_manifest, simulation::serialize_platform_manifest(seed, model));
  QUOTED_TRY(auto platform, quoting::SimulatedPlatform::create(seed, platform_options));
  return service::MaintainedPlatform::start(std::move(platform), to_certifier,
                                            std::move(maintenance), clock, logger);
}

base::Result<service::CertificationServiceFactory> make_certification(
    const Options& options, const simulation::MasterSeed& seed, const base::Clock& clock) {
  QUOTED_TRY(certification::ServiceOptions service_options,
             certification::service_options(*options.collateral));
  QUOTED_TRY(verification::TrustedRoot root, simulated_root(seed, clock.now()));
  service_options.roots.push_back(std::move(root));
  // A node without a certificate is of no use: it asks twice a minute at least.
  service_options.suspend_longest = std::chrono::seconds(30);
  if (service_options.cache_dir.empty()) service_options.cache_dir = options.state_dir / kCacheDir;
  return [settings = *options.collateral, service_options,
          &clock](certification::ServiceObserver& observer)
             -> base::Result<std::unique_ptr<certification::Service>> {
    QUOTED_TRY(auto sources, certification::make_sources(settings));
    return certification::Service::create(service_options, std::move(sources), clock, observer);
  };
}

}  // namespace quoted::app
