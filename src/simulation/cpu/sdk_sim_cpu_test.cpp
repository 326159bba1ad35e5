#include "simulation/cpu/sdk_sim_cpu.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/cmac.h"
#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using nlohmann::json;
using sgx::KeyName;
using test::named;
using test::outcome;
namespace flags = sgx::flags;

json read_vector(const std::string& name) {
  std::ifstream file(std::string(QUOTED_VECTORS_DIR) + "/sim-mode/" + name + ".json");
  return json::parse(file);
}

std::string text(const json& field) { return field.get<std::string>(); }

template <class T>
T value(const json& hex) {
  return base::parse_struct<T>(base::from_hex(text(hex)).value(), "vector").value();
}

Secs source_secs(const json& in) {
  Secs out;
  out.misc_select = value<sgx::Le32>(in["misc_select"]);
  out.attributes = value<sgx::Attributes>(in["attributes"]);
  out.mr_enclave = value<sgx::MrEnclave>(in["mr_enclave"]);
  out.mr_signer = value<sgx::MrSigner>(in["mr_signer"]);
  out.config_id = value<sgx::ConfigId>(in["config_id"]);
  out.isv_prod_id = value<sgx::Le16>(in["isv_prod_id"]);
  out.isv_svn = value<sgx::Le16>(in["isv_svn"]);
  out.config_svn = value<sgx::Le16>(in["config_svn"]);
  out.isv_family_id = value<sgx::IsvFamilyId>(in["isv_family_id"]);
  out.isv_ext_prod_id = value<sgx::IsvExtProdId>(in["isv_ext_prod_id"]);
  return out;
}

// The enclave that a target info describes; other fields do not reach a report key.
Secs secs_of(const sgx::TargetInfo& target) {
  Secs out;
  out.mr_enclave = target.mr_enclave;
  out.attributes = target.attributes;
  out.misc_select = target.misc_select;
  out.config_svn = target.config_svn;
  out.config_id = target.config_id;
  return out;
}

// Keeps what the checks of EGETKEY and EREPORT hand to the derivation.
class RecordingCpu final : public Cpu {
 public:
  explicit RecordingCpu(const json& inputs)
      : cpu_svn_(value<sgx::CpuSvn>(inputs["cpu_svn"])),
        owner_epoch_(value<sgx::OwnerEpoch>(inputs["owner_epoch"])) {}

  [[nodiscard]] sgx::CpuSvn cpu_svn() const override { return cpu_svn_; }
  [[nodiscard]] const KeyDependencies& last() const { return last_; }

 protected:
  [[nodiscard]] sgx::OwnerEpoch owner_epoch() const override { return owner_epoch_; }
  [[nodiscard]] sgx::KeyId report_key_id() const override { return {}; }
  [[nodiscard]] base::Result<sgx::CpuSvn> accept_cpu_svn(
      const sgx::CpuSvn& requested) const override {
    return requested.is_zero() ? sdk_sim_cpu_svn(SdkSimLevel::kDefault) : requested;
  }
  [[nodiscard]] base::Result<crypto::Key128> derive(
      const KeyDependencies& dependencies) const override {
    last_ = dependencies;
    return crypto::Key128();
  }

 private:
  sgx::CpuSvn cpu_svn_;
  sgx::OwnerEpoch owner_epoch_;
  mutable KeyDependencies last_;
};

class SdkSimVector : public testing::TestWithParam<std::string> {
 protected:
  const json vector_ = read_vector(GetParam());
  const json& inputs_ = vector_["inputs"];
  const json& expected_ = vector_["expected"];
  const Secs source_ = source_secs(inputs_["source_secs"]);
  const sgx::TargetInfo target_ = value<sgx::TargetInfo>(inputs_["target_info"]);
  const SdkSimCpu cpu_{sdk_sim_level(value<sgx::CpuSvn>(inputs_["cpu_svn"])).value()};
};

INSTANTIATE_TEST_SUITE_P(SimMode, SdkSimVector,
                         testing::Values("01-plain-debug", "02-kss-upgraded"));

