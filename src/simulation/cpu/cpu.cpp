#include "simulation/cpu/cpu.h"

#include "crypto/cmac.h"
#include "crypto/compare.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::hex_number;
using base::Result;
using base::Status;
using base::text;
using sgx::KeyName;
namespace policy = sgx::key_policy;

bool has(std::uint16_t bits, std::uint16_t bit) { return (bits & bit) != 0; }

// Faults of sgx-cpu-model 4.1 that do not concern addresses.
Status check_operand(const Secs& secs, const sgx::KeyRequest& request) {
  if (!request.reserved_is_zero()) {
    return fail(ErrorCode::kCpuGeneralProtection, "reserved bytes of the key request are not zero");
  }
  if ((request.key_policy & ~policy::kAll) != 0) {
    return fail(ErrorCode::kCpuGeneralProtection,
                text("key policy ", hex_number(request.key_policy), " has reserved bits"));
  }
  const bool uses_kss = has(request.key_policy, policy::kKssOnly) || request.config_svn != 0;
  if (uses_kss && !secs.attributes.has(sgx::flags::kKss)) {
    return fail(ErrorCode::kCpuGeneralProtection,
                "the key request uses KSS fields in an enclave without KSS");
  }
  return {};
}

Status check_attribute(const Secs& secs, KeyName name) {
  std::uint64_t needed = 0;
  if (name == KeyName::kProvision || name == KeyName::kProvisionSeal) {
    needed = sgx::flags::kProvisionKey;
  }
  if (name == KeyName::kEinitToken) needed = sgx::flags::kEinitTokenKey;
  if (secs.attributes.has(needed)) return {};
  return fail(ErrorCode::kCpuInvalidAttribute,
              text("key ", static_cast<unsigned>(name), " needs attribute ", hex_number(needed),
                   ", the enclave has ", hex_number(secs.attributes.flags)));
}

Status check_svns(const Secs& secs, const sgx::KeyRequest& request, KeyName name) {
  if (request.isv_svn > secs.isv_svn) {
    return fail(ErrorCode::kCpuInvalidIsvSvn,
                text("requested ISVSVN ", static_cast<unsigned>(request.isv_svn),
                     " is above the enclave's ", static_cast<unsigned>(secs.isv_svn)));
  }
  const bool has_config = name == KeyName::kSeal || name == KeyName::kProvisionSeal;
  if (has_config && request.config_svn > secs.config_svn) {
    return fail(ErrorCode::kCpuInvalidIsvSvn,
                text("requested CONFIGSVN ", static_cast<unsigned>(request.config_svn),
                     " is above the enclave's ", static_cast<unsigned>(secs.config_svn)));
  }
  return {};
}

// The REPORT column of sgx-cpu-model 4.2; `target` is the enclave that will verify.
KeyDependencies report_dependencies(const sgx::TargetInfo& target, const sgx::CpuSvn& cpu_svn,
                                    const sgx::OwnerEpoch& owner_epoch, const sgx::KeyId& key_id) {
  KeyDependencies out;
  out.key_name = static_cast<std::uint16_t>(KeyName::kReport);
  out.attributes = target.attributes;
  out.misc_select = target.misc_select;
  out.cet_attributes = target.cet_attributes;
  out.owner_epoch = owner_epoch;
  out.cpu_svn = cpu_svn;
  out.mr_enclave = target.mr_enclave;
  out.config_id = target.config_id;
  out.config_svn = target.config_svn;
  out.key_id = key_id;
  return out;
}

sgx::TargetInfo target_info_of(const Secs& secs) {
  sgx::TargetInfo out;
  out.mr_enclave = secs.mr_enclave;
  out.attributes = secs.attributes;
  out.misc_select = secs.misc_select;
  out.cet_attributes = secs.cet_attributes;
  out.config_id = secs.config_id;
  out.config_svn = secs.config_svn;
  return out;
}

// What SEAL, PROVISION, PROVISION_SEAL and EINITTOKEN have in common in sgx-cpu-model 4.2.
KeyDependencies common_dependencies(const Secs& secs, const sgx::KeyRequest& request,
                                    const sgx::CpuSvn& cpu_svn) {
  constexpr std::uint64_t kAlwaysMasked = sgx::flags::kInit | sgx::flags::kDebug;
  KeyDependencies out;
  out.key_name = request.key_name;
  out.attributes = {(request.attribute_mask.flags | kAlwaysMasked) & secs.attributes.flags,
                    request.attribute_mask.xfrm & secs.attributes.xfrm};
  out.misc_select = request.misc_mask & secs.misc_select;
  out.cet_attributes = request.cet_attributes_mask & secs.cet_attributes;
  out.cpu_svn = cpu_svn;
  out.isv_svn = request.isv_svn;
  out.isv_prod_id = secs.isv_prod_id;
  return out;
}

