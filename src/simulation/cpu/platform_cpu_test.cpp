#include "simulation/cpu/platform_cpu.h"

#include <gtest/gtest.h>

#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using sgx::KeyName;
using test::named;
using test::outcome;
namespace policy = sgx::key_policy;
namespace flags = sgx::flags;

constexpr std::array kNamesWithSvns = {KeyName::kEinitToken, KeyName::kProvision,
                                       KeyName::kProvisionSeal, KeyName::kSeal};

std::string_view egetkey(const test::CpuParts& cpu, const Secs& secs,
                         const sgx::KeyRequest& request) {
  return outcome(cpu.make().egetkey(secs, request));
}

// May ask for every key.
Secs privileged_kss_enclave() {
  Secs out = test::kss_enclave();
  out.attributes.flags = out.attributes.flags | flags::kProvisionKey | flags::kEinitTokenKey;
  return out;
}

TEST(PlatformCpuEgetkey, GivesEveryKeyAndNoOther) {
  for (const KeyName name : test::kAllKeyNames) {
    EXPECT_EQ(egetkey({}, privileged_kss_enclave(), test::key_request(name)), "OK");
  }
  for (const std::uint16_t unknown :
       std::initializer_list<std::uint16_t>{5, 6, 7, 8, 0x0104, 0xFFFF}) {
    sgx::KeyRequest request;
    request.key_name = unknown;
    EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request), named(ErrorCode::kCpuInvalidKeyName))
        << unknown;
  }
}

TEST(PlatformCpuEgetkey, AttributesGuardProvisioningAndLaunchKeys) {
  const auto with_flags = [](KeyName name, std::uint64_t more) {
    Secs secs = test::app_enclave();
    secs.attributes.flags = secs.attributes.flags | more;
    return egetkey({}, secs, test::key_request(name));
  };
  const std::string_view refused = named(ErrorCode::kCpuInvalidAttribute);
  for (const KeyName name : {KeyName::kProvision, KeyName::kProvisionSeal}) {
    EXPECT_EQ(with_flags(name, 0), refused);
    EXPECT_EQ(with_flags(name, flags::kEinitTokenKey), refused);
    EXPECT_EQ(with_flags(name, flags::kProvisionKey), "OK");
  }
  EXPECT_EQ(with_flags(KeyName::kEinitToken, 0), refused);
  EXPECT_EQ(with_flags(KeyName::kEinitToken, flags::kProvisionKey), refused);
  EXPECT_EQ(with_flags(KeyName::kEinitToken, flags::kEinitTokenKey), "OK");
  EXPECT_EQ(with_flags(KeyName::kSeal, 0), "OK");
  EXPECT_EQ(with_flags(KeyName::kReport, 0), "OK");
}

// Each component by itself, whatever room the others leave.
TEST(PlatformCpuEgetkey, CpuSvnIsComparedByComponent) {
  for (std::size_t component = 0; component < sgx::CpuSvn::kSize; ++component) {
    for (const KeyName name : test::kAllKeyNames) {
      sgx::KeyRequest request = test::key_request(name);
      request.cpu_svn.mutable_view()[component] = std::byte{8};
      EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request), "OK");
      request.cpu_svn.mutable_view()[component] = std::byte{9};
      const bool checked = name != KeyName::kReport;
      EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request),
                checked ? named(ErrorCode::kCpuInvalidCpuSvn) : "OK")
          << component << " for key " << static_cast<unsigned>(name);
    }
  }
}

// The PPID and the QE_ID rely on it.
TEST(PlatformCpuEgetkey, AllZeroCpuSvnIsAcceptedAtEveryLevel) {
  for (const std::uint8_t level : std::initializer_list<std::uint8_t>{0, 1, 255}) {
    for (const KeyName name : test::kAllKeyNames) {
      EXPECT_EQ(
          egetkey(test::with_cpu_svn(level), privileged_kss_enclave(), test::key_request(name)),
          "OK");
    }
  }
}

TEST(PlatformCpuEgetkey, IsvSvnMayNotBeAboveTheEnclaves) {
  for (const KeyName name : test::kAllKeyNames) {
    sgx::KeyRequest request = test::key_request(name);
    request.isv_svn = 5;
    EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request), "OK");
    const bool checked = name != KeyName::kReport;
    for (const std::uint16_t above : std::initializer_list<std::uint16_t>{6, 0x0100, 0xFFFF}) {
      request.isv_svn = above;
      EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request),
                checked ? named(ErrorCode::kCpuInvalidIsvSvn) : "OK");
    }
  }
}