TEST_P(SdkSimVector, IsOfTheKnownFormat) {
  EXPECT_EQ(text(vector_["format"]), "sgx-sim-mode-vector-v1");
  EXPECT_EQ(text(inputs_["owner_epoch"]), base::to_hex(base::as_bytes("THISISOWNEREPOCH")));
}

TEST_P(SdkSimVector, Report) {
  const sgx::Report report =
      cpu_.ereport(source_, target_, value<sgx::ReportData>(inputs_["report_data"])).value();
  EXPECT_EQ(base::to_hex(base::struct_bytes(report)), text(expected_["report"]));
  EXPECT_EQ(report.key_id.hex(), text(expected_["report_key_id"]));
  EXPECT_EQ(report.mac.hex(), text(expected_["report_mac"]));
}

TEST_P(SdkSimVector, ReportKeyAndItsRecord) {
  sgx::KeyRequest request = test::key_request(KeyName::kReport);
  request.key_id = value<sgx::KeyId>(expected_["report_key_id"]);
  const Secs target = secs_of(target_);
  EXPECT_EQ(base::to_hex(cpu_.egetkey(target, request).value().view()),
            text(expected_["report_key"]));

  const RecordingCpu recording(inputs_);
  ASSERT_TRUE(recording.egetkey(target, request));
  EXPECT_EQ(base::to_hex(SdkSimCpu::derivation_record(recording.last())),
            text(expected_["report_key_derivation_data"]));
}

TEST_P(SdkSimVector, ReportVerifiesForItsTargetOnly) {
  const auto report = value<sgx::Report>(expected_["report"]);
  EXPECT_TRUE(report_verifies(cpu_, secs_of(target_), report).value());
  EXPECT_FALSE(report_verifies(cpu_, source_, report).value());
}

TEST_P(SdkSimVector, EveryKeyRequest) {
  ASSERT_FALSE(vector_["egetkey_as_source"].empty());
  for (const json& entry : vector_["egetkey_as_source"]) {
    SCOPED_TRACE(text(entry["note"]));
    const auto request = value<sgx::KeyRequest>(entry["key_request"]);
    const auto key = cpu_.egetkey(source_, request);
    const std::string result = text(entry["result"]);
    if (result == "GP") {
      EXPECT_EQ(outcome(key), named(ErrorCode::kCpuGeneralProtection));
      continue;
    }
    if (result == "ERROR") {
      ASSERT_FALSE(key);
      EXPECT_EQ(key.error().entry().native, entry["status"].get<std::uint32_t>());
      continue;
    }
    ASSERT_EQ(result, "OK");
    ASSERT_TRUE(key) << key.error().summary();
    EXPECT_EQ(base::to_hex(key->view()), text(entry["key"]));
    const RecordingCpu recording(inputs_);
    ASSERT_TRUE(recording.egetkey(source_, request));
    EXPECT_EQ(base::to_hex(SdkSimCpu::derivation_record(recording.last())),
              text(entry["derivation_data"]));
  }
}

// ---- Rules that the vectors do not reach (sgx-cpu-model 8.2 to 8.4)

constexpr std::array kLevels = {SdkSimLevel::kDowngraded, SdkSimLevel::kDefault,
                                SdkSimLevel::kUpgraded};
constexpr std::array kNamesWithSvns = {KeyName::kEinitToken, KeyName::kProvision,
                                       KeyName::kProvisionSeal, KeyName::kSeal};

Secs privileged_enclave() {
  Secs out = test::kss_enclave();
  out.attributes.flags = out.attributes.flags | flags::kProvisionKey | flags::kEinitTokenKey;
  return out;
}

std::string_view request_at(SdkSimLevel level, KeyName name, const sgx::CpuSvn& cpu_svn) {
  sgx::KeyRequest request = test::key_request(name);
  request.cpu_svn = cpu_svn;
  return outcome(SdkSimCpu(level).egetkey(privileged_enclave(), request));
}

