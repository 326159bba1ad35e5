// The simulated node at one level of its SVNs: CPU, PCE and QE, and the attestation key when it is
// certified. An update of the node makes another one beside it. Hosted by the service, or by an
// application in its own process. Private.
#pragma once

#include <memory>

#include "quoting/platform.h"
#include "simulation/authority/manufacturer.h"
#include "simulation/epc/epc_ledger.h"
#include "simulation/node/node_state.h"
#include "simulation/qe3/quote_logic.h"

namespace quoted::quoting {

class SimulatedNode {
 public:
  // `blob_file` may be empty: the attestation key is derived again then. `epc` is the enclave
  // memory of QE and PCE, held as long as they are; null where nobody counts it.
  [[nodiscard]] static base::Result<std::shared_ptr<const SimulatedNode>> create(
      simulation::ManufacturedPlatform machine, std::uint16_t qe_isv_svn,
      std::shared_ptr<const simulation::EpcCharge> epc, std::filesystem::path blob_file,
      const simulation::Notice& notice);

  SimulatedNode(const SimulatedNode&) = delete;
  SimulatedNode& operator=(const SimulatedNode&) = delete;

  [[nodiscard]] const simulation::NodeLevel& level() const { return level_; }
  [[nodiscard]] const simulation::ManufacturedPlatform& machine() const { return machine_; }
  [[nodiscard]] sgx::TargetInfo qe_target_info() const { return qe_.target_info(); }
  [[nodiscard]] base::Result<simulation::PckQuery> pck_query() const { return logic_.pck_query(); }

  [[nodiscard]] const std::shared_ptr<const simulation::EpcCharge>& epc() const { return epc_; }

  // PckSelectionFailed when the certificate is not that of the key which the PCE signs with at that
  // level: the service may have mistaken this platform for another one. PceInvalidTcb.
  [[nodiscard]] base::Result<simulation::CertifiedKey> certify(
      const simulation::PckCertification& at) const;

  // Usable from many threads.
  [[nodiscard]] base::Result<QuoteOutput> quote(const simulation::CertifiedKey& key,
                                                const QuoteRequest& request,
                                                bool check_own_signature) const;

 private:
  SimulatedNode(simulation::ManufacturedPlatform machine, std::uint16_t qe_isv_svn,
                std::shared_ptr<const simulation::EpcCharge> epc,
                const crypto::RsaPublicKey& ppid_key, std::filesystem::path blob_file,
                const simulation::Notice& notice);

  // In the order of dependence: later members refer to earlier ones.
  simulation::ManufacturedPlatform machine_;
  simulation::NodeLevel level_;
  std::shared_ptr<const simulation::EpcCharge> epc_;
  simulation::Pce pce_;
  simulation::Qe3 qe_;
  simulation::QuoteLogic logic_;
};

}  // namespace quoted::quoting
