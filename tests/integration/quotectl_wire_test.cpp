// quotectl wire: conversations with a real daemon recorded, shown and said again.
#include "aesm/codec.h"
#include "aesm/testing/fake_service.h"
#include "aesm/transport.h"
#include "base/text.h"
#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kDiffers = 2;

class Wire : public QuotectlTest {
 protected:
  // `quotectl wire record` between file("s") and the daemon.
  class Recorder {
   public:
    Recorder(const Wire& test, const std::string& socket, const std::vector<std::string>& more = {})
        : listen_(test.file("s")), process_(command(test, socket, more), test.environment()) {
      const bool listens = test::Process::eventually(
          [&] { return !process_.running() || std::filesystem::is_socket(listen_); },
          std::chrono::seconds(60));
      if (!listens || !process_.running()) {
        throw std::runtime_error("the recorder does not listen; it said: " + process_.err());
      }
    }

    [[nodiscard]] test::Process& process() { return process_; }

   private:
    static std::vector<std::string> command(const Wire& test, const std::string& socket,
                                            const std::vector<std::string>& more) {
      std::vector<std::string> out = {QUOTECTL_BINARY, "wire",         "record",
                                      "--listen",      test.file("s"), "--socket",
                                      socket,          "--out",        test.file("r")};
      out.insert(out.end(), more.begin(), more.end());
      return out;
    }

    std::string listen_;
    test::Process process_;
  };

  [[nodiscard]] aesm::Client client_of_recorder() const { return aesm::Client(file("s")); }

  // What a client that attests says: key ids, init, size, quote.
  void say_everything() const {
    const aesm::Client client = client_of_recorder();
    const auto ids = client.supported_key_ids();
    ASSERT_TRUE(ids) << ids.error().summary();
    const auto initialized = client.init_quote();
    ASSERT_TRUE(initialized) << initialized.error().summary();
    const auto quoted =
        quotectl({"quote", make_report("report"), "--socket", file("s"), "--out", file("quote")});
    ASSERT_EQ(quoted.exit_code, 0) << quoted.err;
  }

  // say_everything() with the shared daemon, in file("r").
  void record_everything() const {
    Recorder recorder(*this, daemon().socket());
    say_everything();
    EXPECT_EQ(recorder.process().terminate(), 0) << recorder.process().err();
  }

  // Says `bytes` on a connection of its own, and waits until the recorder ends it.
  void say(base::ByteView bytes) const {
    const aesm::Deadline deadline(std::chrono::seconds(60));
    auto connection = aesm::connect(file("s"), deadline);
    ASSERT_TRUE(connection) << connection.error().summary();
    const auto answer = aesm::exchange_on(*connection, file("s"), bytes, deadline, 1024);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), base::ErrorCode::kPeerClosed) << answer.error().summary();
  }

  [[nodiscard]] test::ProcessResult show(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {"wire", "show", file("r")};
    command.insert(command.end(), more.begin(), more.end());
    return quotectl(command);
  }
  [[nodiscard]] test::ProcessResult replay(const std::string& socket) const {
    return quotectl({"wire", "replay", file("r"), "--socket", socket});
  }

  std::string write_text(const std::string& name, const std::string& content) const {
    return write(name, base::as_bytes(content));
  }
  [[nodiscard]] std::string recording() const {
    return std::string(base::as_text(read(file("r"))));
  }
};

