#include "conformance/player.h"

#include <gmock/gmock.h>

#include "aesm/testing/fake_service.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"

namespace quoted::conformance {
namespace {

using aesm::test::FakeService;
using aesm::test::ServedConnection;
using namespace std::chrono_literals;
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
    options_.socket = socket;
    return play(corpus(steps), options_).value();
  }

  test::TempDir dir_;
  mutable int services_ = 0;
  PlayOptions options_ = {.socket = {}, .make_report = {}, .witnesses = {}, .timeout = 10s};
};

TEST_F(PlayerTest, NobodyListens) {
  const auto results = play(corpus(step(R"("00")", R"("closed")")),
                            {.socket = dir_ / "s", .make_report = {}, .witnesses = {}});
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

TEST_F(PlayerTest, AFieldThatNoClientKnowsIsNoFailure) {
  const auto results =
      play_to(step(R"("00000000")", R"("answer getQuoteExRes","errorCode value 1")"),
              [](ServedConnection connection) {
                (void)connection.read_request();
                connection.write(unhex("070000008a010408014801"));
              });
  EXPECT_EQ(results.at(0).outcome, Outcome::kAdvised);
  EXPECT_THAT(results.at(0).findings, ElementsAre("field 9: no client knows it"));
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

TEST_F(PlayerTest, LeavesWithoutItsAnswer) {
  const std::string steps = step(R"("00000000")", R"("bytes 00")", R"(,"leaves":true)") +
                            step(R"("00000000")", R"("bytes 0a02081e")");
  const auto results = play_to(steps, [](ServedConnection connection) {
    (void)connection.read_request();
    if (connection.index() == 1) return connection.wait_until_client_closes();
    connection.write(unhex("040000000a02081e"));
  });
  EXPECT_EQ(results.at(0).outcome, Outcome::kPassed);
  EXPECT_EQ(results.at(1).outcome, Outcome::kPassed);
}

TEST_F(PlayerTest, LeavesOutWhatTheDaemonIsToBeSpared) {
  options_.hostile = false;
  options_.has_epid = true;
  std::atomic<int> played = 0;
  const auto results = play_to(step(R"("00000000")", R"("closed")", R"(,"hostile":true)") +
                                   step(R"("00000000")", R"("closed")", R"(,"without_epid":true)"),
                               [&](const ServedConnection&) { ++played; });
  EXPECT_EQ(results.at(0).outcome, Outcome::kNotRun);
  EXPECT_THAT(results.at(0).findings, ElementsAre(HasSubstr("may harm")));
  EXPECT_EQ(results.at(1).outcome, Outcome::kNotRun);
  EXPECT_THAT(results.at(1).findings, ElementsAre(HasSubstr("EPID")));
  EXPECT_EQ(played, 0);
}

TEST_F(PlayerTest, SeesThatOthersKeepTheDaemonFromAnswering) {
  const std::string steps = step(R"("00000000")", R"("bytes 0a02081e")",
                                 R"(,"weight":"should","within":50,"neighbours":["","0000"])");
  const auto answer = [](ServedConnection& connection) {
    (void)connection.read_request();
    connection.write(unhex("040000000a02081e"));
  };
  // One at a time, and the neighbours are first.
  const auto serial = play_to(steps, [&](ServedConnection connection) { answer(connection); });
  EXPECT_EQ(serial.at(0).outcome, Outcome::kAdvised);
  EXPECT_THAT(serial.at(0).findings, ElementsAre(HasSubstr("after 50 ms")));
  const std::string patient =
      step(R"("00000000")", R"("bytes 0a02081e")", R"(,"within":15000,"neighbours":["","0000"])");
  const auto results = play_to(patient, [&](ServedConnection connection) {
    if (connection.index() == 3) answer(connection);
  });
  EXPECT_EQ(results.at(0).outcome, Outcome::kPassed);
}

TEST_F(PlayerTest, AllAnswersTogetherHaveToComeInTime) {
  options_.total = std::chrono::milliseconds(0);
  const auto results =
      play_to(step(R"("00000000")", R"("closed")"), [](const ServedConnection&) {});
  EXPECT_EQ(results.at(0).outcome, Outcome::kFailed);
  EXPECT_THAT(results.at(0).findings, ElementsAre(HasSubstr("all answers together")));
}

TEST_F(PlayerTest, TakesNoMoreThanTheRequestHadRoomFor) {
  const auto script = [](ServedConnection connection) {
    (void)connection.read_request();
    base::Bytes frame(70'004);
    frame[0] = std::byte{0x70};
    frame[1] = std::byte{0x11};
    frame[2] = std::byte{0x01};
    connection.write(frame);
  };
  // GetQuoteEx with room for 128 bytes, and for 8192.
  const auto results = play_to(step(R"("06000000","8a0103208001")", R"("closed")") +
                                   step(R"("06000000","8a0103208040")", R"("closed")"),
                               script);
  EXPECT_THAT(results.at(0).findings,
              ElementsAre(HasSubstr("announces 70000 bytes, at most 65664")));
  EXPECT_THAT(results.at(1).findings, ElementsAre(HasSubstr("(70000 bytes), expected")));
}

TEST_F(PlayerTest, GivesUpOnADaemonThatDoesNotAnswer) {
  options_.timeout = 20ms;
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
