// quotectl report: what the simulated enclave's REPORT says, and what can go wrong.
#include "quotectl_fixture.h"
#include "sgx/report.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/cpu/sdk_sim_cpu.h"

namespace quoted::quotectl {
namespace {

using simulation::SdkSimLevel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string k32Bytes = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

class Report : public QuotectlTest {
 protected:
  [[nodiscard]] static sgx::Report parsed(const std::string& path) {
    return base::parse_struct<sgx::Report>(read(path), "report").value();
  }
  [[nodiscard]] sgx::CpuSvn sdk_sim_cpu_svn() const {
    return parsed(make_report("sdk-sim", {"--cpu", "sdk-sim"})).body.cpu_svn;
  }
  [[nodiscard]] test::ProcessResult report(std::vector<std::string> more) const {
    more.insert(more.begin(), {"report", "--out", file("out")});
    return quotectl(more);
  }
  void expect_no_output_file() const { EXPECT_FALSE(std::filesystem::exists(file("out"))); }
};

TEST_F(Report, DefaultsAreFixed) {
  const auto result = quotectl({"report", "--socket", daemon().socket(), "--out", file("r")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr(kSimulated));
  EXPECT_THAT(files(), ElementsAre("r"));
  const sgx::ReportBody body = parsed(file("r")).body;
  EXPECT_EQ(body.mr_enclave.hex(), std::string(64, '1'));
  EXPECT_EQ(body.mr_signer.hex(), std::string(64, '2'));
  EXPECT_TRUE(body.report_data.is_zero());
  EXPECT_EQ(body.isv_prod_id, 0);
  EXPECT_EQ(body.isv_svn, 0);
  EXPECT_EQ(body.attributes.flags, sgx::flags::kInit | sgx::flags::kMode64Bit);
  EXPECT_EQ(body.attributes.xfrm, 3);
  EXPECT_TRUE(body.reserved_is_zero());
  EXPECT_FALSE(simulation::sdk_sim_level(body.cpu_svn));
}

TEST_F(Report, SaysWhatItWasToldToSay) {
  const sgx::ReportBody body =
      parsed(make_report(
                 "r", {"--mrenclave", k32Bytes, "--mrsigner", std::string(64, 'f'), "--report-data",
                       "68656c6c6f", "--debug", "--isv-prod-id", "65535", "--isv-svn", "7"}))
          .body;
  EXPECT_EQ(body.mr_enclave, sgx::MrEnclave::parse_hex(k32Bytes).value());
  EXPECT_EQ(body.mr_signer.hex(), std::string(64, 'f'));
  EXPECT_EQ(body.report_data.hex(), "68656c6c6f" + std::string(118, '0'));
  EXPECT_TRUE(body.attributes.has(sgx::flags::kDebug));
  EXPECT_EQ(body.isv_prod_id, 65535);
  EXPECT_EQ(body.isv_svn, 7);

  const std::string full(128, 'a');
  EXPECT_EQ(parsed(make_report("full", {"--report-data", full})).body.report_data.hex(), full);
}

TEST_F(Report, SdkSimulationHasThreeLevels) {
  const std::pair<const char*, SdkSimLevel> levels[] = {
      {"default", SdkSimLevel::kDefault},
      {"upgraded", SdkSimLevel::kUpgraded},
      {"downgraded", SdkSimLevel::kDowngraded},
  };
  for (const auto& [name, level] : levels) {
    EXPECT_EQ(parsed(make_report(name, {"--cpu", "sdk-sim", "--cpusvn", name})).body.cpu_svn,
              simulation::sdk_sim_cpu_svn(level));
  }
}

// sgx-cpu-model 8.4.
TEST_F(Report, SdkSimulationTakesItsLevelFromHome) {
  const auto cpu_svn = [](SdkSimLevel level) { return simulation::sdk_sim_cpu_svn(level); };
  EXPECT_EQ(sdk_sim_cpu_svn(), cpu_svn(SdkSimLevel::kDefault));
  for (const auto level : {SdkSimLevel::kUpgraded, SdkSimLevel::kDowngraded}) {
    write(".cpusvn.conf", cpu_svn(level).view());
    EXPECT_EQ(sdk_sim_cpu_svn(), cpu_svn(level));
  }
  EXPECT_EQ(parsed(make_report("r", {"--cpu", "sdk-sim", "--cpusvn", "default"})).body.cpu_svn,
            cpu_svn(SdkSimLevel::kDefault));

  base::Bytes longer = base::to_bytes(cpu_svn(SdkSimLevel::kUpgraded).view());
  longer.push_back(std::byte{'\n'});
  write(".cpusvn.conf", longer);
  EXPECT_EQ(sdk_sim_cpu_svn(), cpu_svn(SdkSimLevel::kDefault));
  write(".cpusvn.conf", base::Bytes(16, std::byte{9}));
  EXPECT_EQ(sdk_sim_cpu_svn(), cpu_svn(SdkSimLevel::kDefault));
}

TEST_F(Report, TargetInfoOfAFileNeedsNoDaemon) {
  const sgx::TargetInfo target = aesm::Client(daemon().socket()).init_quote().value().target_info;
  const std::string path = write("target", base::struct_bytes(target));
  const std::string nowhere = file("nowhere");
  const auto result = report({"--socket", nowhere, "--cpu", "sdk-sim", "--target-info", path});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(
      quotectl({"quote", file("out"), "--socket", daemon().socket(), "--out", file("q")}).exit_code,
      0);

  write("short", base::struct_bytes(target).first(511));
  EXPECT_THAT(report({"--cpu", "sdk-sim", "--target-info", file("short")}),
              IsErrorSaying("512 bytes, got 511"));
  EXPECT_THAT(report({"--cpu", "sdk-sim", "--target-info", file("none")}),
              IsErrorSaying(file("none")));
}

TEST_F(Report, BadValuesNameTheFlagAndThePlace) {
  const std::string socket = daemon().socket();
  EXPECT_THAT(report({"--socket", socket, "--mrenclave", "0x" + std::string(62, '0')}),
              IsErrorSaying("--mrenclave: character 2 of 64 is not a hexadecimal digit"));
  EXPECT_THAT(report({"--socket", socket, "--mrenclave", std::string(62, '0')}),
              IsErrorSaying("--mrenclave takes 32 bytes (64 hexadecimal digits), got 31"));
  EXPECT_THAT(report({"--socket", socket, "--mrsigner", std::string(66, '0')}),
              IsErrorSaying("--mrsigner takes 32 bytes"));
  EXPECT_THAT(report({"--socket", socket, "--mrsigner", std::string(63, '0')}),
              IsErrorSaying("--mrsigner: an odd number of hexadecimal digits (63)"));
  EXPECT_THAT(report({"--socket", socket, "--report-data", "hello"}),
              IsErrorSaying("--report-data: character 1 of 5"));
  EXPECT_THAT(report({"--socket", socket, "--report-data", std::string(130, '0')}),
              IsErrorSaying("--report-data takes at most 64 bytes, got 65"));
  EXPECT_THAT(report({"--socket", socket, "--cpu", "sdk-sim", "--cpusvn", "newest"}),
              IsErrorSaying("--cpusvn 'newest'"));
  EXPECT_THAT(report({"--socket", socket, "--cpusvn", "upgraded"}), IsErrorSaying("--cpusvn"));
  expect_no_output_file();
}

TEST_F(Report, UnusableSocketsAreToldApart) {
  EXPECT_THAT(report({"--socket", file("none")}), IsErrorSaying("there is no socket at"));
  EXPECT_THAT(report({"--socket", write("plain", {})}), IsErrorSaying("not a socket: "));
  EXPECT_THAT(report({"--socket", "/tmp/" + std::string(200, 'x')}),
              IsErrorSaying("has 205 bytes, at most 107 are possible"));
  EXPECT_THAT(report({"--socket", directory_.path()}), IsErrorSaying("not a socket: "));
  expect_no_output_file();
}

// What an application container sees that mounts the socket without its directory.
TEST_F(Report, OwnCpuMustBeBesideTheSocket) {
  std::filesystem::create_symlink(daemon().socket(), file("aesm.socket"));
  EXPECT_THAT(
      report({"--socket", file("aesm.socket")}),
      IsErrorSaying("no simulated CPU beside the socket: the daemon is not a simulated one, "
                    "or its socket is mounted here without the directory around it"));
  EXPECT_EQ(report({"--socket", file("aesm.socket"), "--cpu", "sdk-sim"}).exit_code, 0);
  std::filesystem::remove(file("out"));

  write(std::string(simulation::kPublishedCpuFileName), base::as_bytes("damaged\n"));
  EXPECT_THAT(report({"--socket", file("aesm.socket")}), IsErrorSaying("line 1"));
  expect_no_output_file();
}

}  // namespace
}  // namespace quoted::quotectl
