// The processor that Intel's SDK compiles into enclaves built with SGX_MODE=SIM (sgx-cpu-model 8).
// Its keys are public constants: a REPORT of it proves nothing, so it serves the simulated
// platform only.
#pragma once

#include <optional>
#include <string_view>

#include "simulation/cpu/cpu.h"

namespace quoted::simulation {

enum class SdkSimLevel : std::uint8_t { kDowngraded, kDefault, kUpgraded };

[[nodiscard]] sgx::CpuSvn sdk_sim_cpu_svn(SdkSimLevel level);

// Which of the three constants this is, if any.
[[nodiscard]] std::optional<SdkSimLevel> sdk_sim_level(const sgx::CpuSvn& cpu_svn);

// "default", "upgraded" or "downgraded".
[[nodiscard]] std::optional<SdkSimLevel> sdk_sim_level_by_name(std::string_view name);

// True when an EREPORT of the simulation mode can have made the body: INIT set, reserved bytes
// zero, no CET (8.6, step 1). The MAC cannot tell, since everybody can make one.
[[nodiscard]] bool sdk_sim_can_report(const sgx::ReportBody& body);

class SdkSimCpu final : public Cpu {
 public:
  explicit SdkSimCpu(SdkSimLevel level) : level_(level) {}

  [[nodiscard]] sgx::CpuSvn cpu_svn() const override { return sdk_sim_cpu_svn(level_); }

  // The bytes the SDK's simulation MACs to get a key, for comparison with vectors.
  [[nodiscard]] static base::Bytes derivation_record(const KeyDependencies& dependencies);

 protected:
  [[nodiscard]] sgx::OwnerEpoch owner_epoch() const override;
  [[nodiscard]] sgx::KeyId report_key_id() const override;
  [[nodiscard]] base::Result<sgx::CpuSvn> accept_cpu_svn(
      const sgx::CpuSvn& requested) const override;
  [[nodiscard]] base::Result<crypto::Key128> derive(
      const KeyDependencies& dependencies) const override;

 private:
  SdkSimLevel level_;
};

}  // namespace quoted::simulation