void add_masks(KeyDependencies& out, const sgx::KeyRequest& request) {
  out.attribute_mask = request.attribute_mask;
  out.inverted_misc_mask = ~static_cast<std::uint32_t>(request.misc_mask);
  out.cet_attributes_mask = request.cet_attributes_mask;
}

// The inputs of SEAL and PROVISION_SEAL that hang on policy bits.
void add_policy(KeyDependencies& out, const Secs& secs, const sgx::KeyRequest& request) {
  const std::uint16_t bits = request.key_policy;
  out.key_policy = bits;
  if (has(bits, policy::kNoIsvProdId)) out.isv_prod_id = 0;
  if (has(bits, policy::kIsvFamilyId)) out.isv_family_id = secs.isv_family_id;
  if (has(bits, policy::kIsvExtProdId)) out.isv_ext_prod_id = secs.isv_ext_prod_id;
  if (has(bits, policy::kConfigId)) {
    out.config_id = secs.config_id;
    out.config_svn = request.config_svn;
  }
}

}  // namespace

Result<sgx::Report> Cpu::ereport(const Secs& secs, const sgx::TargetInfo& target,
                                 const sgx::ReportData& data) const {
  sgx::Report out;
  out.body.cpu_svn = cpu_svn();
  out.body.misc_select = secs.misc_select;
  out.body.cet_attributes = secs.cet_attributes;
  out.body.isv_ext_prod_id = secs.isv_ext_prod_id;
  out.body.attributes = secs.attributes;
  out.body.mr_enclave = secs.mr_enclave;
  out.body.mr_signer = secs.mr_signer;
  out.body.config_id = secs.config_id;
  out.body.isv_prod_id = secs.isv_prod_id;
  out.body.isv_svn = secs.isv_svn;
  out.body.config_svn = secs.config_svn;
  out.body.isv_family_id = secs.isv_family_id;
  out.body.report_data = data;
  out.key_id = report_key_id();
  QUOTED_TRY(const crypto::Key128 key,
             derive(report_dependencies(target, cpu_svn(), owner_epoch(), out.key_id)));
  QUOTED_TRY(const crypto::Cmac mac, crypto::aes128_cmac(key, base::struct_bytes(out.body)));
  QUOTED_TRY(out.mac, sgx::Mac::parse(mac.view()));
  return out;
}

Result<crypto::Key128> Cpu::egetkey(const Secs& secs, const sgx::KeyRequest& request) const {
  QUOTED_CHECK(check_operand(secs, request));
  if (request.key_name > static_cast<std::uint16_t>(KeyName::kSeal)) {
    return fail(ErrorCode::kCpuInvalidKeyName,
                text("key name ", static_cast<unsigned>(request.key_name), " is not 0 to 4"));
  }
  const auto name = static_cast<KeyName>(static_cast<std::uint16_t>(request.key_name));
  if (name == KeyName::kReport) {
    return derive(
        report_dependencies(target_info_of(secs), cpu_svn(), owner_epoch(), request.key_id));
  }

  QUOTED_CHECK(check_attribute(secs, name));
  QUOTED_CHECK(check_svns(secs, request, name));
  QUOTED_TRY(const sgx::CpuSvn accepted, accept_cpu_svn(request.cpu_svn));
  KeyDependencies inputs = common_dependencies(secs, request, accepted);
  switch (name) {
    case KeyName::kSeal:
      add_masks(inputs, request);
      add_policy(inputs, secs, request);
      inputs.owner_epoch = owner_epoch();
      if (has(request.key_policy, policy::kMrEnclave)) inputs.mr_enclave = secs.mr_enclave;
      if (has(request.key_policy, policy::kMrSigner)) inputs.mr_signer = secs.mr_signer;
      inputs.key_id = request.key_id;
      break;
    case KeyName::kProvisionSeal:
      add_masks(inputs, request);
      add_policy(inputs, secs, request);
      inputs.mr_signer = secs.mr_signer;
      break;
    case KeyName::kProvision:
      add_masks(inputs, request);
      inputs.mr_signer = secs.mr_signer;
      break;
    case KeyName::kEinitToken:
      inputs.owner_epoch = owner_epoch();
      inputs.mr_signer = secs.mr_signer;
      inputs.key_id = request.key_id;
      break;
    case KeyName::kReport:
      break;
  }
  return derive(inputs);
}

Result<bool> report_verifies(const Cpu& cpu, const Secs& target, const sgx::Report& report) {
  sgx::KeyRequest request;
  request.key_name = static_cast<std::uint16_t>(KeyName::kReport);
  request.key_id = report.key_id;
  QUOTED_TRY(const crypto::Key128 key, cpu.egetkey(target, request));
  QUOTED_TRY(const crypto::Cmac mac, crypto::aes128_cmac(key, base::struct_bytes(report.body)));
  return crypto::constant_time_equal(mac.view(), report.mac.view());
}

}  // namespace quoted::simulation