TEST_F(Wire, RecordedConversationIsShownDecoded) {
  record_everything();
  EXPECT_FALSE(std::filesystem::exists(file("s"))) << "the recorder leaves no socket behind";
  const auto shown = show();
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* const part :
       {"client: connected", "client: GetSupportedAttKeyIDNum request", "att_key_id_num: 1",
        "client: InitQuoteEx request", "daemon: InitQuoteEx response", "errorCode: 0 AESM_SUCCESS",
        "b_pub_key_id: true", "algorithm: 2 ECDSA P-256", "is_usual_ecdsa_key: true",
        "daemon: GetQuoteSizeEx response", "quote_size: ", "client: GetQuoteEx request",
        "daemon: GetQuoteEx response", "client: ended", "certification_data: PCK certificate chain",
        "mr_enclave: 1111111111111111111111111111111111111111111111111111111111111111"}) {
    EXPECT_THAT(shown.out, HasSubstr(part));
  }
  EXPECT_THAT(shown.out, Not(HasSubstr("damaged")));
  EXPECT_THAT(shown.out, Not(HasSubstr("holds_more")));

  const auto json = show({"--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const auto items = nlohmann::json::parse(json.out);
  const auto is_quote = [](const auto& item) {
    return item.value("message", "") == "GetQuoteEx response";
  };
  const auto found = std::ranges::find_if(items, is_quote);
  ASSERT_NE(found, items.end());
  EXPECT_EQ(json.out, nlohmann::ordered_json::parse(json.out).dump(2) + '\n')
      << "indented as all JSON is";
  EXPECT_EQ((*found)["from"], "daemon");
  EXPECT_EQ((*found)["fields"]["errorCode"], "0 AESM_SUCCESS");
  EXPECT_EQ((*found)["fields"]["quote"]["size"], read(file("quote")).size());
  EXPECT_GT((*found)["time_us"], 0);
}

TEST_F(Wire, SameDaemonAnswersTheSame) {
  record_everything();
  const auto result = replay(daemon().socket());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("#3 InitQuoteEx: same\n"));
  EXPECT_THAT(result.out, HasSubstr("GetQuoteEx: same\n"));
  EXPECT_THAT(result.out, HasSubstr("5 requests: 5 the same, 0 different, 0 not compared\n"));
}

TEST_F(Wire, DaemonOfTheSameSeedAnswersTheSame) {
  record_everything();
  // New certificates, whose signatures and so whose sizes are not those recorded.
  for (int i = 0; i < 4; ++i) {
    const Daemon twin;
    const auto result = replay(twin.socket());
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("5 requests: 5 the same"));
  }
}

TEST_F(Wire, DaemonOfAnotherSeedAnswersDifferently) {
  record_everything();
  const Daemon stranger({"--seed-file", write_text("seed", std::string(64, '7'))});
  const auto result = replay(stranger.socket());
  EXPECT_EQ(result.exit_code, kDiffers) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("GetSupportedAttKeyIDs: same\n"));
  EXPECT_THAT(result.out, HasSubstr("InitQuoteEx: differs: pub_key_id, expected "));
  EXPECT_THAT(result.out, HasSubstr("GetQuoteEx: differs: errorCode, expected 0 AESM_SUCCESS, "
                                    "observed 47 AESM_INVALID_REPORT\n"));
}

TEST_F(Wire, DamagedRequestsAreRecordedShownAndReplayed) {
  const base::Bytes unknown = {std::byte{2}, {}, {}, {}, std::byte{0x3A}, std::byte{0}};
  const base::Bytes huge(4, std::byte{0xFF});
  {
    Recorder recorder(*this, daemon().socket(), {"--count", "3"});
    say(unknown);
    say(huge);
    ASSERT_TRUE(client_of_recorder().quote_size());
    EXPECT_EQ(recorder.process().wait(), 0) << recorder.process().err();
    EXPECT_THAT(recorder.process().err(), HasSubstr("3 connections recorded"));
  }
  const auto shown = show();
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("client: damaged"));
  EXPECT_THAT(shown.out, HasSubstr("damaged: the message of 2 bytes holds none of the 16 known"));
  EXPECT_THAT(shown.out, HasSubstr("hex: 3a00"));
  EXPECT_THAT(shown.out, HasSubstr("damaged: the frame announces 4294967295 bytes"));
  EXPECT_THAT(shown.out, HasSubstr("hex: ffffffff"));

  const auto replayed = replay(daemon().socket());
  EXPECT_EQ(replayed.exit_code, 0) << replayed.out << replayed.err;
  EXPECT_THAT(replayed.out, HasSubstr("3 requests: 3 the same"));
}

TEST_F(Wire, ConnectionIsUsedAgainAsItWasRecorded) {
  {
    Recorder recorder(*this, daemon().socket(), {"--count", "1"});
    const aesm::Deadline deadline(std::chrono::seconds(60));
    auto connection = aesm::connect(file("s"), deadline);
    ASSERT_TRUE(connection);
    const auto request = aesm::encode_request_frame(aesm::GetSupportedAttKeyIdNumRequest{});
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(aesm::exchange_on(*connection, file("s"), request, deadline, 1024));
    }
    connection->reset();
    EXPECT_EQ(recorder.process().wait(), 0) << recorder.process().err();
  }
  const auto result = replay(daemon().socket());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out,
            "#1 GetSupportedAttKeyIDNum: same\n#1 GetSupportedAttKeyIDNum: same\n"
            "#1 GetSupportedAttKeyIDNum: same\n"
            "3 requests: 3 the same, 0 different, 0 not compared\n");
}

