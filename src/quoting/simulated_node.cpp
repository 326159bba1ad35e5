#include "quoting/simulated_node.h"

#include "base/text.h"
#include "crypto/pem.h"
#include "simulation/authority/ppid_key.h"
#include "simulation/cpu/sdk_sim_cpu.h"

namespace quoted::quoting {

using base::ErrorCode;
using base::fail;
using base::Result;

SimulatedNode::SimulatedNode(simulation::ManufacturedPlatform machine, std::uint16_t qe_isv_svn,
                             std::shared_ptr<const simulation::EpcCharge> epc,
                             const crypto::RsaPublicKey& ppid_key, std::filesystem::path blob_file,
                             const simulation::Notice& notice)
    : machine_(std::move(machine)),
      level_({.cpu_svn = machine_.model.cpu_svn,
              .pce_isv_svn = machine_.model.pce_isv_svn,
              .qe_isv_svn = qe_isv_svn}),
      epc_(std::move(epc)),
      pce_(machine_.cpu, simulation::simulated_pce_secs(level_.pce_isv_svn)),
      qe_(machine_.cpu, simulation::simulated_qe_secs(level_.qe_isv_svn), ppid_key),
      logic_(machine_.cpu, pce_, qe_, nullptr, {std::move(blob_file)}, notice) {}

Result<std::shared_ptr<const SimulatedNode>> SimulatedNode::create(
    simulation::ManufacturedPlatform machine, std::uint16_t qe_isv_svn,
    std::shared_ptr<const simulation::EpcCharge> epc, std::filesystem::path blob_file,
    const simulation::Notice& notice) {
  QUOTED_TRY(const crypto::RsaPublicKey ppid_key, simulation::ppid_public_key());
  return std::shared_ptr<const SimulatedNode>(new SimulatedNode(
      std::move(machine), qe_isv_svn, std::move(epc), ppid_key, std::move(blob_file), notice));
}

Result<simulation::CertifiedKey> SimulatedNode::certify(
    const simulation::PckCertification& at) const {
  if (!at.chain_pem.empty()) {
    const auto chain = crypto::parse_pem_chain(at.chain_pem);
    if (!chain || chain->empty()) {
      return fail(ErrorCode::kPckSelectionFailed, "the PCK certificate that came cannot be read");
    }
    const auto key = simulation::derive_pck_key(
        machine_.cpu, simulation::simulated_pce_secs(level_.pce_isv_svn), at.tcb);
    // The provider's TCB is beyond the platform's.
    if (!key) return fail(ErrorCode::kPceInvalidTcb, key.error().summary());
    if (chain->front().public_key().point() != key->public_key().point()) {
      return fail(ErrorCode::kPckSelectionFailed,
                  base::text("the PCK certificate that came for ", to_text(level_),
                             " is not for the key of this platform; does the service take it for "
                             "another one?"));
    }
  }
  return logic_.initialize(at);
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