TEST(PlatformCpuEgetkey, ConfigSvnIsCheckedForSealAndProvisionSeal) {
  for (const KeyName name : test::kAllKeyNames) {
    sgx::KeyRequest request = test::key_request(name);
    request.config_svn = 4;
    EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request), "OK");
    request.config_svn = 5;
    const bool checked = name == KeyName::kSeal || name == KeyName::kProvisionSeal;
    EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request),
              checked ? named(ErrorCode::kCpuInvalidIsvSvn) : "OK")
        << static_cast<unsigned>(name);
  }
}

TEST(PlatformCpuEgetkey, KssFieldsFaultOutsideKssEnclaves) {
  Secs plain = privileged_kss_enclave();
  plain.attributes.flags = plain.attributes.flags & ~flags::kKss;
  for (const KeyName name : test::kAllKeyNames) {
    sgx::KeyRequest request = test::key_request(name);
    for (const std::uint16_t bit : {policy::kMrEnclave, policy::kMrSigner}) {
      request.key_policy = bit;
      EXPECT_EQ(egetkey({}, plain, request), "OK");
    }
    for (const std::uint16_t bit :
         {policy::kNoIsvProdId, policy::kConfigId, policy::kIsvFamilyId, policy::kIsvExtProdId}) {
      request.key_policy = bit;
      EXPECT_EQ(egetkey({}, plain, request), named(ErrorCode::kCpuGeneralProtection)) << bit;
      EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request), "OK") << bit;
    }
    request.key_policy = 0;
    request.config_svn = 1;
    EXPECT_EQ(egetkey({}, plain, request), named(ErrorCode::kCpuGeneralProtection));
  }
}

TEST(PlatformCpuEgetkey, ReservedPolicyBitsAndBytesFault) {
  for (const KeyName name : test::kAllKeyNames) {
    for (unsigned bit = 6; bit < 16; ++bit) {
      sgx::KeyRequest request = test::key_request(name);
      request.key_policy = static_cast<std::uint16_t>(1U << bit);
      EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request),
                named(ErrorCode::kCpuGeneralProtection));
    }
  }
  std::vector<std::size_t> reserved{offsetof(sgx::KeyRequest, reserved1)};
  for (std::size_t i = offsetof(sgx::KeyRequest, reserved2); i < sizeof(sgx::KeyRequest); ++i) {
    reserved.push_back(i);
  }
  for (const std::size_t offset : reserved) {
    const auto request = test::with_bit_flipped(test::key_request(KeyName::kSeal), offset * 8 + 7);
    EXPECT_EQ(egetkey({}, privileged_kss_enclave(), request),
              named(ErrorCode::kCpuGeneralProtection))
        << offset;
  }
}

// The values an enclave finds in RAX (sgx-cpu-model 4.1).
TEST(PlatformCpuEgetkey, ErrorsCarryTheInstructionsCodes) {
  EXPECT_EQ(base::error_entry(ErrorCode::kCpuInvalidAttribute).native, 2U);
  EXPECT_EQ(base::error_entry(ErrorCode::kCpuInvalidCpuSvn).native, 32U);
  EXPECT_EQ(base::error_entry(ErrorCode::kCpuInvalidIsvSvn).native, 64U);
  EXPECT_EQ(base::error_entry(ErrorCode::kCpuInvalidKeyName).native, 256U);
}

TEST(PlatformCpuEgetkey, LowerLevelsCannotReachKeysOfHigherOnes) {
  for (const KeyName name : kNamesWithSvns) {
    sgx::KeyRequest request = test::key_request(name);
    request.cpu_svn = test::filled<sgx::CpuSvn>(8);
    EXPECT_EQ(egetkey(test::with_cpu_svn(9), privileged_kss_enclave(), request), "OK");
    EXPECT_EQ(egetkey(test::with_cpu_svn(7), privileged_kss_enclave(), request),
              named(ErrorCode::kCpuInvalidCpuSvn));
  }
}

// ---- EREPORT and its verification (sgx-cpu-model 5)

sgx::Report report_for(const test::CpuParts& cpu, const sgx::TargetInfo& target) {
  return cpu.make()
      .ereport(test::kss_enclave(), target, test::counting<sgx::ReportData>(0x30))
      .value();
}

bool verifies(const test::CpuParts& cpu, const Secs& target, const sgx::Report& report) {
  return report_verifies(cpu.make(), target, report).value();
}

