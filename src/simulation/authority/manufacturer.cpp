#include "simulation/authority/manufacturer.h"

#include "base/text.h"
#include "crypto/random.h"

namespace quoted::simulation {
namespace {

using base::Result;
using base::text;

// 255 in two components, so that clients meet the two-byte INTEGER that real certificates have.
constexpr std::string_view kCpuSvn = "0b0b0303ffff00010000000000000000";

Result<crypto::Key128> derive_key(const MasterSeed& seed, const std::string& purpose) {
  QUOTED_TRY(const base::SecretBytes bytes, seed.derive(purpose, crypto::Key128::kSize));
  return crypto::Key128(bytes.view().first<crypto::Key128::kSize>());
}

}  // namespace

PlatformModel default_platform_model() {
  PlatformModel out;
  out.cpu_svn = sgx::CpuSvn::parse_hex(kCpuSvn).value();
  out.fmspc = sgx::Fmspc::parse_hex(kSimulatedFmspc).value();
  return out;
}

collateral::TcbComponents components_of(const sgx::CpuSvn& cpu_svn) {
  collateral::TcbComponents out{};
  std::ranges::transform(cpu_svn.view(), out.begin(),
                         [](std::byte svn) { return std::to_integer<std::uint8_t>(svn); });
  return out;
}

Result<PlatformSecrets> platform_secrets(const MasterSeed& seed, const std::string& name) {
  PlatformSecrets out;
  QUOTED_TRY(out.fuses.seal, derive_key(seed, text("platform ", name, " seal fuses")));
  QUOTED_TRY(out.fuses.provisioning,
             derive_key(seed, text("platform ", name, " provisioning secret")));
  QUOTED_TRY(out.owner_epoch,
             seed.derive_value<sgx::OwnerEpoch>(text("platform ", name, " owner epoch")));
  return out;
}

Result<ManufacturedPlatform> assemble(const PlatformModel& model, const PlatformSecrets& secrets) {
  sgx::KeyId report_key_id;
  QUOTED_CHECK(crypto::fill_random(report_key_id.mutable_view()));
  QUOTED_TRY(PlatformCpu cpu,
             PlatformCpu::create(secrets.fuses, secrets.owner_epoch, model.cpu_svn, report_key_id));
  QUOTED_TRY(const sgx::Ppid ppid, derive_ppid(cpu, simulated_pce_secs(model.pce_isv_svn)));
  return ManufacturedPlatform{model, std::move(cpu), ppid};
}

Result<ManufacturedPlatform> manufacture(const MasterSeed& seed, const PlatformModel& model) {
  QUOTED_TRY(const PlatformSecrets secrets, platform_secrets(seed, model.name));
  return assemble(model, secrets);
}

Result<collateral::SgxExtension> describe_platform(const MasterSeed& seed,
                                                   const ManufacturedPlatform& platform,
                                                   const Psvn& tcb) {
  collateral::SgxExtension out;
  out.ppid = platform.ppid;
  out.components = components_of(tcb.cpu_svn);
  out.pce_svn = tcb.isv_svn;
  out.cpu_svn = tcb.cpu_svn;
  out.fmspc = platform.model.fmspc;
  out.sgx_type = platform.model.sgx_type;
  if (platform.model.pck_ca == PckCa::kPlatform) {
    QUOTED_TRY(out.platform_instance_id, seed.derive_value<sgx::PlatformInstanceId>(text(
                                             "platform ", platform.model.name, " instance id")));
    out.configuration = collateral::PlatformConfiguration{true, true, true};
  }
  return out;
}

}  // namespace quoted::simulation
