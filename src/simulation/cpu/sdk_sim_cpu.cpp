#include "simulation/cpu/sdk_sim_cpu.h"

#include <algorithm>
#include <array>

#include "crypto/cmac.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using sgx::KeyName;

// sgx-cpu-model 8.1, by level.
constexpr std::array<std::string_view, 3> kCpuSvns = {"64ea4f3fa0030c36383c322d4f3a8d4f",
                                                      "4820f3376ae6b2f2034d3b7a4b48a778",
                                                      "5339ae8c93ae8f3ce432db924d0f0733"};
constexpr std::array<std::string_view, 3> kLevelNames = {"downgraded", "default", "upgraded"};
constexpr std::string_view kOwnerEpoch = "THISISOWNEREPOCH";

// sgx-cpu-model 8.1, by key name.
constexpr std::array<std::string_view, 5> kBaseKeys = {
    "aa55aa55aa55aa55aa55aa55aa55aa55", "bbaabbeeff0000ddbbaabbeeff0000dd",
    "50524f564953494f4e5345414c4b4559", "ff00ff00ff00ff00ff00ff00ff00ff00",
    "00112233445566778899aabbccddeeff"};

// The records are C structures with natural alignment, zeroed first; gaps are their padding
// (sgx-cpu-model 8.2).
class Record {
 public:
  explicit Record(std::size_t size) : bytes_(size) {}

  template <class Field>
  Record& put(std::size_t offset, const Field& field) {
    const base::ByteView bytes = base::struct_bytes(field);
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    return *this;
  }

  [[nodiscard]] base::Bytes bytes() const { return bytes_; }

 private:
  base::Bytes bytes_;
};

}  // namespace

sgx::CpuSvn sdk_sim_cpu_svn(SdkSimLevel level) {
  return sgx::CpuSvn::parse_hex(kCpuSvns[static_cast<std::size_t>(level)]).value();
}

std::optional<SdkSimLevel> sdk_sim_level(const sgx::CpuSvn& cpu_svn) {
  static const std::array<sgx::CpuSvn, 3> known = {sdk_sim_cpu_svn(SdkSimLevel::kDowngraded),
                                                   sdk_sim_cpu_svn(SdkSimLevel::kDefault),
                                                   sdk_sim_cpu_svn(SdkSimLevel::kUpgraded)};
  const auto found = std::find(known.begin(), known.end(), cpu_svn);
  if (found == known.end()) return std::nullopt;
  return static_cast<SdkSimLevel>(found - known.begin());
}

std::optional<SdkSimLevel> sdk_sim_level_by_name(std::string_view name) {
  const auto* const found = std::find(kLevelNames.begin(), kLevelNames.end(), name);
  if (found == kLevelNames.end()) return std::nullopt;
  return static_cast<SdkSimLevel>(found - kLevelNames.begin());
}

bool sdk_sim_can_report(const sgx::ReportBody& body) {
  return body.attributes.has(sgx::flags::kInit) && body.reserved_is_zero() &&
         body.cet_attributes == std::byte{0};
}

sgx::OwnerEpoch SdkSimCpu::owner_epoch() const {
  return sgx::OwnerEpoch::parse(base::as_bytes(kOwnerEpoch)).value();
}

sgx::KeyId SdkSimCpu::report_key_id() const {
  sgx::KeyId out;
  const auto key = base::from_hex(kBaseKeys[static_cast<std::size_t>(KeyName::kReport)]).value();
  std::copy(key.begin(), key.end(), out.mutable_view().begin());
  return out;
}

// Not ordered by component: only three levels exist (sgx-cpu-model 8.3).
Result<sgx::CpuSvn> SdkSimCpu::accept_cpu_svn(const sgx::CpuSvn& requested) const {
  const sgx::CpuSvn effective =
      requested.is_zero() ? sdk_sim_cpu_svn(SdkSimLevel::kDefault) : requested;
  const auto level = sdk_sim_level(effective);
  if (!level || *level > level_) {
    return fail(ErrorCode::kCpuInvalidCpuSvn,
                base::text("requested CPUSVN ", requested.hex(),
                           " is not at or below the simulation mode's ", cpu_svn().hex()));
  }
  return effective;
}

base::Bytes SdkSimCpu::derivation_record(const KeyDependencies& in) {
  switch (static_cast<KeyName>(static_cast<std::uint16_t>(in.key_name))) {
    case KeyName::kReport:
      return Record(192)
          .put(0, in.key_name)
          .put(8, in.attributes)
          .put(24, in.misc_select)
          .put(28, in.owner_epoch)
          .put(44, in.mr_enclave)
          .put(76, in.cpu_svn)
          .put(92, in.config_svn)
          .put(94, in.config_id)
          .put(158, in.key_id)
          .bytes();
    case KeyName::kSeal:
      return Record(280)
          .put(0, in.key_name)
          .put(2, in.key_policy)
          .put(8, in.attributes)
          .put(24, in.attribute_mask)
          .put(40, in.misc_select)
          .put(44, in.inverted_misc_mask)
          .put(48, in.owner_epoch)
          .put(64, in.cpu_svn)
          .put(80, in.isv_svn)
          .put(82, in.isv_prod_id)
          .put(84, in.config_svn)
          .put(86, in.config_id)
          .put(150, in.isv_family_id)
          .put(166, in.isv_ext_prod_id)
          .put(182, in.mr_enclave)
          .put(214, in.mr_signer)
          .put(246, in.key_id)
          .bytes();
    case KeyName::kProvision:
      return Record(104)
          .put(0, in.key_name)
          .put(8, in.attributes)
          .put(24, in.attribute_mask)
          .put(40, in.misc_select)
          .put(44, in.inverted_misc_mask)
          .put(48, in.cpu_svn)
          .put(64, in.isv_svn)
          .put(66, in.isv_prod_id)
          .put(68, in.mr_signer)
          .bytes();
    case KeyName::kProvisionSeal:
      return Record(200)
          .put(0, in.key_name)
          .put(2, in.key_policy)
          .put(8, in.attributes)
          .put(24, in.attribute_mask)
          .put(40, in.misc_select)
          .put(44, in.inverted_misc_mask)
          .put(48, in.cpu_svn)
          .put(64, in.isv_svn)
          .put(66, in.isv_prod_id)
          .put(68, in.config_svn)
          .put(70, in.config_id)
          .put(134, in.isv_family_id)
          .put(150, in.isv_ext_prod_id)
          .put(166, in.mr_signer)
          .bytes();
    case KeyName::kEinitToken:
      return Record(128)
          .put(0, in.key_name)
          .put(8, in.attributes)
          .put(24, in.misc_select)
          .put(28, in.owner_epoch)
          .put(44, in.cpu_svn)
          .put(60, in.isv_svn)
          .put(62, in.isv_prod_id)
          .put(64, in.mr_signer)
          .put(96, in.key_id)
          .bytes();
  }
  return {};
}

Result<crypto::Key128> SdkSimCpu::derive(const KeyDependencies& dependencies) const {
  const auto key_bytes = base::from_hex(kBaseKeys[dependencies.key_name]).value();
  const crypto::Key128 key(base::ByteView(key_bytes).first<crypto::Key128::kSize>());
  return crypto::derive_key128(key, derivation_record(dependencies));
}

}  // namespace quoted::simulation