TEST_F(Wire, DaemonThatDoesNotAnswerDiffers) {
  record_everything();
  const aesm::test::FakeService mute(file("mute"), [](aesm::test::ServedConnection) {});
  const auto result = replay(file("mute"));
  EXPECT_EQ(result.exit_code, kDiffers) << result.err;
  EXPECT_THAT(result.out, HasSubstr("differs: answer, expected an answer, observed the service"));
}

TEST_F(Wire, RecordingIsWholeWhateverEndsTheRecorder) {
  Recorder recorder(*this, daemon().socket());
  ASSERT_TRUE(client_of_recorder().quote_size());
  recorder.process().signal(SIGKILL);
  recorder.process().wait();
  EXPECT_EQ(replay(daemon().socket()).exit_code, 0);
}

TEST_F(Wire, WhatCannotBeRecordedIsSaidBeforeAnyClientComes) {
  const auto record = [&](const std::string& listen, const std::string& socket,
                          const std::string& out) {
    return quotectl({"wire", "record", "--listen", listen, "--socket", socket, "--out", out});
  };
  EXPECT_THAT(record(file("s"), file("nowhere"), file("r")),
              IsErrorSaying("there is no socket at " + file("nowhere")));
  EXPECT_THAT(record(daemon().socket(), daemon().socket(), file("r")),
              IsErrorSaying("listens on " + daemon().socket()));
  EXPECT_THAT(files(), testing::IsEmpty());
  write_text("r", "precious");
  EXPECT_THAT(record(file("s"), daemon().socket(), file("r")), IsErrorSaying("never overwritten"));
  EXPECT_EQ(recording(), "precious");
  EXPECT_THAT(files(), testing::ElementsAre("r"));
}

TEST_F(Wire, ClientOfADaemonThatHasGoneIsToldByTheEnd) {
  auto gone = std::make_unique<Daemon>();
  Recorder recorder(*this, gone->socket());
  gone.reset();
  const auto refused = client_of_recorder().quote_size();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kPeerClosed) << refused.error().summary();
  EXPECT_EQ(recorder.process().terminate(), 0);
  EXPECT_THAT(recorder.process().err(), HasSubstr("connection 1 is closed: there is no socket at"));
  EXPECT_EQ(show().exit_code, 0);
}

TEST_F(Wire, UnreachableDaemonIsAnError) {
  record_everything();
  const auto result = replay(file("nowhere"));
  EXPECT_THAT(result, IsErrorSaying("there is no socket at " + file("nowhere")));
}

TEST_F(Wire, HostileFilesAreRefusedWithTheLine) {
  const std::string header = "{\"format\":\"quoted-wire-recording\",\"version\":1}\n";
  const std::string open = "{\"connection\":1,\"time_us\":0,\"event\":\"open\"}\n";
  // Each event has as many as it can hold, 16384.
  const auto empty_frames = [](int events) {
    const std::string event =
        "{\"connection\":1,\"time_us\":0,\"event\":\"data\",\"from\":\"client\",\"hex\":\"" +
        std::string(131072, '0') + "\"}\n";
    std::string out;
    for (int i = 0; i < events; ++i) out += event;
    return out;
  };
  const struct {
    std::string content;
    std::string reason;
  } cases[] = {
      {"", "line 1: the file is empty"},
      {std::string("\x7F"
                   "ELF\x00\xFF\n",
                   7),
       "line 1: it is not one flat JSON object"},
      {"{\"format\":\"quoted-wire-recording\",\"version\":9}\n",
       "line 1: the recording has version 9"},
      {header + open.substr(0, 20), "line 2: it is cut off"},
      {header + open + "garbage\n", "line 3: it is not one flat JSON object"},
      {header + std::string(1'000'000, '[') + "\n", "line 2: it has 1000000 bytes"},
      {header + open + open, "line 3: connection 1 is opened a second time"},
      {header + open + empty_frames(16), "line 18: with it these are more than 262144 messages"},
  };
  for (const auto& bad : cases) {
    write_text("r", bad.content);
    EXPECT_THAT(show(), IsErrorSaying(file("r") + ": " + bad.reason));
    EXPECT_THAT(show({"--json"}), IsErrorSaying(bad.reason));
    EXPECT_THAT(replay(daemon().socket()), IsErrorSaying(bad.reason));
  }
  EXPECT_THAT(quotectl({"wire", "show", file("none")}), IsErrorSaying(file("none")));
}

