// The simulated node at one level of its SVNs: CPU, PCE and QE, and the attestation key when it is
// certified. An update of the node makes another one beside it. Private.
#pragma once

#include <memory>

#include "quoting/platform.h"
#include "simulation/authority/manufacturer.h"
#include "simulation/authority/master_seed.h"
#include "simulation/node/node_state.h"
#include "simulation/qe3/quote_logic.h"

namespace quoted::quoting {

class SimulatedNode {
 public:
  // `blob_file` may be empty: the attestation key is derived again then.
  [[nodiscard]] static base::Result<std::shared_ptr<const SimulatedNode>> create(
      const simulation::MasterSeed& seed, const std::string& platform_name,
      const simulation::NodeLevel& level, std::filesystem::path blob_file,
      const simulation::Notice& notice);

  SimulatedNode(const SimulatedNode&) = delete;
  SimulatedNode& operator=(const SimulatedNode&) = delete;

  [[nodiscard]] const simulation::NodeLevel& level() const { return level_; }
  [[nodiscard]] const simulation::ManufacturedPlatform& machine() const { return machine_; }
  [[nodiscard]] sgx::TargetInfo qe_target_info() const { return qe_.target_info(); }
  [[nodiscard]] base::Result<simulation::PckQuery> pck_query() const { return logic_.pck_query(); }

  [[nodiscard]] base::Result<simulation::CertifiedKey> certify(
      const simulation::PckCertification& at) const {
    return logic_.initialize(at);
  }

  // Of the key that the PCE signs with at `tcb`, which is not above this node. PceInvalidTcb.
  [[nodiscard]] base::Result<crypto::P256PublicKey> pck_public_key(
      const simulation::Psvn& tcb) const;

  // Usable from many threads.
  [[nodiscard]] base::Result<QuoteOutput> quote(const simulation::CertifiedKey& key,
                                                const QuoteRequest& request,
                                                bool check_own_signature) const;

 private:
  SimulatedNode(const simulation::NodeLevel& level, simulation::ManufacturedPlatform machine,
                const crypto::RsaPublicKey& ppid_key, std::filesystem::path blob_file,
                const simulation::Notice& notice);

  // In the order of dependence: later members refer to earlier ones.
  simulation::NodeLevel level_;
  simulation::ManufacturedPlatform machine_;
  simulation::Pce pce_;
  simulation::Qe3 qe_;
  simulation::QuoteLogic logic_;
};

}  // namespace quoted::quoting
