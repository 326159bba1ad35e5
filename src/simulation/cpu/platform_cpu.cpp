#include "simulation/cpu/platform_cpu.h"

#include "crypto/cmac.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using sgx::KeyName;

constexpr std::array kKeyNames = {KeyName::kEinitToken, KeyName::kProvision,
                                  KeyName::kProvisionSeal, KeyName::kReport, KeyName::kSeal};

constexpr std::size_t index_of(KeyName name) { return static_cast<std::size_t>(name); }

base::Bytes label(KeyName name) {
  base::Bytes out = base::to_bytes(base::as_bytes("quoted CPU base"));
  out.push_back(static_cast<std::byte>(name));
  return out;
}

// A base key for each key name stands between the fuses and the derived keys, so that the report
// keys can be published without giving away any other (SEAL_FUSES and provisioning rows of
// sgx-cpu-model 4.2).
Result<crypto::Key128> base_key(const Fuses& fuses, KeyName name) {
  if (name == KeyName::kProvision) return crypto::derive_key128(fuses.provisioning, label(name));
  QUOTED_TRY(crypto::Key128 from_seal, crypto::derive_key128(fuses.seal, label(name)));
  if (name != KeyName::kProvisionSeal) return from_seal;
  return crypto::derive_key128(from_seal, fuses.provisioning.view());
}

}  // namespace

Result<PlatformCpu> PlatformCpu::create(const Fuses& fuses, const sgx::OwnerEpoch& owner_epoch,
                                        const sgx::CpuSvn& cpu_svn,
                                        const sgx::KeyId& report_key_id) {
  PlatformCpu out(owner_epoch, cpu_svn, report_key_id);
  for (const KeyName name : kKeyNames) {
    QUOTED_TRY(out.base_keys_[index_of(name)], base_key(fuses, name));
  }
  return out;
}

PlatformCpu PlatformCpu::with_report_keys_only(const crypto::Key128& report_base_key,
                                               const sgx::OwnerEpoch& owner_epoch,
                                               const sgx::CpuSvn& cpu_svn,
                                               const sgx::KeyId& report_key_id) {
  PlatformCpu out(owner_epoch, cpu_svn, report_key_id);
  out.base_keys_[index_of(KeyName::kReport)] = report_base_key;
  return out;
}

const crypto::Key128& PlatformCpu::report_base_key() const {
  return *base_keys_[index_of(KeyName::kReport)];
}

Result<sgx::CpuSvn> PlatformCpu::accept_cpu_svn(const sgx::CpuSvn& requested) const {
  for (std::size_t i = 0; i < sgx::CpuSvn::kSize; ++i) {
    if (requested.view()[i] > cpu_svn_.view()[i]) {
      return fail(ErrorCode::kCpuInvalidCpuSvn,
                  base::text("component ", i + 1, " of requested CPUSVN ", requested.hex(),
                             " is above the processor's ", cpu_svn_.hex()));
    }
  }
  return requested;
}

Result<crypto::Key128> PlatformCpu::derive(const KeyDependencies& dependencies) const {
  const auto& key = base_keys_[dependencies.key_name];
  if (!key) {
    return fail(ErrorCode::kCpuInvalidKeyName,
                "only the report keys of this processor are known here");
  }
  return crypto::derive_key128(*key, base::struct_bytes(dependencies));
}

}  // namespace quoted::simulation
