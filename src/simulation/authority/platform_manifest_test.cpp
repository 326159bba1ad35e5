#include "simulation/authority/platform_manifest.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/hmac.h"
#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;

class PlatformManifest : public ::testing::Test {
 protected:
  static PlatformModel model(std::string name = "node-1.example_a") {
    PlatformModel out = default_platform_model();
    out.name = std::move(name);
    return out;
  }
  [[nodiscard]] base::Bytes manifest(const PlatformModel& of = model()) const {
    return serialize_platform_manifest(seed_, of).value();
  }
  // What a holder of the seed could write although our own writer does not.
  [[nodiscard]] base::Bytes with_mac(base::Bytes content) const {
    const auto key = seed_.derive("platform manifest 1 mac key", 32).value();
    base::append(content, crypto::hmac_sha256(key.view(), content).value().view());
    return content;
  }
  [[nodiscard]] base::Bytes content() const {
    base::Bytes out = manifest();
    out.resize(out.size() - 32);
    return out;
  }

  MasterSeed seed_ = MasterSeed::development();
};

TEST_F(PlatformManifest, SaysWhatTheModelIs) {
  for (const PckCa ca : {PckCa::kPlatform, PckCa::kProcessor}) {
    PlatformModel of = model();
    of.pck_ca = ca;
    of.sgx_type = collateral::SgxType::kScalableWithIntegrity;
    const auto parsed = parse_platform_manifest(seed_, manifest(of));
    ASSERT_TRUE(parsed) << parsed.error().summary();
    EXPECT_EQ(*parsed, (PlatformIdentity{of.name, of.fmspc, of.sgx_type, ca}));
  }
}

// Stored registrations and those on the way must be understood by the next version too.
TEST_F(PlatformManifest, HasAFixedForm) {
  EXPECT_EQ(base::to_hex(manifest(model("a"))),
            base::text("514453494d504d", "01", kSimulatedFmspc, "01", "00", "01", "61",
                       base::to_hex(base::ByteView(manifest(model("a"))).last(32))));
}

TEST_F(PlatformManifest, EveryAlteredBitAndEveryCutIsNoticed) {
  const base::Bytes good = manifest();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    base::Bytes altered = good;
    altered[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(parse_platform_manifest(seed_, altered)) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_platform_manifest(seed_, base::ByteView(good).first(size))) << size;
  }
}

TEST_F(PlatformManifest, OfAnotherSeedIsRefused) {
  const MasterSeed other = MasterSeed::parse(base::Bytes(32, std::byte{7})).value();
  EXPECT_EQ(outcome(parse_platform_manifest(other, manifest())), named(ErrorCode::kBadSignature));
}

TEST_F(PlatformManifest, OnlyProperNamesAreWritten) {
  for (const std::string& name :
       {std::string(), std::string("-x"), std::string(".."), std::string("a/b"), std::string("a b"),
        std::string("a\0b", 3), std::string("\xc3\xa4"), std::string(65, 'a')}) {
    EXPECT_EQ(outcome(serialize_platform_manifest(seed_, model(name))),
              named(ErrorCode::kInvalidArgument))
        << name;
  }
  EXPECT_EQ(outcome(parse_platform_manifest(seed_, manifest(model(std::string(64, 'z'))))), "OK");
}

TEST_F(PlatformManifest, OnlyProperContentIsReadEvenFromHoldersOfTheSeed) {
  constexpr std::size_t kVersion = 7;
  constexpr std::size_t kSgxType = 14;
  constexpr std::size_t kPckCa = 15;
  constexpr std::size_t kNameSize = 16;
  for (const auto& [at, value] : {std::pair<std::size_t, int>{kVersion, 2},
                                  {kSgxType, 3},
                                  {kPckCa, 2},
                                  {kNameSize, 0},
                                  {kNameSize, 15},
                                  {kNameSize, 17},
                                  {kNameSize + 1, '/'},
                                  {kNameSize + 1, 0}}) {
    base::Bytes altered = content();
    altered[at] = static_cast<std::byte>(value);
    EXPECT_FALSE(parse_platform_manifest(seed_, with_mac(altered))) << at << ' ' << value;
  }
  EXPECT_EQ(outcome(parse_platform_manifest(seed_, with_mac(content()))), "OK");
  EXPECT_EQ(outcome(parse_platform_manifest(seed_, base::Bytes(1000))),
            named(ErrorCode::kMalformed));
}

}  // namespace
}  // namespace quoted::simulation
