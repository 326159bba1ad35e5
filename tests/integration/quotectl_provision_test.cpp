// quotectl sim provision, and what a daemon says of enclave memory.
#include <sys/stat.h>

#include "quotectl_fixture.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/node/provision.h"
#include "simulation/testing/epc_host.h"

namespace quoted::quotectl {
namespace {

using simulation::EpcLedger;
using simulation::test::EpcHost;
using testing::HasSubstr;

constexpr std::uint64_t kTwo = simulation::kQeEpc + simulation::kPceEpc;

class SimProvision : public QuotectlTest {
 protected:
  [[nodiscard]] test::ProcessResult provision(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"sim", "provision", "--state-dir", directory_.path()});
    return quotectl(more);
  }
  [[nodiscard]] static nlohmann::json status_of(const Daemon& daemon) {
    const auto result = quotectl({"status", "--json", "--socket", daemon.socket()}, {});
    return nlohmann::json::parse(result.out);
  }
};

TEST_F(SimProvision, MakesAMachineWithoutADaemon) {
  const auto result = provision({"--platform-name", "ci", "--epc", "16"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "QUOTED_SIMULATED_PROVISION=" + file("simulated-provision") + "\n");
  EXPECT_THAT(result.err, HasSubstr(kSimulated));
  EXPECT_THAT(result.err, HasSubstr("development seed"));
  const auto made = simulation::load_provision(file("simulated-provision"));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->model.name, "ci");
  EXPECT_EQ(std::filesystem::status(file("simulated-provision")).permissions(),
            std::filesystem::perms(0600));
  EXPECT_EQ(EpcLedger::open(file("simulated-epc")).value()->usage()->size,
            16 * simulation::kMebibyte);
  EXPECT_TRUE(simulation::parse_published_cpu(read(file("simulated-cpu"))));
}

TEST_F(SimProvision, PutsAllBesideTheFileThatIsNamed) {
  std::filesystem::create_directory(directory_ / "elsewhere");
  ASSERT_EQ(provision({"--out", file("elsewhere/machine")}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "elsewhere" / "machine"));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "elsewhere" / "simulated-epc"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "simulated-provision"));
}

TEST_F(SimProvision, IsTheMachineOfTheDaemonWithThatState) {
  ASSERT_EQ(
      quotectl({"sim", "provision", "--state-dir", daemon().state_dir(), "--out", file("machine")})
          .exit_code,
      0);
  const base::Bytes of_daemon = read(daemon().state_dir() + "/simulated-provision");
  EXPECT_EQ(read(file("machine")), of_daemon);
}

TEST_F(SimProvision, DoesNotTakeADaemonsFilesFromIt) {
  const Daemon own({"--epc", "8"});
  EXPECT_THAT(quotectl({"sim", "provision", "--state-dir", own.state_dir()}),
              IsErrorSaying("in use by 1 processes"));
  EXPECT_EQ(status_of(own)["daemon"]["epc"]["size"], 8 * simulation::kMebibyte);
}

TEST_F(SimProvision, DoesNotReplaceAnotherMachine) {
  ASSERT_EQ(provision({"--platform-name", "one"}).exit_code, 0);
  const base::Bytes before = read(file("simulated-provision"));
  EXPECT_THAT(provision({"--platform-name", "other"}), IsErrorSaying("holds another machine"));
  EXPECT_EQ(read(file("simulated-provision")), before);
  EXPECT_EQ(provision({"--platform-name", "one"}).exit_code, 0);
}

TEST_F(SimProvision, RefusesWhatMakesNoMachine) {
  EXPECT_THAT(quotectl({"sim", "provision", "--state-dir", file("missing")}),
              IsErrorSaying("is no directory"));
  EXPECT_THAT(provision({"--platform-name", "../x"}), IsErrorSaying("--platform-name"));
  EXPECT_THAT(provision({"--seed-file", file("missing")}), IsErrorSaying("missing"));
  EXPECT_NE(provision({"--epc", "0"}).exit_code, 0);
}

TEST_F(SimProvision, StatusTellsWhoUsesEnclaveMemory) {
  const Daemon own({"--epc", "8"});
  const std::filesystem::path ledger = own.state_dir() + "/simulated-epc";
  auto epc = status_of(own)["daemon"]["epc"];
  EXPECT_EQ(epc["size"], 8 * simulation::kMebibyte);
  EXPECT_EQ(epc["own"], kTwo);
  EXPECT_EQ(epc["others"]["count"], 0);

  EpcHost host(ledger, {kTwo});
  ASSERT_TRUE(host.charged());
  ASSERT_TRUE(test::Process::eventually(
      [&] { return status_of(own)["daemon"]["epc"]["others"]["count"] == 1; },
      std::chrono::seconds(60)));
  EXPECT_EQ(status_of(own)["daemon"]["epc"]["others"]["largest"][0]["pid"], host.pid());
  const auto words = quotectl({"status", "--socket", own.socket()});
  EXPECT_THAT(words.out,
              HasSubstr("4 MiB of 8 MiB: 2 MiB by this service, 2 MiB by 1 other process"));
  EXPECT_THAT(words.out, HasSubstr("2 MiB by pid " + std::to_string(host.pid())));
  host.kill();
  EXPECT_TRUE(test::Process::eventually(
      [&] { return status_of(own)["daemon"]["epc"]["others"]["count"] == 0; },
      std::chrono::seconds(60)));
}

TEST_F(SimProvision, ADaemonWithoutEnclaveMemoryDoesNotStart) {
  const auto start = [&](const std::string& epc) {
    return test::run(
        {QUOTED_BINARY, "--socket", file("s"), "--state-dir", file("state"), "--epc", epc},
        environment());
  };
  auto refused = start("1");
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("QD7106 OUT_OF_EPC"));
  refused = start("0");
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("--epc is '0'"));
}

}  // namespace
}  // namespace quoted::quotectl
