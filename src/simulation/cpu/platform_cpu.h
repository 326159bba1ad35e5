// The simulated platform's own processor: secrets per CPU, CPUSVN ordered by component.
#pragma once

#include <array>
#include <optional>

#include "simulation/cpu/cpu.h"

namespace quoted::simulation {

// What a factory burns into one processor (sgx-cpu-model 4). The manufacturer knows the
// provisioning secret; the seal fuses are the CPU's alone.
struct Fuses {
  crypto::Key128 seal;
  crypto::Key128 provisioning;
};

class PlatformCpu final : public Cpu {
 public:
  // Every key.
  [[nodiscard]] static base::Result<PlatformCpu> create(const Fuses& fuses,
                                                        const sgx::OwnerEpoch& owner_epoch,
                                                        const sgx::CpuSvn& cpu_svn,
                                                        const sgx::KeyId& report_key_id);

  // Report keys only; EGETKEY for another key is CpuInvalidKeyName. `report_base_key` is that of a
  // processor made with `create`: other keys cannot be computed from it.
  [[nodiscard]] static PlatformCpu with_report_keys_only(const crypto::Key128& report_base_key,
                                                         const sgx::OwnerEpoch& owner_epoch,
                                                         const sgx::CpuSvn& cpu_svn,
                                                         const sgx::KeyId& report_key_id);

  [[nodiscard]] sgx::CpuSvn cpu_svn() const override { return cpu_svn_; }

  // For publishing (published_cpu.h).
  [[nodiscard]] const crypto::Key128& report_base_key() const;
  [[nodiscard]] sgx::OwnerEpoch owner_epoch() const override { return owner_epoch_; }
  [[nodiscard]] sgx::KeyId report_key_id() const override { return report_key_id_; }

 protected:
  [[nodiscard]] base::Result<sgx::CpuSvn> accept_cpu_svn(
      const sgx::CpuSvn& requested) const override;
  [[nodiscard]] base::Result<crypto::Key128> derive(
      const KeyDependencies& dependencies) const override;

 private:
  PlatformCpu(const sgx::OwnerEpoch& owner_epoch, const sgx::CpuSvn& cpu_svn,
              const sgx::KeyId& report_key_id)
      : owner_epoch_(owner_epoch), cpu_svn_(cpu_svn), report_key_id_(report_key_id) {}

  std::array<std::optional<crypto::Key128>, 5> base_keys_;  // by key name
  sgx::OwnerEpoch owner_epoch_;
  sgx::CpuSvn cpu_svn_;
  sgx::KeyId report_key_id_;
};

}  // namespace quoted::simulation