TEST(SdkSimCpu, LevelsAreTheThreeConstants) {
  for (const SdkSimLevel level : kLevels) {
    EXPECT_EQ(sdk_sim_level(sdk_sim_cpu_svn(level)), level);
    EXPECT_EQ(SdkSimCpu(level).cpu_svn(), sdk_sim_cpu_svn(level));
  }
  EXPECT_EQ(sdk_sim_cpu_svn(SdkSimLevel::kDowngraded).hex(), "64ea4f3fa0030c36383c322d4f3a8d4f");
  EXPECT_EQ(sdk_sim_cpu_svn(SdkSimLevel::kDefault).hex(), "4820f3376ae6b2f2034d3b7a4b48a778");
  EXPECT_EQ(sdk_sim_cpu_svn(SdkSimLevel::kUpgraded).hex(), "5339ae8c93ae8f3ce432db924d0f0733");
  EXPECT_EQ(sdk_sim_level(sgx::CpuSvn{}), std::nullopt);
  EXPECT_EQ(sdk_sim_level(test::filled<sgx::CpuSvn>(8)), std::nullopt);
}

TEST(SdkSimCpu, LevelsHaveNames) {
  EXPECT_EQ(sdk_sim_level_by_name("downgraded"), SdkSimLevel::kDowngraded);
  EXPECT_EQ(sdk_sim_level_by_name("default"), SdkSimLevel::kDefault);
  EXPECT_EQ(sdk_sim_level_by_name("upgraded"), SdkSimLevel::kUpgraded);
  EXPECT_EQ(sdk_sim_level_by_name("Default"), std::nullopt);
  EXPECT_EQ(sdk_sim_level_by_name(""), std::nullopt);
}

TEST(SdkSimCpu, LevelsAreOrderedNotComponents) {
  const std::string_view refused = named(ErrorCode::kCpuInvalidCpuSvn);
  for (const KeyName name : kNamesWithSvns) {
    for (const SdkSimLevel platform : kLevels) {
      for (const SdkSimLevel requested : kLevels) {
        EXPECT_EQ(request_at(platform, name, sdk_sim_cpu_svn(requested)),
                  requested <= platform ? "OK" : refused);
      }
      EXPECT_EQ(request_at(platform, name, test::filled<sgx::CpuSvn>(1)), refused);
      EXPECT_EQ(request_at(platform, name, test::with_bit_flipped(sdk_sim_cpu_svn(platform), 127)),
                refused);
    }
  }
  for (const SdkSimLevel platform : kLevels) {
    EXPECT_EQ(request_at(platform, KeyName::kReport, test::filled<sgx::CpuSvn>(1)), "OK");
  }
}

TEST(SdkSimCpu, ZeroCpuSvnMeansTheDefaultLevel) {
  for (const KeyName name : kNamesWithSvns) {
    EXPECT_EQ(request_at(SdkSimLevel::kDowngraded, name, {}), named(ErrorCode::kCpuInvalidCpuSvn));
    for (const SdkSimLevel level : {SdkSimLevel::kDefault, SdkSimLevel::kUpgraded}) {
      sgx::KeyRequest request = test::key_request(name);
      const auto zero = SdkSimCpu(level).egetkey(privileged_enclave(), request);
      request.cpu_svn = sdk_sim_cpu_svn(SdkSimLevel::kDefault);
      const auto named_default = SdkSimCpu(level).egetkey(privileged_enclave(), request);
      ASSERT_TRUE(zero && named_default);
      EXPECT_TRUE(base::equal(zero->view(), named_default->view()));
    }
  }
}

// Of several errors the first in this order is reported: attribute, ISVSVN, CONFIGSVN, CPUSVN.
TEST(SdkSimCpu, ChecksAreMadeInTheSdksOrder) {
  for (const KeyName name : kNamesWithSvns) {
    Secs secs = privileged_enclave();
    sgx::KeyRequest request = test::key_request(name);
    request.cpu_svn = test::filled<sgx::CpuSvn>(1);
    const auto result = [&] {
      return outcome(SdkSimCpu(SdkSimLevel::kDefault).egetkey(secs, request));
    };
    EXPECT_EQ(result(), named(ErrorCode::kCpuInvalidCpuSvn));
    request.config_svn = 0xFFFF;
    const bool has_config = name == KeyName::kSeal || name == KeyName::kProvisionSeal;
    EXPECT_EQ(result(),
              named(has_config ? ErrorCode::kCpuInvalidIsvSvn : ErrorCode::kCpuInvalidCpuSvn));
    request.isv_svn = 0xFFFF;
    EXPECT_EQ(result(), named(ErrorCode::kCpuInvalidIsvSvn));
    if (name == KeyName::kSeal) continue;
    secs.attributes.flags = flags::kInit | flags::kKss;
    EXPECT_EQ(result(), named(ErrorCode::kCpuInvalidAttribute));
  }
}

