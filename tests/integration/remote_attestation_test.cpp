// The sample's two programs together: the right enclave gets the secret, and every kind of
// misbehaviour is refused by a sentence of its own.
#include "remote_attestation_fixture.h"

#include "base/file.h"

namespace quoted::sample {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(RemoteAttestationTest, TheRightEnclaveGetsTheSecret) {
  test::Process relying_party(trusting_command());
  const auto attester = run_attester();
  const auto other = finish(relying_party);
  EXPECT_EQ(attester.exit_code, kSuccess) << attester.err;
  EXPECT_EQ(other.exit_code, kSuccess) << other.err;
  EXPECT_THAT(attester.out, HasSubstr("10. the enclave decrypted the secret: 'the tide is out'"));
  EXPECT_THAT(other.out, Not(HasSubstr(kSecret)));
  EXPECT_THAT(other.out, HasSubstr("SIMULATED-NO-SECURITY"));
  for (const char* const check : {"nonce", "quote", "debug", "warnings", "identity", "binding"}) {
    EXPECT_THAT(other.out, HasSubstr(base::text("[ok]   ", check, ": ")));
  }
  EXPECT_FALSE(std::filesystem::exists(meeting_point()));
}

// In one terminal the lines of both read as one protocol.
TEST_F(RemoteAttestationTest, TheStepsComeInOrder) {
  const base::UniqueFd terminal(
      ::open((directory_ / "terminal").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ASSERT_TRUE(terminal.valid());
  test::Process relying_party(trusting_command(), {}, terminal.get());
  ASSERT_TRUE(test::Process::eventually([this] { return std::filesystem::exists(meeting_point()); },
                                        kPatience));
  test::Process attester(attester_command(), environment(world().socket()), terminal.get());
  EXPECT_EQ(attester.wait(kPatience), kSuccess) << attester.err();
  EXPECT_EQ(relying_party.wait(kPatience), kSuccess) << relying_party.err();

  std::ifstream lines(directory_ / "terminal");
  std::vector<int> steps;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t number = line.find("| ") + 2;
    if (line.substr(number, 4) != "    ") steps.push_back(std::stoi(line.substr(number)));
  }
  EXPECT_THAT(steps, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
}

TEST_F(RemoteAttestationTest, AnyVersionOfAProductMayBeExpected) {
  test::Process relying_party(
      relying_party_command({"--root", world().root(), "--mrsigner", digits("22"), "--product-id",
                             "1", "--min-svn", "2"}));
  EXPECT_THAT(run_attester({"--mrenclave", digits("77")}), Ended(kSuccess, kSecret));
  EXPECT_THAT(finish(relying_party), Ended(kSuccess, "product 1, security version 2"));
}

struct Refused {
  const char* name;
  Arguments attester;
  Arguments policy;
  const char* reason;
};

Arguments one_product() {
  return {"--mrsigner", digits("22"), "--product-id", "1", "--min-svn", "2"};
}
Arguments one_build() { return {"--mrenclave", digits("11")}; }

class Refusals : public RemoteAttestationTest, public testing::WithParamInterface<Refused> {};

TEST_P(Refusals, HaveASentenceOnBothSides) {
  test::Process relying_party(
      relying_party_command(World::joined({"--root", world().root()}, GetParam().policy)));
  const auto attester = run_attester(GetParam().attester);
  EXPECT_THAT(attester,
              Ended(kRefused, base::text("10. REFUSED by the relying party: ", GetParam().reason)));
  EXPECT_THAT(attester.out, Not(HasSubstr(kSecret)));
  const auto other = finish(relying_party);
  EXPECT_THAT(other, Ended(kRefused, base::text("[FAIL] ")));
  EXPECT_THAT(other, Ended(kRefused, base::text("9. REFUSED: ", GetParam().reason)));
}

INSTANTIATE_TEST_SUITE_P(
    All, Refusals,
    testing::Values(
        Refused{"WrongNonce", {"--misbehave", "wrong-nonce"}, one_build(), "the nonce is wrong: "},
        Refused{"SwappedKey",
                {"--misbehave", "swapped-key"},
                one_build(),
                "the quote does not vouch for this key and nonce: "},
        Refused{"DebugEnclave",
                {"--misbehave", "debug"},
                one_build(),
                "the enclave is a debug enclave: "},
        Refused{"OtherMrEnclave",
                {"--misbehave", "other-enclave"},
                one_build(),
                "the enclave is another one: MRENCLAVE eeee"},
        Refused{"OtherSigner",
                {"--misbehave", "other-enclave"},
                one_product(),
                "the enclave is of another signer: MRSIGNER dddd"},
        Refused{"OtherProduct",
                {"--product-id", "7"},
                one_product(),
                "the enclave is another product of its signer: product id 7, expected 1"},
        Refused{"OldVersion",
                {"--svn", "1"},
                one_product(),
                "the enclave is too old: security version 1, expected at least 2"},
        Refused{"RightProductButOtherBuild",
                {"--mrenclave", digits("77")},
                World::joined(one_product(), one_build()),
                "the enclave is another one: MRENCLAVE 7777"},
        Refused{"Stale",
                {"--misbehave", "stale"},
                World::joined(one_build(), {"--max-age", "50"}),
                "the evidence is stale: "},
        Refused{"NoTimeAtAll",
                {},
                World::joined(one_build(), {"--max-age", "0"}),
                "the evidence is stale: "}),
    &case_name<Refused>);

TEST_F(RemoteAttestationTest, EvidenceIsGoodOnce) {
  test::Process relying_party(trusting_command({"--sessions", "2"}));
  const std::string recording = directory_ / "evidence";
  EXPECT_THAT(run_attester({"--record", recording}), Ended(kSuccess, kSecret));
  const auto replayed = run_attester({"--record", recording, "--misbehave", "replay"});
  EXPECT_THAT(replayed, Ended(kRefused, "the evidence is a replay: "));
  EXPECT_THAT(replayed.out, Not(HasSubstr(kSecret)));
  EXPECT_EQ(finish(relying_party).exit_code, kRefused);
}

// The nonce beside the quote can be brought up to date, the one inside cannot.
TEST_F(RemoteAttestationTest, AnOldQuoteWithANewNonceIsRefused) {
  const std::string recording = directory_ / "evidence";
  {
    test::Process relying_party(trusting_command());
    ASSERT_THAT(run_attester({"--record", recording}), Ended(kSuccess, kSecret));
    finish(relying_party);
  }
  test::Process relying_party(trusting_command());
  const auto channel = Channel::connect(meeting_point(), "relying party", kPatience).value();
  const auto challenge =
      parse_challenge(channel.receive(kMaxChallengeSize, "challenge").value()).value();
  auto evidence = parse_evidence(base::read_file(recording, kMaxEvidenceSize).value()).value();
  evidence.nonce = challenge.nonce;
  ASSERT_TRUE(channel.send(encode(evidence)));
  const auto answer = parse_answer(channel.receive(kMaxAnswerSize, "answer").value()).value();
  ASSERT_TRUE(std::holds_alternative<Refusal>(answer));
  EXPECT_THAT(finish(relying_party),
              Ended(kRefused, "REFUSED: the quote does not vouch for this key and nonce: "));
}

TEST_F(RemoteAttestationTest, AnotherRootIsRefused) {
  const World other(digits("5e"));
  test::Process relying_party(
      relying_party_command({"--root", other.root(), "--mrenclave", digits("11")}));
  EXPECT_THAT(run_attester(), Ended(kRefused, "the quote is of another root: "));
  EXPECT_EQ(finish(relying_party).exit_code, kRefused);
}

TEST_F(RemoteAttestationTest, WithoutARootOnlyIntelIsTrusted) {
  test::Process relying_party(relying_party_command({"--mrenclave", digits("11")}));
  EXPECT_THAT(run_attester(), Ended(kRefused, "the quote is of another root: "));
  EXPECT_EQ(finish(relying_party).exit_code, kRefused);
}

TEST_F(RemoteAttestationTest, WithoutADaemonTheAttesterSaysSo) {
  test::Process relying_party(trusting_command());
  auto settings = environment(directory_ / "nothing");
  settings["QUOTED_RETRY"] = "off";
  EXPECT_THAT(test::run(attester_command(), settings), Ended(kError, "no simulated processor"));
  const auto attester =
      test::run(attester_command({"--simulated-cpu", world().simulated_cpu()}), settings);
  EXPECT_THAT(attester, Ended(kError, "sgx_select_att_key_id returned 0x4001"));
  EXPECT_THAT(finish(relying_party), Ended(kError, "the attester closed the connection"));
}

TEST_F(RemoteAttestationTest, WithoutARelyingPartyTheAttesterSaysSo) {
  EXPECT_THAT(run_attester({"--timeout", "50"}), Ended(kError, "cannot reach the relying party"));
}

TEST_F(RemoteAttestationTest, ImpossibleCommandLinesAreRefused) {
  const auto run_relying_party = [this](const Arguments& more) {
    return test::run(relying_party_command(more));
  };
  EXPECT_THAT(run_relying_party({}), Ended(kError, "no enclave is expected"));
  EXPECT_THAT(run_relying_party({"--mrsigner", digits("22")}), Ended(kError, "go together"));
  EXPECT_THAT(run_relying_party({"--product-id", "1"}), Ended(kError, "go together"));
  EXPECT_THAT(run_relying_party({"--mrenclave", digits("11"), "--min-svn", "3"}),
              Ended(kError, "--min-svn needs --product-id"));
  EXPECT_THAT(run_relying_party({"--mrenclave", "11"}), Ended(kError, "--mrenclave"));
  EXPECT_THAT(run_relying_party({"--mrenclave", digits("11"), "--root", "/dev/null"}),
              Ended(kError, "the root /dev/null"));
  EXPECT_THAT(run_relying_party({"--mrenclave", digits("11"), "--max-age", "-1"}),
              Ended(kError, "--max-age takes 0 to"));
  EXPECT_THAT(run_relying_party({"--mrenclave", digits("11"), "--secret", ""}),
              Ended(kError, "--secret"));
  EXPECT_THAT(run_attester({"--misbehave", "replay"}), Ended(kError, "needs --record FILE"));
  EXPECT_THAT(run_attester({"--misbehave", "politely"}), Ended(kError, "--misbehave"));
}

// What is there already may belong to somebody.
TEST_F(RemoteAttestationTest, APathThatIsTakenIsLeftAlone) {
  std::ofstream(meeting_point()) << "mine";
  EXPECT_THAT(test::run(trusting_command()), Ended(kError, "Address already in use"));
  EXPECT_TRUE(std::filesystem::is_regular_file(meeting_point()));
}

}  // namespace
}  // namespace quoted::sample
