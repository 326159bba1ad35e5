// Many nodes behind one cache: they are certified through it, and go on when what is above it ends.
#include "tests_e2e/world.h"

namespace quoted::e2e {
namespace {

using testing::HasSubstr;

class SharedCache : public testing::Test {
 protected:
  [[nodiscard]] std::string root_of(const Manufacturer& manufacturer) {
    const std::string file = directory_ / "root.pem";
    const auto made = quotectl({"sim", "root", "--state-dir", manufacturer.world(), "--out", file});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return file;
  }
  test::TempDir directory_;
};

TEST_F(SharedCache, CertifiesNodesAndOutlivesWhatItCaches) {
  std::optional<Manufacturer> manufacturer;
  manufacturer.emplace(directory_ / "pcs");
  const std::string root = root_of(*manufacturer);
  const Manufacturer cache(directory_ / "cache", "0", "0",
                           {"--cache", "pccs=" + manufacturer->pccs(), "--root", root});
  const std::vector<std::string> by_cache = {"--collateral", "pccs=" + cache.pccs()};

  Node first(directory_ / "first", by_cache);
  ASSERT_TRUE(first.serves()) << first.process().err();
  ASSERT_TRUE(first.becomes("certified")) << first.process().err();
  EXPECT_TRUE(Application::quote(first.socket()));
  EXPECT_EQ(first.process().terminate(), 0);

  // The same node without its own memory: the cache alone knows it now.
  EXPECT_EQ(manufacturer->process().terminate(), 0);
  std::filesystem::remove_all(first.state_dir());
  Node again(directory_ / "first", by_cache);
  ASSERT_TRUE(again.serves()) << again.process().err();
  ASSERT_TRUE(again.becomes("certified")) << again.process().err();
  EXPECT_TRUE(Application::quote(again.socket()));

  // One that it never saw.
  Node other(directory_ / "other",
             {"--collateral", "pccs=" + cache.pccs(), "--platform-name", "other"});
  ASSERT_TRUE(other.serves()) << other.process().err();
  EXPECT_TRUE(other.becomes("uncertified"));
}

TEST_F(SharedCache, DoesNotServeWhatItDoesNotTrust) {
  const Manufacturer manufacturer(directory_ / "pcs");
  // Without --root it trusts Intel's root alone.
  const Manufacturer cache(directory_ / "cache", "0", "0",
                           {"--cache", "pccs=" + manufacturer.pccs()});
  Node node(directory_ / "node", {"--collateral", "pccs=" + cache.pccs()});
  ASSERT_TRUE(node.serves()) << node.process().err();
  ASSERT_TRUE(node.becomes("uncertified"));
  EXPECT_FALSE(Application::quote(node.socket()));
}

TEST_F(SharedCache, RefusesOptionsOfTheManufacturer) {
  test::Process cache({QUOTED_PCS_BINARY, "--cache", "pcs=http://127.0.0.1:1/", "--seed-file", "x",
                       "--state-dir", directory_ / "cache"},
                      kEnvironment);
  EXPECT_EQ(cache.wait(), 1);
  EXPECT_THAT(cache.err(), HasSubstr("exclude --cache"));
}

}  // namespace
}  // namespace quoted::e2e