// A daemon must derive with REPORT.CPUSVN (8.4).
TEST(SdkSimCpu, ReportsVerifyAtTheirOwnLevelOnly) {
  const Secs target = test::app_enclave();
  for (const SdkSimLevel made : kLevels) {
    const sgx::Report report =
        SdkSimCpu(made).ereport(test::kss_enclave(), test::target_of(target), {}).value();
    EXPECT_EQ(sdk_sim_level(report.body.cpu_svn), made);
    for (const SdkSimLevel checked : kLevels) {
      EXPECT_EQ(report_verifies(SdkSimCpu(checked), target, report).value(), made == checked);
    }
  }
}

TEST(SdkSimCpu, EveryBitOfAReportIsBound) {
  const SdkSimCpu cpu(SdkSimLevel::kDefault);
  const Secs target = test::app_enclave();
  const sgx::Report report = cpu.ereport(test::kss_enclave(), test::target_of(target), {}).value();
  for (std::size_t bit = 0; bit < sizeof(sgx::Report) * 8; ++bit) {
    EXPECT_FALSE(report_verifies(cpu, target, test::with_bit_flipped(report, bit)).value()) << bit;
  }
}

TEST(SdkSimCpu, ReservedBytesOfTargetInfoAreIgnored) {
  const SdkSimCpu cpu(SdkSimLevel::kDefault);
  const Secs target = test::app_enclave();
  sgx::TargetInfo info = test::target_of(target);
  info.cet_attributes = std::byte{1};
  info.reserved1.fill(std::byte{1});
  info.reserved2.fill(std::byte{1});
  info.reserved3.fill(std::byte{1});
  const sgx::Report report = cpu.ereport(test::kss_enclave(), info, {}).value();
  EXPECT_TRUE(report_verifies(cpu, target, report).value());
}

crypto::Key128 einit_token_base_key() {
  auto out = test::filled<crypto::Key128>(0xAA);
  for (std::size_t i = 1; i < crypto::Key128::kSize; i += 2) {
    out.mutable_view()[i] = std::byte{0x55};
  }
  return out;
}

// The one key that no vector holds: record by the offsets of 8.2, base key of 8.1.
TEST(SdkSimCpu, EinitTokenKeyAndItsRecord) {
  const Secs secs = privileged_enclave();
  sgx::KeyRequest request = test::key_request(KeyName::kEinitToken);
  request.cpu_svn = sdk_sim_cpu_svn(SdkSimLevel::kDowngraded);
  request.isv_svn = 3;
  request.attribute_mask = {~std::uint64_t{0}, ~std::uint64_t{0}};
  request.misc_mask = 0xFFFFFFFF;
  request.key_id = test::counting<sgx::KeyId>(0x71);

  base::Bytes record(128);
  const auto put = [&record](std::size_t offset, base::ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), record.begin() + static_cast<std::ptrdiff_t>(offset));
  };
  put(8, base::struct_bytes(secs.attributes));
  put(24, base::struct_bytes(secs.misc_select));
  put(28, base::as_bytes("THISISOWNEREPOCH"));
  put(44, request.cpu_svn.view());
  put(60, base::struct_bytes(request.isv_svn));
  put(62, base::struct_bytes(secs.isv_prod_id));
  put(64, secs.mr_signer.view());
  put(96, request.key_id.view());
  const crypto::Key128 expected = crypto::derive_key128(einit_token_base_key(), record).value();

  const auto key = SdkSimCpu(SdkSimLevel::kDefault).egetkey(secs, request);
  ASSERT_TRUE(key) << key.error().summary();
  EXPECT_EQ(base::to_hex(key->view()), base::to_hex(expected.view()));
}

}  // namespace
}  // namespace quoted::simulation
