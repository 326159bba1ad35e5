// Quotes by the simulated machine of this node, whose QE and PCE this process hosts itself.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>

#include "quoted_inproc/backend.h"

namespace quoted::inproc {

// Calls from many threads come one after the other, as into the real enclaves. A child of fork()
// has no enclaves: what its parent's had loaded is lost to it until the policy was ephemeral
// (quote-generation 10.4), and it neither uses nor releases the enclave memory of its parent.
class SimulatedBackend final : public Backend {
 public:
  explicit SimulatedBackend(std::filesystem::path provision_file);
  SimulatedBackend(const SimulatedBackend&) = delete;
  SimulatedBackend& operator=(const SimulatedBackend&) = delete;
  ~SimulatedBackend() override;

  [[nodiscard]] Answer<void> set_load_policy(LoadPolicy policy) override;
  [[nodiscard]] Answer<sgx::TargetInfo> target_info() override;
  [[nodiscard]] Answer<std::uint32_t> quote_size() override;
  [[nodiscard]] Answer<void> quote(const sgx::Report& report,
                                   std::span<std::uint8_t> quote) override;
  [[nodiscard]] Answer<void> set_path(PathType type, const std::filesystem::path& path) override;

 private:
  // What belongs to one process.
  struct Process;
  // A path that was set. Every one is kept, and never changed, so that the child of a fork can read
  // them whatever other threads did at that moment.
  struct ChosenPath {
    PathType type;
    std::filesystem::path path;
    const ChosenPath* before;
  };

  [[nodiscard]] Process& process();
  void apply_settings(Process& process) const;
  template <class Body>
  auto call(const Body& body) -> decltype(body(std::declval<Process&>()));

  const std::filesystem::path provision_file_;
  std::atomic<LoadPolicy> policy_ = LoadPolicy::kPersistent;
  std::atomic<const ChosenPath*> paths_ = nullptr;
  std::atomic<Process*> current_ = nullptr;
};

}  // namespace quoted::inproc
