#include "simulation/authority/master_seed.h"

#include <gtest/gtest.h>

#include <set>

#include "simulation/authority/manufacturer.h"
#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;

base::Result<MasterSeed> parse(std::string_view content) {
  return MasterSeed::parse(base::as_bytes(content));
}

std::string derived(const MasterSeed& seed, std::string_view purpose, std::size_t size = 32) {
  return base::to_hex(seed.derive(purpose, size).value().view());
}

const std::string kRaw = "0123456789abcdefghijklmnopqrstuv";  // 32 bytes

TEST(MasterSeed, RawAndHexadecimalFormsAreTheSameSeed) {
  const std::string digits = base::to_hex(base::as_bytes(kRaw));
  std::string upper = digits;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string expected = derived(parse(kRaw).value(), "x");
  for (const std::string& form :
       {digits, upper, digits + "\n", digits + "\r\n", digits + " \t\n\n"}) {
    const auto seed = parse(form);
    ASSERT_TRUE(seed) << seed.error().summary();
    EXPECT_EQ(derived(*seed, "x"), expected);
  }
}

TEST(MasterSeed, RawSeedsMayHoldAnyBytes) {
  EXPECT_EQ(outcome(parse(std::string(32, '\0'))), "OK");
  EXPECT_EQ(outcome(parse(std::string(31, 'a') + "\n")), "OK");
}

TEST(MasterSeed, OtherContentIsRefused) {
  const std::string digits = base::to_hex(base::as_bytes(kRaw));
  for (const std::string& wrong :
       {std::string(), std::string(31, 'a'), std::string(33, 'a'), digits.substr(1), digits + "0",
        " " + digits, "0x" + digits, digits + "\nx", digits.substr(0, 63) + "g",
        digits + std::string(1, '\0'), std::string(1'000'000, 'a'), std::string(64, ' ')}) {
    EXPECT_EQ(outcome(parse(wrong)), named(ErrorCode::kSeedUnusable)) << wrong.size();
  }
}

// The message reaches logs.
TEST(MasterSeed, RefusalDoesNotShowTheContent) {
  const auto refused = parse(std::string(40, 'S'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().explanation().find("SSSS"), std::string::npos);
}

TEST(MasterSeed, DerivationDependsOnSeedAndPurpose) {
  const MasterSeed one = parse(kRaw).value();
  const MasterSeed other = parse(std::string(32, 'z')).value();
  std::set<std::string> values;
  for (const MasterSeed* seed : {&one, &other}) {
    for (const std::string_view purpose : {"", "a", "b", "a b", "ab"}) {
      values.insert(derived(*seed, purpose));
    }
  }
  EXPECT_EQ(values.size(), 10U);
  EXPECT_EQ(derived(one, "a"), derived(parse(kRaw).value(), "a"));
}

TEST(MasterSeed, DerivedValuesHaveTheirSize) {
  const MasterSeed seed = MasterSeed::development();
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 16, 32, 40, 384}) {
    EXPECT_EQ(derived(seed, "x", size).size(), 2 * size);
  }
  EXPECT_FALSE(seed.derive_value<sgx::OwnerEpoch>("x")->is_zero());
}

// Computed by an independent implementation; a change would replace every root and platform of
// every existing world.
TEST(MasterSeed, DerivationIsPinned) {
  const MasterSeed seed = MasterSeed::development();
  EXPECT_EQ(derived(seed, "test"),
            "05939907a3e6d749ef095af55671b393f0ce718b4b2ecb182c115e3072824586");
  EXPECT_EQ(seed.derive_p256_key("test")->public_key().point().hex().substr(0, 64),
            "f5ab5f08f1f463ce16608fdd71e065e31fcbcfe1baca5c41f8aa2869e1a88d96");
  EXPECT_EQ(manufacture(seed, default_platform_model())->ppid.hex(),
            "dc6827935697c729bb4f680bb58f82b9");
}

// ---- What the manufacturer makes of it

TEST(Manufacturer, PlatformsDependOnSeedAndName) {
  const MasterSeed one = MasterSeed::development();
  const MasterSeed other = parse(kRaw).value();
  PlatformModel renamed = default_platform_model();
  renamed.name = "node-2";
  const auto platform = manufacture(one, default_platform_model()).value();
  EXPECT_EQ(manufacture(one, default_platform_model())->ppid, platform.ppid);
  EXPECT_NE(manufacture(one, renamed)->ppid, platform.ppid);
  EXPECT_NE(manufacture(other, default_platform_model())->ppid, platform.ppid);

  const auto report_key = [](const ManufacturedPlatform& p) {
    return base::to_hex(p.cpu.report_base_key().view());
  };
  EXPECT_NE(report_key(manufacture(one, renamed).value()), report_key(platform));
  EXPECT_NE(report_key(manufacture(other, default_platform_model()).value()), report_key(platform));
}

TEST(Manufacturer, SecretsAreIndependent) {
  const auto platform = manufacture(MasterSeed::development(), default_platform_model()).value();
  EXPECT_NE(platform.cpu.owner_epoch().hex(), platform.ppid.hex());
  EXPECT_NE(base::to_hex(platform.cpu.report_base_key().view()), platform.ppid.hex());
}

// REPORT_KEYID is random at each boot, all else stays.
TEST(Manufacturer, EveryBootHasItsReportKeyId) {
  const auto first = manufacture(MasterSeed::development(), default_platform_model()).value();
  const auto second = manufacture(MasterSeed::development(), default_platform_model()).value();
  EXPECT_NE(first.cpu.report_key_id(), second.cpu.report_key_id());
  EXPECT_EQ(first.cpu.owner_epoch(), second.cpu.owner_epoch());
  EXPECT_EQ(first.cpu.cpu_svn(), second.cpu.cpu_svn());
}

TEST(Manufacturer, DefaultPlatformIsOfTheSimulatedRange) {
  const PlatformModel model = default_platform_model();
  EXPECT_EQ(model.fmspc.hex(), "ff53494d0000");
  EXPECT_EQ(model.pck_ca, PckCa::kPlatform);
  EXPECT_FALSE(model.cpu_svn.is_zero());
}

TEST(Manufacturer, DescriptionIsThePlatforms) {
  const MasterSeed seed = MasterSeed::development();
  PlatformModel model = default_platform_model();
  const auto multi = manufacture(seed, model).value();
  const Psvn tcb{test::counting<sgx::CpuSvn>(0xF8), 11};
  const auto description = describe_platform(seed, multi, tcb).value();
  EXPECT_EQ(description.ppid, multi.ppid);
  EXPECT_EQ(description.cpu_svn, tcb.cpu_svn);
  EXPECT_EQ(description.pce_svn, 11);
  EXPECT_EQ(description.fmspc, model.fmspc);
  EXPECT_TRUE(description.pce_id.is_zero());
  for (std::size_t i = 0; i < description.components.size(); ++i) {
    EXPECT_EQ(description.components[i], static_cast<std::uint8_t>(0xF8 + i));
  }
  EXPECT_TRUE(description.platform_instance_id.has_value());
  EXPECT_TRUE(description.configuration.has_value());

  model.pck_ca = PckCa::kProcessor;
  const auto single = manufacture(seed, model).value();
  const auto of_single = describe_platform(seed, single, tcb).value();
  EXPECT_FALSE(of_single.platform_instance_id.has_value());
  EXPECT_FALSE(of_single.configuration.has_value());
}

}  // namespace
}  // namespace quoted::simulation
