// What an SGX processor does that enclaves, the QE and the PCE can observe: EREPORT and EGETKEY
// (sgx-cpu-model 4, 5). The checks and the key dependencies are common to every model; a model
// supplies its secrets, its CPUSVN ordering and its derivation function.
#pragma once

#include "crypto/key128.h"
#include "sgx/key_request.h"
#include "sgx/report.h"

namespace quoted::simulation {

// The enclave's SECS as far as software can tell (sgx-cpu-model 1.2).
struct Secs {
  sgx::Attributes attributes;
  sgx::Le32 misc_select;
  std::byte cet_attributes{};
  sgx::MrEnclave mr_enclave;
  sgx::MrSigner mr_signer;
  sgx::ConfigId config_id;
  sgx::Le16 isv_prod_id;
  sgx::Le16 isv_svn;
  sgx::Le16 config_svn;
  sgx::IsvFamilyId isv_family_id;
  sgx::IsvExtProdId isv_ext_prod_id;
};

// Everything a key may depend on, one slot each, unused ones zero (sgx-cpu-model 4.2). Fixed
// layout, so that equal records mean equal dependencies. PADDING is left out: it is the same
// constant in every SECS of a model without signature padding.
struct KeyDependencies {
  sgx::Le16 key_name;
  sgx::Le16 key_policy;
  sgx::Attributes attributes;
  sgx::Attributes attribute_mask;
  sgx::Le32 misc_select;
  sgx::Le32 inverted_misc_mask;
  std::byte cet_attributes{};
  std::byte cet_attributes_mask{};
  sgx::OwnerEpoch owner_epoch;
  sgx::CpuSvn cpu_svn;
  sgx::Le16 isv_svn;
  sgx::Le16 isv_prod_id;
  sgx::Le16 config_svn;
  sgx::ConfigId config_id;
  sgx::IsvFamilyId isv_family_id;
  sgx::IsvExtProdId isv_ext_prod_id;
  sgx::MrEnclave mr_enclave;
  sgx::MrSigner mr_signer;
  sgx::KeyId key_id;
};
static_assert(sizeof(KeyDependencies) == 276 && alignof(KeyDependencies) == 1);

// Immutable and usable from many threads.
class Cpu {
 public:
  virtual ~Cpu() = default;

  [[nodiscard]] virtual sgx::CpuSvn cpu_svn() const = 0;

  // EREPORT by the enclave `secs` for `target`.
  [[nodiscard]] base::Result<sgx::Report> ereport(const Secs& secs, const sgx::TargetInfo& target,
                                                  const sgx::ReportData& data) const;

  // EGETKEY: CpuInvalidAttribute, CpuInvalidCpuSvn, CpuInvalidIsvSvn, CpuInvalidKeyName or
  // CpuGeneralProtection, with the values compared.
  [[nodiscard]] base::Result<crypto::Key128> egetkey(const Secs& secs,
                                                     const sgx::KeyRequest& request) const;

 protected:
  [[nodiscard]] virtual sgx::OwnerEpoch owner_epoch() const = 0;
  [[nodiscard]] virtual sgx::KeyId report_key_id() const = 0;
  // The CPUSVN that a key request names, or CpuInvalidCpuSvn when it is beyond this processor's.
  [[nodiscard]] virtual base::Result<sgx::CpuSvn> accept_cpu_svn(
      const sgx::CpuSvn& requested) const = 0;
  [[nodiscard]] virtual base::Result<crypto::Key128> derive(
      const KeyDependencies& dependencies) const = 0;
};

// True when `report` was made for the enclave `target` by this CPU. Constant-time in the MAC.
[[nodiscard]] base::Result<bool> report_verifies(const Cpu& cpu, const Secs& target,
                                                 const sgx::Report& report);

}  // namespace quoted::simulation
