#include "quoting/simulated_platform.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "simulation/authority/pck_provider.h"
#include "simulation/authority/ppid_key.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/cpu/sdk_sim_cpu.h"
#include "simulation/qe3/quote_logic.h"

namespace quoted::quoting {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kAuthorityDir = "authority";
constexpr std::string_view kBlobName = "ecdsa_data.blob";

// Real QE3 checks its own signature on every quote, as a guard against faults of the silicon;
// here the check runs on the first quote and on samples (docs/decisions).
constexpr std::uint32_t kSelfCheckEvery = 1024;

base::Status prepare_directory(const std::filesystem::path& directory) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory, error);
  // Holds the sealed attestation key: nobody else's business.
  if (made) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (error) {
    return fail(
        ErrorCode::kStateDirectoryUnusable,
        text("cannot create the state directory ", directory.string(), ": ", error.message()));
  }
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    return fail(ErrorCode::kStateDirectoryUnusable,
                text("cannot write in the state directory ", directory.string(), ": ",
                     base::errno_text(errno)));
  }
  return {};
}

}  // namespace

// Declared in the order of dependence: later members refer to earlier ones.
struct SimulatedPlatform::World {
  World(simulation::MasterSeed s, simulation::CertificateStore st,
        simulation::CertificateAuthority ca, simulation::ManufacturedPlatform p,
        const crypto::RsaPublicKey& ppid_key, simulation::BlobFile blob_file,
        const simulation::Notice& notice)
      : seed(std::move(s)),
        store(std::move(st)),
        authority(std::move(ca)),
        platform(std::move(p)),
        pce(platform.cpu, simulation::simulated_pce_secs(platform.model.pce_isv_svn)),
        qe(platform.cpu, simulation::simulated_qe_secs(simulation::kSimulatedQeIsvSvn), ppid_key),
        provider(seed, authority, platform, store),
        logic(platform.cpu, pce, qe, &provider, std::move(blob_file), notice) {}

  simulation::MasterSeed seed;
  simulation::CertificateStore store;
  simulation::CertificateAuthority authority;
  simulation::ManufacturedPlatform platform;
  simulation::Pce pce;
  simulation::Qe3 qe;
  simulation::AuthorityPckProvider provider;
  simulation::QuoteLogic logic;
  std::optional<simulation::CertifiedKey> key;
};

SimulatedPlatform::SimulatedPlatform(std::unique_ptr<World> world) : world_(std::move(world)) {}
SimulatedPlatform::~SimulatedPlatform() = default;

Result<std::unique_ptr<SimulatedPlatform>> SimulatedPlatform::create(
    simulation::MasterSeed seed, const SimulatedPlatformOptions& options) {
  simulation::BlobFile blob_file;
  std::filesystem::path certificates;
  if (!options.state_dir.empty()) {
    blob_file.path = options.state_dir / kBlobName;
    certificates = options.state_dir / kAuthorityDir;
    QUOTED_CHECK(prepare_directory(options.state_dir));
    QUOTED_CHECK(prepare_directory(certificates));
  }
  simulation::CertificateStore store(certificates, options.notice);
  QUOTED_TRY(auto authority, simulation::CertificateAuthority::create(seed, options.now, store));
  simulation::PlatformModel model = simulation::default_platform_model();
  model.name = options.platform_name;
  QUOTED_TRY(auto platform, simulation::manufacture(seed, model));
  QUOTED_TRY(const crypto::RsaPublicKey ppid_key, simulation::ppid_public_key());

  auto world =
      std::make_unique<World>(std::move(seed), std::move(store), std::move(authority),
                              std::move(platform), ppid_key, std::move(blob_file), options.notice);
  QUOTED_TRY(world->key, world->logic.initialize());

  auto snapshot = std::make_shared<PlatformSnapshot>();
  snapshot->state = CertificationState::kCertified;
  snapshot->key_id = sgx::ecdsa_p256_key_id();
  snapshot->qe_target_info = world->qe.target_info();
  snapshot->pub_key_id = world->key->opened.clear.key_id;
  snapshot->quote_size = world->key->quote_size;

  std::unique_ptr<SimulatedPlatform> out(new SimulatedPlatform(std::move(world)));
  out->snapshot_ = std::move(snapshot);
  return out;
}

std::shared_ptr<const PlatformSnapshot> SimulatedPlatform::snapshot() const { return snapshot_; }

base::Bytes SimulatedPlatform::published_cpu() const {
  return simulation::serialize_published_cpu(world_->platform.cpu);
}

Result<QuoteOutput> SimulatedPlatform::make_quote(const QuoteRequest& request) {
  const World& world = *world_;
  simulation::NonceInput nonce;
  if (request.qe_report_info) {
    nonce.nonce = request.qe_report_info->nonce;
    nonce.app_target_info = request.qe_report_info->app_enclave_target_info;
    nonce.wants_report = true;
  }
  // The SDK's simulation mode has a CPU of its own per enclave, told apart by its CPUSVN
  // (sgx-cpu-model 8.4).
  std::optional<simulation::SdkSimCpu> sdk_cpu;
  if (const auto level = simulation::sdk_sim_level(request.report.body.cpu_svn)) {
    if (!simulation::sdk_sim_can_report(request.report.body)) {
      return fail(ErrorCode::kQeInvalidReport,
                  "the REPORT names a CPUSVN of the SDK's simulation mode, which always sets INIT "
                  "and leaves reserved bytes zero; this REPORT does not");
    }
    sdk_cpu.emplace(*level);
  }
  const simulation::Cpu& report_cpu =
      sdk_cpu ? static_cast<const simulation::Cpu&>(*sdk_cpu) : world.platform.cpu;
  const bool check_own_signature = quotes_made_.fetch_add(1) % kSelfCheckEvery == 0;
  QUOTED_TRY(simulation::GeneratedQuote made,
             world.logic.get_quote(*world.key, base::struct_bytes(request.report), nonce,
                                   world.key->quote_size, report_cpu, check_own_signature));
  QuoteOutput out;
  out.quote = std::move(made.quote);
  if (made.qe_report) {
    out.qe_report_info = request.qe_report_info;
    out.qe_report_info->qe_report = *made.qe_report;
  }
  return out;
}

void SimulatedPlatform::quote(const QuoteRequest& request, Deadline deadline,
                              QuoteCompletion done) {
  if (std::chrono::steady_clock::now() >= deadline) {
    done(fail(ErrorCode::kPeerTimeout, "the deadline passed before the quote was begun"));
    return;
  }
  done(make_quote(request));
}

}  // namespace quoted::quoting