TEST(PlatformCpuReport, CarriesTheReportingEnclavesIdentity) {
  const Secs secs = test::kss_enclave();
  const sgx::Report report = report_for({}, test::target_of(test::app_enclave()));
  EXPECT_EQ(report.body.cpu_svn, test::CpuParts{}.cpu_svn);
  EXPECT_EQ(report.body.misc_select, secs.misc_select);
  EXPECT_EQ(report.body.cet_attributes, secs.cet_attributes);
  EXPECT_EQ(report.body.isv_ext_prod_id, secs.isv_ext_prod_id);
  EXPECT_EQ(report.body.attributes, secs.attributes);
  EXPECT_EQ(report.body.mr_enclave, secs.mr_enclave);
  EXPECT_EQ(report.body.mr_signer, secs.mr_signer);
  EXPECT_EQ(report.body.config_id, secs.config_id);
  EXPECT_EQ(report.body.isv_prod_id, secs.isv_prod_id);
  EXPECT_EQ(report.body.isv_svn, secs.isv_svn);
  EXPECT_EQ(report.body.config_svn, secs.config_svn);
  EXPECT_EQ(report.body.isv_family_id, secs.isv_family_id);
  EXPECT_EQ(report.body.report_data, test::counting<sgx::ReportData>(0x30));
  EXPECT_TRUE(report.body.reserved_is_zero());
  EXPECT_EQ(report.key_id, test::CpuParts{}.report_key_id);
}

// Enclaves recompute it, so it must be the plain one (sgx-cpu-model 4).
TEST(PlatformCpuReport, MacIsAesCmacUnderTheTargetsReportKey) {
  const Secs target = test::kss_enclave();
  const sgx::Report report = report_for({}, test::target_of(target));
  sgx::KeyRequest request = test::key_request(KeyName::kReport);
  request.key_id = report.key_id;
  const auto key = test::CpuParts{}.make().egetkey(target, request).value();
  const auto mac = crypto::aes128_cmac(key, base::struct_bytes(report.body)).value();
  EXPECT_EQ(mac.hex(), report.mac.hex());
}

TEST(PlatformCpuReport, VerifiesForItsTargetOnly) {
  for (const Secs& target : {test::app_enclave(), test::kss_enclave()}) {
    const sgx::Report report = report_for({}, test::target_of(target));
    EXPECT_TRUE(verifies({}, target, report));
    Secs other = target;
    other.mr_enclave = test::counting<sgx::MrEnclave>(1);
    EXPECT_FALSE(verifies({}, other, report));
  }
}

TEST(PlatformCpuReport, EveryFieldOfTargetInfoMatters) {
  const Secs target = test::kss_enclave();
  const sgx::TargetInfo right = test::target_of(target);
  const auto verifies_when = [&](auto alter) {
    sgx::TargetInfo altered = right;
    alter(altered);
    return verifies({}, target, report_for({}, altered));
  };
  EXPECT_TRUE(verifies_when([](sgx::TargetInfo&) {}));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.mr_enclave = {}; }));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.attributes.flags = 5; }));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.attributes.xfrm = 3; }));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.cet_attributes = {}; }));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.config_svn = 0; }));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.misc_select = 0; }));
  EXPECT_FALSE(verifies_when([](sgx::TargetInfo& t) { t.config_id = {}; }));
}

TEST(PlatformCpuReport, EveryBitIsBound) {
  const Secs target = test::app_enclave();
  const sgx::Report report = report_for({}, test::target_of(target));
  for (std::size_t bit = 0; bit < sizeof(sgx::Report) * 8; ++bit) {
    EXPECT_FALSE(verifies({}, target, test::with_bit_flipped(report, bit))) << "bit " << bit;
  }
}

// quote-generation 2.1: a stored QE report is certified again by the PCE after a reboot.
TEST(PlatformCpuReport, SurvivesANewReportKeyId) {
  const Secs target = test::app_enclave();
  test::CpuParts rebooted;
  rebooted.report_key_id = test::counting<sgx::KeyId>(1);
  EXPECT_TRUE(verifies(rebooted, target, report_for({}, test::target_of(target))));
}

TEST(PlatformCpuReport, DoesNotSurviveChangesOfTheProcessor) {
  const Secs target = test::app_enclave();
  const sgx::Report report = report_for({}, test::target_of(target));
  test::CpuParts owned;
  owned.owner_epoch = {};
  test::CpuParts replaced;
  replaced.fuses.seal = test::counting<crypto::Key128>(1);
  EXPECT_FALSE(verifies(owned, target, report));
  EXPECT_FALSE(verifies(replaced, target, report));
  EXPECT_FALSE(verifies(test::with_cpu_svn(9), target, report));
  EXPECT_FALSE(verifies(test::with_cpu_svn(7), target, report));
}

}  // namespace
}  // namespace quoted::simulation
