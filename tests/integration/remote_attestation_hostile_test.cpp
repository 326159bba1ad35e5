// The sample's programs with somebody else at the other end: whatever it sends, and however slowly,
// the answer is a sentence and an end, never a hang.
#include <thread>

#include "remote_attestation_fixture.h"

namespace quoted::sample {
namespace {

using base::Bytes;
using base::ByteView;
using testing::HasSubstr;
using testing::Not;

// A socket without the manners of a Channel.
class RawSocket {
 public:
  explicit RawSocket(base::UniqueFd fd) : fd_(std::move(fd)) {}

  static RawSocket connect(const std::string& path) {
    const auto to = address(path);
    base::UniqueFd fd = open();
    const bool connected = test::Process::eventually(
        [&] {
          return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
        },
        kPatience);
    if (!connected) throw std::runtime_error("nobody listens on " + path);
    return RawSocket(std::move(fd));
  }

  static RawSocket listen(const std::string& path) {
    const auto at = address(path);
    base::UniqueFd fd = open();
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0 ||
        ::listen(fd.get(), 1) != 0) {
      throw std::runtime_error("cannot listen on " + path);
    }
    return RawSocket(std::move(fd));
  }

  [[nodiscard]] RawSocket accept() const {
    return RawSocket(base::UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }

  // False when the other side is gone.
  bool send(ByteView bytes) const {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  // Reads one message, or less when the other side is gone.
  void receive_frame() const {
    base::Le32 size;
    if (receive(std::as_writable_bytes(std::span(&size, 1)))) {
      Bytes message(size);
      receive(message);
    }
  }

 private:
  // Whose accepting and receiving ends in time even when the program under test never comes.
  static base::UniqueFd open() {
    base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = kPatience / 1s, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
  }
  static sockaddr_un address(const std::string& path) {
    sockaddr_un out{};
    out.sun_family = AF_UNIX;
    path.copy(out.sun_path, sizeof(out.sun_path) - 1);
    return out;
  }

  bool receive(std::span<std::byte> out) const {
    return ::recv(fd_.get(), out.data(), out.size(), MSG_WAITALL) ==
           static_cast<ssize_t>(out.size());
  }

  base::UniqueFd fd_;
};

struct HostileCase {
  const char* name;
  Bytes sent;
  int exit_code;
  const char* reason;
};

Bytes framed(ByteView message) {
  Bytes out =
      base::to_bytes(base::struct_bytes(base::Le32(static_cast<std::uint32_t>(message.size()))));
  base::append(out, message);
  return out;
}
Bytes announcing(std::uint32_t size) {
  return base::to_bytes(base::struct_bytes(base::Le32(size)));
}
Bytes message(int type, std::size_t size) {
  Bytes out(size, std::byte{0x5A});
  if (!out.empty()) out[0] = static_cast<std::byte>(type);
  return out;
}

class HostileAttester : public RemoteAttestationTest,
                        public testing::WithParamInterface<HostileCase> {};

TEST_P(HostileAttester, GetsASentenceAndNoSecret) {
  test::Process relying_party(trusting_command({"--timeout", "60000"}));
  {
    const auto attester = RawSocket::connect(meeting_point());
    attester.receive_frame();
    attester.send(GetParam().sent);
  }
  const auto result = finish(relying_party);
  EXPECT_THAT(result, Ended(GetParam().exit_code, GetParam().reason));
  EXPECT_THAT(result.out, Not(HasSubstr("sends the secret")));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileAttester,
    testing::Values(
        HostileCase{"ClosesAtOnce", {}, kError, "closed the connection before the end of"},
        HostileCase{"ClosesInTheLength", Bytes(3), kError, "closed the connection"},
        HostileCase{"ClosesInTheMiddle", announcing(100), kError, "closed the connection"},
        HostileCase{"AnnouncesTooMuch", announcing(kMaxEvidenceSize + 1), kError,
                    "announces 16482 bytes for the evidence, at most 16481 are allowed"},
        HostileCase{"AnnouncesEverything", announcing(0xFFFFFFFF), kError, "announces 4294967295"},
        HostileCase{"SendsNothingInAFrame", framed({}), kError, "message type at offset 0 needs"},
        HostileCase{"SendsAnotherMessage", framed(message(1, 37)), kError,
                    "the message has type 1, expected evidence"},
        HostileCase{"SendsNoKey", framed(message(2, 40)), kError, "public key at offset"},
        HostileCase{"SendsNoQuote", framed(message(2, 97)), kError,
                    "the quote has 0 bytes, expected 1 to 16384"}),
    &case_name<HostileCase>);

// Well framed and with the right nonce, but the quote is noise.
TEST_F(RemoteAttestationTest, NoiseIsNoQuote) {
  test::Process relying_party(trusting_command());
  const auto channel = Channel::connect(meeting_point(), "relying party", kPatience).value();
  const auto challenge =
      parse_challenge(channel.receive(kMaxChallengeSize, "challenge").value()).value();
  ASSERT_TRUE(channel.send(encode(Evidence{challenge.nonce, {}, Bytes(5000, std::byte{0x5A})})));
  EXPECT_THAT(finish(relying_party), Ended(kRefused, "REFUSED: the quote is not genuine: "));
}

TEST_F(RemoteAttestationTest, ASilentAttesterIsGivenUp) {
  test::Process relying_party(trusting_command({"--timeout", "50"}));
  const auto attester = RawSocket::connect(meeting_point());
  EXPECT_THAT(finish(relying_party),
              Ended(kError, "the attester did not send the evidence within 50 ms"));
}

// A byte now and then gains no time.
TEST_F(RemoteAttestationTest, ASlowAttesterIsGivenUp) {
  test::Process relying_party(trusting_command({"--timeout", "200"}));
  const auto attester = RawSocket::connect(meeting_point());
  attester.send(announcing(kMaxEvidenceSize));
  const Bytes one(1);
  EXPECT_TRUE(test::Process::eventually(
      [&] {
        std::this_thread::sleep_for(10ms);
        return !attester.send(one);
      },
      kPatience));
  EXPECT_THAT(finish(relying_party),
              Ended(kError, "the attester did not send the evidence within 200 ms"));
}

TEST_F(RemoteAttestationTest, AHostileAttesterDoesNotEndTheService) {
  test::Process relying_party(trusting_command({"--sessions", "2"}));
  {
    const auto hostile = RawSocket::connect(meeting_point());
  }
  EXPECT_THAT(run_attester(), Ended(kSuccess, kSecret));
  EXPECT_THAT(finish(relying_party), Ended(kError, "closed the connection"));
}

class HostileRelyingParty : public RemoteAttestationTest {
 protected:
  // Plays the relying party for one attester. `after_challenge`: sends a good challenge and waits
  // for the evidence first.
  [[nodiscard]] test::ProcessResult attester_meets(ByteView sent, bool after_challenge) const {
    const auto listener = RawSocket::listen(meeting_point());
    test::Process attester(attester_command(), environment(world().socket()));
    {
      const auto relying_party = listener.accept();
      if (after_challenge) {
        relying_party.send(framed(encode(Challenge{{}, 1s})));
        relying_party.receive_frame();
      }
      relying_party.send(sent);
    }
    return finish(attester);
  }
};

class HostileChallenge : public HostileRelyingParty,
                         public testing::WithParamInterface<HostileCase> {};

TEST_P(HostileChallenge, GetsASentence) {
  EXPECT_THAT(attester_meets(GetParam().sent, false),
              Ended(GetParam().exit_code, GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileChallenge,
    testing::Values(
        HostileCase{"ClosesAtOnce", {}, kError, "closed the connection before the end of"},
        HostileCase{"AnnouncesTooMuch", announcing(38), kError,
                    "announces 38 bytes for the challenge, at most 37 are allowed"},
        HostileCase{"SendsTooLittle", framed(message(1, 20)), kError, "nonce at offset 1 needs"},
        HostileCase{"SendsAnotherMessage", framed(message(4, 5)), kError,
                    "the message has type 4, expected a challenge"}),
    &case_name<HostileCase>);

class HostileAnswer : public HostileRelyingParty,
                      public testing::WithParamInterface<HostileCase> {};

TEST_P(HostileAnswer, GetsASentence) {
  EXPECT_THAT(attester_meets(GetParam().sent, true),
              Ended(GetParam().exit_code, GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileAnswer,
    testing::Values(
        HostileCase{"AnnouncesTooMuch", announcing(0x80000000), kError, "announces 2147483648"},
        HostileCase{"SendsAnotherMessage", framed(message(2, 5)), kError,
                    "the message has type 2, expected a secret"},
        HostileCase{"SendsNoKey", framed(message(3, 200)), kError, "the secret does not open"},
        HostileCase{"SendsAnEmptySecret", framed(message(3, 81)), kError,
                    "the encrypted secret has 0 bytes"},
        HostileCase{"WritesToTheTerminal", framed(base::as_bytes("\x04no\x1b[2J\nattester: hello")),
                    kRefused, "REFUSED by the relying party: no?[2J?attester: hello"}),
    &case_name<HostileCase>);

TEST_F(HostileRelyingParty, IsGivenUpWhenSilent) {
  const auto listener = RawSocket::listen(meeting_point());
  EXPECT_THAT(run_attester({"--timeout", "50"}),
              Ended(kError, "the relying party did not send the challenge within 50 ms"));
}

// Somebody in between, who passes everything on and may change what passes.
class InBetween : public RemoteAttestationTest {
 protected:
  // The answer that left the relying party, and how the attester ended. `change` may alter it.
  template <class Change>
  [[nodiscard]] test::ProcessResult relay(Bytes& answer, const Change& change) const {
    const std::string near_side = directory_ / "between.socket";
    test::Process relying_party(trusting_command());
    const auto listener = Listener::create(near_side).value();
    test::Process attester({ATTESTER_BINARY, "--connect", near_side},
                           environment(world().socket()));
    const auto to_attester = listener.accept("attester", kPatience).value();
    const auto to_relying_party =
        Channel::connect(meeting_point(), "relying party", kPatience).value();
    EXPECT_TRUE(to_attester.send(to_relying_party.receive(kMaxChallengeSize, "it").value()));
    EXPECT_TRUE(to_relying_party.send(to_attester.receive(kMaxEvidenceSize, "it").value()));
    answer = to_relying_party.receive(kMaxAnswerSize, "it").value();
    Bytes passed_on = answer;
    change(passed_on);
    EXPECT_TRUE(to_attester.send(passed_on));
    return finish(attester);
  }
};

TEST_F(InBetween, NobodyReadsTheSecret) {
  Bytes answer;
  EXPECT_THAT(relay(answer, [](Bytes&) {}), Ended(kSuccess, kSecret));
  EXPECT_THAT(std::string(base::as_text(answer)), Not(HasSubstr(kSecret)));
}

TEST_F(InBetween, NobodyChangesTheSecret) {
  Bytes answer;
  const auto result = relay(answer, [](Bytes& passed_on) { passed_on.back() ^= std::byte{1}; });
  EXPECT_THAT(result, Ended(kError, "the secret does not open: the GCM tag"));
}

}  // namespace
}  // namespace quoted::sample
