// quotectl sim root: the root of the world of a seed, and of a daemon.
#include "crypto/certificate.h"
#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SimRoot : public QuotectlTest {
 protected:
  [[nodiscard]] test::ProcessResult sim_root(const std::string& out,
                                             std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"sim", "root", "--out", file(out)});
    return quotectl(more);
  }
  [[nodiscard]] crypto::P256Point key_of(const std::string& out) const {
    const base::Bytes pem = read(file(out));
    return crypto::Certificate::parse_pem(base::as_text(pem)).value().public_key().point();
  }
};

TEST_F(SimRoot, SameSeedSameKeyOtherSeedOtherKey) {
  const auto result = sim_root("a");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr(kSimulated));
  EXPECT_THAT(result.err, HasSubstr("development seed"));
  ASSERT_EQ(sim_root("b").exit_code, 0);
  EXPECT_EQ(key_of("a"), key_of("b"));

  const std::string raw = write("raw", base::Bytes(32, std::byte{0xAB}));
  std::string digits;
  for (int i = 0; i < 32; ++i) digits += "aB";
  const std::string hex = write("hex", base::as_bytes(digits + "\n"));
  const auto seeded = sim_root("c", {"--seed-file", raw});
  ASSERT_EQ(seeded.exit_code, 0);
  EXPECT_THAT(seeded.err, Not(HasSubstr("development seed")));
  ASSERT_EQ(sim_root("d", {"--seed-file", hex}).exit_code, 0);
  EXPECT_EQ(key_of("c"), key_of("d"));
  EXPECT_NE(key_of("a"), key_of("c"));
}

TEST_F(SimRoot, StoredRootIsTheDaemonsOwn) {
  ASSERT_EQ(sim_root("stored", {"--state-dir", daemon().state_dir()}).exit_code, 0);
  const std::string quote = make_quote("quote");
  EXPECT_EQ(quotectl({"verify", quote, "--root", file("stored")}).exit_code, kVerified);
  ASSERT_EQ(sim_root("derived").exit_code, 0);
  EXPECT_EQ(key_of("stored"), key_of("derived"));
}

TEST_F(SimRoot, DaemonOfAnotherSeed) {
  const std::string seed = write("seed", base::Bytes(32, std::byte{7}));
  const Daemon other({"--seed-file", seed});
  ASSERT_EQ(sim_root("root", {"--state-dir", other.state_dir(), "--seed-file", seed}).exit_code, 0);
  ASSERT_EQ(sim_root("development").exit_code, 0);
  EXPECT_NE(key_of("root"), key_of("development"));

  const std::string report = file("report");
  const std::string quote = file("quote");
  ASSERT_EQ(quotectl({"report", "--socket", other.socket(), "--out", report}).exit_code, 0);
  ASSERT_EQ(quotectl({"quote", report, "--socket", other.socket(), "--out", quote}).exit_code, 0);
  EXPECT_EQ(quotectl({"verify", quote, "--root", file("root")}).exit_code, kVerified);
  EXPECT_EQ(quotectl({"verify", quote, "--root", file("development")}).exit_code, kRefused);
  // A REPORT of one machine is not for the Quoting Enclave of another.
  EXPECT_THAT(quotectl({"quote", report, "--socket", daemon().socket(), "--out", file("x")}),
              IsErrorSaying("47 AESM_INVALID_REPORT"));

  write("wrong", base::Bytes(32, std::byte{8}));
  EXPECT_THAT(sim_root("x", {"--state-dir", other.state_dir(), "--seed-file", file("wrong")}),
              IsErrorSaying("is not the one of the seed in " + file("wrong")));
}

TEST_F(SimRoot, UnusableSeedsAndStatesAreErrors) {
  write("short", base::Bytes(31));
  write("long", base::Bytes(5000));
  EXPECT_THAT(sim_root("x", {"--seed-file", file("short")}), IsErrorSaying("31 bytes"));
  EXPECT_THAT(sim_root("x", {"--seed-file", file("long")}), IsErrorSaying("larger than"));
  EXPECT_THAT(sim_root("x", {"--seed-file", file("none")}), IsErrorSaying(file("none")));
  EXPECT_THAT(sim_root("x", {"--state-dir", file("none")}),
              IsErrorSaying("no root certificate of a simulated daemon in " + file("none")));
  std::filesystem::create_directories(file("state/authority"));
  write("state/authority/root-ca.pem", base::as_bytes("damaged"));
  EXPECT_THAT(sim_root("x", {"--state-dir", file("state")}),
              IsErrorSaying("not a PEM certificate"));
  EXPECT_EQ(base::as_text(read(file("state/authority/root-ca.pem"))), "damaged")
      << "repairing it is the daemon's business";
  EXPECT_THAT(files(), ElementsAre("long", "short", "state"));
}

}  // namespace
}  // namespace quoted::quotectl