TEST_F(Wire, RecordingWithoutAnswersCannotBeReplayed) {
  write_text("r",
             "{\"format\":\"quoted-wire-recording\",\"version\":1}\n"
             "{\"connection\":1,\"time_us\":0,\"event\":\"open\"}\n"
             "{\"connection\":1,\"time_us\":1,\"event\":\"data\",\"from\":\"client\",\"hex\":"
             "\"00000000\"}\n");
  const auto result = replay(daemon().socket());
  EXPECT_EQ(result.exit_code, kError);
  EXPECT_THAT(result.out, HasSubstr("not compared: the recording has no answer"));
  EXPECT_THAT(result.err, HasSubstr("there is nothing to compare"));
}

TEST_F(Wire, WhatTheCodecDoesNotKnowIsShownInHex) {
  // A request with field 99, one with a timeout, and a response that ends in the middle.
  write_text("r",
             "{\"format\":\"quoted-wire-recording\",\"version\":1}\n"
             "{\"connection\":1,\"time_us\":0,\"event\":\"open\"}\n"
             "{\"connection\":1,\"time_us\":1,\"event\":\"data\",\"from\":\"client\",\"hex\":"
             "\"06000000aa010398060106000000aa0103489875\"}\n"
             "{\"connection\":1,\"time_us\":2,\"event\":\"data\",\"from\":\"daemon\",\"hex\":"
             "\"04000000aa010008\"}\n");
  const auto shown = show();
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("GetSupportedAttKeyIDNum request"));
  EXPECT_THAT(shown.out, HasSubstr("holds_more_than_understood: aa0103980601\n"));
  EXPECT_THAT(shown.out, HasSubstr("    fields:\n      timeout: 15000\n#1"));
  EXPECT_THAT(shown.out, HasSubstr("daemon: damaged"));
}

TEST_F(Wire, DamageIsShownUpToTheSizeOfAMessage) {
  std::string content =
      "{\"format\":\"quoted-wire-recording\",\"version\":1}\n"
      "{\"connection\":1,\"time_us\":0,\"event\":\"open\"}\n";
  for (int i = 0; i < 17; ++i) {
    content += "{\"connection\":1,\"time_us\":1,\"event\":\"data\",\"from\":\"client\",\"hex\":\"" +
               std::string(131072, 'f') + "\"}\n";
  }
  write_text("r", content);
  const auto shown = show({"--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const auto damage = nlohmann::json::parse(shown.out).at(1);
  EXPECT_EQ(damage["size"], 17 * 65536);
  EXPECT_EQ(damage["hex"].get<std::string>().size(), 2 * (1048576 + 4096));
  EXPECT_EQ(damage["bytes_left_out"], 65536 - 4096);
}

TEST_F(Wire, MistakesOnTheCommandLineAreNamed) {
  EXPECT_THAT(quotectl({"wire"}), IsErrorSaying("wire record"));
  EXPECT_THAT(quotectl({"wire", "record", "--out", "x"}), IsErrorSaying("--listen"));
  EXPECT_THAT(quotectl({"wire", "record", "--listen", "x"}), IsErrorSaying("--out"));
  EXPECT_THAT(quotectl({"wire", "record", "--listen", "x", "--out", "y", "--count", "0"}),
              IsErrorSaying("--count"));
  EXPECT_THAT(quotectl({"wire", "show"}), IsErrorSaying("FILE"));
  EXPECT_THAT(quotectl({"wire", "replay", "r", "--timeout", "0"}), IsErrorSaying("--timeout"));
  EXPECT_EQ(quotectl({"wire", "replay", "--help"}).exit_code, 0);
}

}  // namespace
}  // namespace quoted::quotectl
