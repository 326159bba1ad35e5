// The simulated platform: CPU, PCE and QE3 in this process, no security at all. Quotes complete
// before `quote` returns.
//
// Its PCK certificates come from a manufacturer in this process too, or from outside: then somebody
// asks for what `queries` names, and hands the answers to `certify`.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>

#include "base/clock.h"
#include "quoting/simulated_node.h"
#include "simulation/authority/master_seed.h"
#include "simulation/node/provision.h"

namespace quoted::quoting {

struct SimulatedPlatformOptions {
  // Keeps issued certificates, the sealed attestation key and the SVNs of the node. Made when
  // absent; empty keeps nothing.
  std::filesystem::path state_dir;
  // Which machine of the simulated world this is; another name, other fuses.
  std::string platform_name = "default";
  base::UnixTime now;
  simulation::Notice notice;
  bool certified_from_outside = false;
  // After an update of the node a REPORT for what was before is still quoted for so long, and with
  // certification data of before a quote of that size.
  std::chrono::seconds grace{60};
  // Where the enclave memory of QE and PCE is charged, once for each level that is hosted. Null:
  // nowhere.
  std::shared_ptr<simulation::EpcLedger> epc;
};

// What a PCK certificate is to be asked for.
struct CertificationQuery {
  simulation::NodeLevel level;
  simulation::PckQuery pck;
};

class SimulatedPlatform final : public Platform {
 public:
  // Ready to quote when it returns, unless certified from outside. StateDirectoryUnusable when the
  // directory cannot be made or written; damaged files in it are rebuilt and told through `notice`.
  // OutOfEpc.
  [[nodiscard]] static base::Result<std::unique_ptr<SimulatedPlatform>> create(
      simulation::MasterSeed seed, const SimulatedPlatformOptions& options);
  ~SimulatedPlatform() override;

  [[nodiscard]] std::shared_ptr<const PlatformSnapshot> snapshot() const override;
  void quote(const QuoteRequest& request, Deadline deadline, QuoteCompletion done) override;

  // The functions below are for one thread beside those that quote.

  // The node's file was written: goes on with the SVNs in it. What was certified before serves
  // until the new level is certified, and for the grace period after. True when something changed.
  // OutOfEpc when there is no memory for both: all stays as it was, and the next call tries again.
  [[nodiscard]] base::Result<bool> follow_node_state();

  // Of the node, certified or not.
  [[nodiscard]] const simulation::NodeLevel& level() const { return newest_->level(); }

  // Whether quotes are made at that level.
  [[nodiscard]] bool newest_is_certified() const;

  // Those of the levels in use, the newest first.
  [[nodiscard]] std::vector<CertificationQuery> queries() const;

  // True when this changed what quotes are made with. An error leaves all as it was;
  // PckSelectionFailed when the certificate is not that of this platform's key.
  [[nodiscard]] base::Result<bool> certify(const simulation::NodeLevel& level,
                                           const simulation::PckCertification& answer);
  // For a level that has no certificate, or only an old one; `reason` unless starting, certifying
  // or certified.
  void set_state(CertificationState state, std::optional<base::Error> reason);

  // Lets go of what has outlived its grace.
  void retire(std::chrono::steady_clock::time_point now);

  // Content of the file simulation::kPublishedCpuFileName: of the newest level that can quote, or
  // the newest at all.
  [[nodiscard]] base::Bytes published_cpu() const;
  // For the file simulation::kProvisionFileName: the same machine at the same level.
  [[nodiscard]] base::Result<simulation::Provision> provision() const;

 private:
  struct InUse {
    std::shared_ptr<const SimulatedNode> node;
    std::shared_ptr<const simulation::CertifiedKey> key;
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  };
  // The newest first. Immutable once it is published.
  struct Serving {
    PlatformSnapshot snapshot;
    std::vector<InUse> keys;
  };
  struct Manufacturer;

  SimulatedPlatform(simulation::MasterSeed seed, SimulatedPlatformOptions options);
  [[nodiscard]] base::Status prepare();
  [[nodiscard]] base::Status prepare_previous();
  [[nodiscard]] base::Result<std::shared_ptr<const simulation::EpcCharge>> charge_enclaves() const;
  [[nodiscard]] base::Result<std::shared_ptr<const SimulatedNode>> make_node(
      const simulation::NodeLevel& level) const;
  [[nodiscard]] base::Result<std::shared_ptr<const SimulatedNode>> make_previous_node(
      const simulation::NodeLevel& level, std::shared_ptr<const simulation::EpcCharge> epc) const;
  [[nodiscard]] base::Result<simulation::ManufacturedPlatform> manufactured(
      const simulation::NodeLevel& level) const;
  [[nodiscard]] std::shared_ptr<const SimulatedNode> published_node() const;
  [[nodiscard]] base::Status certify_by_own_manufacturer();
  [[nodiscard]] std::shared_ptr<const Serving> serving() const;
  void publish(std::vector<InUse> keys, CertificationState state,
               std::optional<base::Error> reason);
  [[nodiscard]] base::Result<QuoteOutput> make_quote(const QuoteRequest& request);

  simulation::MasterSeed seed_;
  SimulatedPlatformOptions options_;
  std::unique_ptr<Manufacturer> manufacturer_;  // null when certified from outside
  simulation::NodeState state_;
  std::shared_ptr<const SimulatedNode> newest_;
  // Of before the newest, wanted until the newest is certified and for the grace after; may be
  // null.
  std::shared_ptr<const SimulatedNode> previous_;
  std::optional<std::chrono::steady_clock::time_point> grace_ends_;  // once the newest is certified

  mutable std::mutex mutex_;  // of serving_ alone
  std::shared_ptr<const Serving> serving_;
  std::atomic<std::uint32_t> quotes_made_{0};
};

}  // namespace quoted::quoting
