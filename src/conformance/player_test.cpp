#include "conformance/player.h"

#include <gmock/gmock.h>

#include "aesm/testing/fake_service.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"

namespace quoted::conformance {
namespace {

using aesm::test::FakeService;
using aesm::test::ServedConnection;
using test::unhex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = StepResult::Outcome;

class PlayerTest : public ::testing::Test {
 protected:
  static Corpus corpus(const std::string& steps) {
    return parse_client(R"({"format":"quoted-wire-corpus","version":1,"client":"c"})"
                        "\n" +
                        steps)
        .value();
  }
  static std::string step(const std::string& send, const std::string& expect,
                          const std::string& more = "") {
    return R"({"conversation":"v","step":"s","send":[)" + send + R"(],"expect":[)" + expect + "]" +
           more + "}\n";
  }

  [[nodiscard]] std::vector<StepResult> play_to(const std::string& steps,
                                                FakeService::Script script) {
    const auto socket = dir_ / std::to_string(services_++);
    const FakeService service(socket, [&, script](ServedConnection connection) {
      // The first connection is the look whether anybody listens.
      if (connection.index() > 0) script(std::move(connection));
    });
    return play(corpus(steps), {.socket = socket, .make_report = {}, .timeout = timeout_}).value();
  }

  test::TempDir dir_;
  mutable int services_ = 0;
  std::chrono::milliseconds timeout_{10'000};
};

TEST_F(PlayerTest, NobodyListens) {
  const auto results =
      play(corpus(step(R"("00")", R"("closed")")), {.socket = dir_ / "s", .make_report = {}});
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code(), base::ErrorCode::kSocketMissing);
}

TEST_F(PlayerTest, FillsInWhatTheDaemonTold) {
  std::vector<base::Bytes> requests;
  const auto results = play_to(
      step(R"("02000000","aa0100")", R"("answer getQuoteSizeExRes","errorCode value 0",)"
                                     R"("quote_size range 1 9999","save quote_size quote_size")") +
          step(R"("04000000","0a02{quote_size+1}")", R"("bytes 0a02081e")") +
          step(R"("00{key_id}")", R"("closed")") + step(R"("00{report}")", R"("closed")"),
      [&](ServedConnection connection) {
        requests.push_back(connection.read_request());
        connection.write(connection.index() == 1 ? unhex("08000000820105080010f823")
                                                 : unhex("040000000a02081e"));
      });
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1], unhex("0a02f923"));
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].outcome, Outcome::kPassed);
  EXPECT_EQ(results[1].outcome, Outcome::kPassed);
  EXPECT_EQ(results[2].outcome, Outcome::kNotRun);
  EXPECT_THAT(results[2].findings, ElementsAre(HasSubstr("no key id")));
  EXPECT_THAT(results[3].findings, ElementsAre(HasSubstr("no enclave")));
}

TEST_F(PlayerTest, TellsWhatNoClientMinds) {
  const std::string steps = step(R"("00000000")", R"("closed")") +
                            step(R"("00000000")", R"("closed")", R"(,"weight":"should")");
  const auto results = play_to(steps, [](ServedConnection connection) {
    (void)connection.read_request();
    connection.write(unhex("040000000a02081e"));
  });
  EXPECT_EQ(results.at(0).outcome, Outcome::kFailed);
  EXPECT_EQ(results.at(1).outcome, Outcome::kAdvised);
}

TEST_F(PlayerTest, SeesHowAnAnswerComes) {
  const std::string steps = step(R"("00000000")", R"("bytes 0a02081e")");
  const auto finding = [&](FakeService::Script script) {
    const auto results = play_to(steps, std::move(script));
    return results.at(0).findings.empty() ? "" : results.at(0).findings.at(0);
  };
  EXPECT_EQ(finding([](ServedConnection connection) {
              (void)connection.read_request();
              connection.write(unhex("04000000"));
              connection.wait_until_taken();
              connection.write(unhex("0a02081e"));
            }),
            "");
  EXPECT_THAT(finding([](ServedConnection connection) {
                (void)connection.read_request();
                connection.write(unhex("040000000a02"));
                connection.wait_until_taken();
                connection.write(unhex("081e"));
              }),
              HasSubstr("came in 2 pieces"));
  EXPECT_THAT(finding([](ServedConnection connection) {
                (void)connection.read_request();
                connection.write(unhex("040000000a02081e00"));
              }),
              HasSubstr("bytes behind the answer"));
  EXPECT_THAT(finding([](ServedConnection connection) {
                (void)connection.read_request();
                connection.write(unhex("000000040a02081e"));
              }),
              HasSubstr("announces 67108864 bytes"));
  EXPECT_THAT(finding([](ServedConnection connection) {
                (void)connection.read_request();
                connection.write(unhex("040000000a02"));
              }),
              HasSubstr("closed after 6 bytes"));
}

TEST_F(PlayerTest, GivesUpOnADaemonThatDoesNotAnswer) {
  timeout_ = std::chrono::milliseconds(20);
  std::string steps;
  for (int i = 0; i < 5; ++i) steps += step(R"("00000000")", R"("bytes 0a02081e")");
  const auto results = play_to(steps, [](ServedConnection connection) {
    (void)connection.read_request();
    connection.wait_until_client_closes();
  });
  EXPECT_EQ(results.at(2).outcome, Outcome::kFailed);
  EXPECT_EQ(results.at(3).outcome, Outcome::kNotRun);
  EXPECT_EQ(results.at(4).outcome, Outcome::kNotRun);
}

}  // namespace
}  // namespace quoted::conformance
