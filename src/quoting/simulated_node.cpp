#include "quoting/simulated_node.h"

#include "simulation/authority/ppid_key.h"
#include "simulation/cpu/sdk_sim_cpu.h"

namespace quoted::quoting {

using base::ErrorCode;
using base::fail;
using base::Result;

SimulatedNode::SimulatedNode(const simulation::NodeLevel& level,
                             simulation::ManufacturedPlatform machine,
                             const crypto::RsaPublicKey& ppid_key, std::filesystem::path blob_file,
                             const simulation::Notice& notice)
    : level_(level),
      machine_(std::move(machine)),
      pce_(machine_.cpu, simulation::simulated_pce_secs(level.pce_isv_svn)),
      qe_(machine_.cpu, simulation::simulated_qe_secs(level.qe_isv_svn), ppid_key),
      logic_(machine_.cpu, pce_, qe_, nullptr, {std::move(blob_file)}, notice) {}

Result<std::shared_ptr<const SimulatedNode>> SimulatedNode::create(
    const simulation::MasterSeed& seed, const std::string& platform_name,
    const simulation::NodeLevel& level, std::filesystem::path blob_file,
    const simulation::Notice& notice) {
  simulation::PlatformModel model = simulation::default_platform_model();
  model.name = platform_name;
  model.cpu_svn = level.cpu_svn;
  model.pce_isv_svn = level.pce_isv_svn;
  QUOTED_TRY(auto machine, simulation::manufacture(seed, model));
  QUOTED_TRY(const crypto::RsaPublicKey ppid_key, simulation::ppid_public_key());
  return std::shared_ptr<const SimulatedNode>(
      new SimulatedNode(level, std::move(machine), ppid_key, std::move(blob_file), notice));
}

Result<crypto::P256PublicKey> SimulatedNode::pck_public_key(const simulation::Psvn& tcb) const {
  QUOTED_TRY(const crypto::P256PrivateKey key,
             simulation::derive_pck_key(machine_.cpu,
                                        simulation::simulated_pce_secs(level_.pce_isv_svn), tcb));
  return key.public_key();
}

Result<QuoteOutput> SimulatedNode::quote(const simulation::CertifiedKey& key,
                                         const QuoteRequest& request,
                                         bool check_own_signature) const {
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
      sdk_cpu ? static_cast<const simulation::Cpu&>(*sdk_cpu) : machine_.cpu;
  QUOTED_TRY(simulation::GeneratedQuote made,
             logic_.get_quote(key, base::struct_bytes(request.report), nonce, key.quote_size,
                              report_cpu, check_own_signature));
  QuoteOutput out;
  out.quote = std::move(made.quote);
  if (made.qe_report) {
    out.qe_report_info = request.qe_report_info;
    out.qe_report_info->qe_report = *made.qe_report;
  }
  return out;
}

}  // namespace quoted::quoting
