// The simulated platform inside an application: its process hosts QE and PCE itself, and needs the
// provisioning right and enclave memory for them. The flow and its errors are those of Intel's
// library (quote-generation 3.9, 10.3; aesm-protocol 7.7).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>

#include "quoting/simulated_node.h"
#include "simulation/node/provision.h"

namespace quoted::quoting {

// The files that the library lets its caller choose, but for the provider.
// In the order in which they are loaded.
enum class EnclaveFile : std::uint8_t { kPce, kQe, kId };

// For one thread at a time: the real enclaves serve one call at a time as well.
class InProcessPlatform {
 public:
  // `provision_file` is simulation::kProvisionFileName of a node, with the ledger of its enclave
  // memory beside it. `provider` is asked for certificates from within calls, and outlives this.
  InProcessPlatform(std::filesystem::path provision_file, const simulation::PckProvider& provider)
      : provision_file_(std::move(provision_file)), provider_(provider) {}
  InProcessPlatform(const InProcessPlatform&) = delete;
  InProcessPlatform& operator=(const InProcessPlatform&) = delete;

  // Ephemeral enclaves are loaded for each call and unloaded after it; loaded ones go at once.
  void set_ephemeral(bool ephemeral);

  // Looked at when enclaves are loaded the next time. A simulated machine has no enclave files: the
  // names of Intel's stand for the machine's own enclaves, and any other cannot be loaded.
  void set_enclave_file(EnclaveFile which, const std::filesystem::path& path);

  // Loads the enclaves and certifies the attestation key. ProvisioningRefused, OutOfEpc,
  // EnclaveFileUnusable, PceInterfaceUnavailable, and what the provider says.
  [[nodiscard]] base::Result<sgx::TargetInfo> target_info();

  // AttestationKeyNotInitialized before a target_info(), and when the certificate is now for
  // another TCB, or the node was updated: then target_info() is due again.
  [[nodiscard]] base::Result<std::uint32_t> quote_size();

  // Also QuoteBufferTooSmall, QeInvalidReport.
  [[nodiscard]] base::Result<base::Bytes> quote(const sgx::Report& report, std::size_t room);

  // Whether enclaves are in this process at present.
  [[nodiscard]] bool loaded() const { return node_ != nullptr; }

 private:
  // Keeps the enclaves for a call; an ephemeral one takes them away behind it.
  class Call;

  [[nodiscard]] base::Status load();
  [[nodiscard]] base::Status check_enclave_files() const;
  void unload();
  [[nodiscard]] base::Result<simulation::PckCertification> ask_provider();
  // The key with what the provider says now, for loaded enclaves; gives the size of quotes.
  [[nodiscard]] base::Result<std::uint32_t> follow_provider();
  [[nodiscard]] base::Status load_for_quotes();

  std::filesystem::path provision_file_;
  const simulation::PckProvider& provider_;
  std::map<EnclaveFile, std::filesystem::path> files_;
  bool ephemeral_ = false;

  std::shared_ptr<const SimulatedNode> node_;  // the enclaves; null when they are not loaded

  // What the library keeps outside of the enclaves.
  struct Certified {
    simulation::NodeLevel level;
    std::string chain_pem;
    simulation::CertifiedKey key;
  };
  std::optional<Certified> certified_;
  std::optional<std::pair<simulation::NodeLevel, simulation::PckQuery>> query_;
};

}  // namespace quoted::quoting
