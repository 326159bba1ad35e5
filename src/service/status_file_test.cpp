#include "service/status_file.h"

#include <gmock/gmock.h>

#include "test_support/temp_dir.h"

namespace quoted::service {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

ServiceStatus full() {
  const base::UnixTime now{std::chrono::seconds(1'780'000'000)};
  return {.version = "0.1.0",
          .platform = "simulated",
          .simulated = true,
          .pid = 42,
          .node = "CPUSVN 00, PCE 13, QE 8",
          .state = "stale",
          .since = now,
          .reason = "QD4201: no DNS",
          .remedy = "mend it",
          .source = "pcs http://127.0.0.1/",
          .fetched = now,
          .refresh_at = now,
          .tcb = CertifiedTcb{.cpu_svn = "0b0b", .pce_isv_svn = 13, .fmspc = "ff53494d0000"},
          .epc = EpcStatus{.size = 128,
                           .own = 2,
                           .others = 3,
                           .others_bytes = 6,
                           .largest = {{.pid = 7, .bytes = 4}, {.pid = 0, .bytes = 1}}}};
}

TEST(StatusFile, SurvivesTheFile) {
  const quoted::test::TempDir dir;
  ASSERT_TRUE(write_status(dir / "quoted.json", full()));
  const auto status = read_status(dir / "quoted.json");
  ASSERT_TRUE(status) << status.error().summary();
  EXPECT_EQ(format_status(*status), format_status(full()));
  EXPECT_EQ(status->reason, "QD4201: no DNS");
  EXPECT_EQ(status->tcb->pce_isv_svn, 13);
  ASSERT_TRUE(status->epc);
  EXPECT_EQ(status->epc->others_bytes, 6);
  EXPECT_EQ(status->epc->largest.at(0).pid, 7);
}

TEST(StatusFile, HasNothingWhereThereIsNothing) {
  ServiceStatus bare = full();
  bare.reason.reset();
  bare.remedy.reset();
  bare.fetched.reset();
  bare.refresh_at.reset();
  bare.tcb.reset();
  bare.epc.reset();
  const auto status = parse_status(format_status(bare));
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->reason || status->remedy || status->fetched || status->tcb || status->epc);
}

TEST(StatusFile, NamesTheMemberAtFault) {
  const std::string good = format_status(full());
  for (const auto& [from, to, named] :
       {std::tuple("\"format\": 1", "\"format\": 2", "another version"),
        std::tuple("\"simulated\": true", "\"simulated\": 1", "simulated"),
        std::tuple("\"pid\": 42", "\"pid\": \"x\"", "pid"),
        std::tuple("\"state\": \"stale\"", "\"state\": 1", "state"),
        std::tuple("\"pce_isv_svn\": 13", "\"pce_isv_svn\": 65536", "pce_isv_svn"),
        std::tuple("\"own\": 2", "\"own\": \"x\"", "own"),
        std::tuple("\"count\": 3", "\"many\": 3", "count"),
        std::tuple("\"largest\": [", "\"largest\": [1,", "largest"),
        std::tuple("\"others\": {", "\"other\": {", "others"),
        std::tuple("\"epc\": {", "\"epc\": 1, \"old\": {", "epc")}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string_view(from).size(), to);
    const auto status = parse_status(bad);
    ASSERT_FALSE(status) << bad;
    EXPECT_THAT(status.error().message(), HasSubstr(named));
  }
  EXPECT_EQ(parse_status("no").error().code(), ErrorCode::kMalformed);
  EXPECT_TRUE(parse_status(R"({"new":1,)" + good.substr(1)));
}

}  // namespace
}  // namespace quoted::service
