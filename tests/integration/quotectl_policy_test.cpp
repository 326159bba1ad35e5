// Policies from end to end: a daemon's quotes and the collateral of its world, `quotectl verify
// --policy`, and the commands that look at policies before they decide anything.
#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kEnclave(64, 'a');
const std::string kSigner(64, 'b');

class Policy : public QuotectlTest {
 protected:
  static constexpr const char* kSimulatedPlatform = "[platform]\nallow_simulated = true\n";

  void SetUp() override {
    make_quote("quote", {"--mrenclave", kEnclave, "--mrsigner", kSigner, "--isv-prod-id", "7",
                         "--isv-svn", "3"});
    issue("collateral");
  }

  void issue(const std::string& name, std::vector<std::string> more = {}) const {
    more.insert(more.begin(),
                {"sim", "collateral", "--out", file(name), "--state-dir", daemon().state_dir()});
    const auto result = quotectl(more);
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  std::string policy(const std::string& text, const std::string& name = "policy.toml") const {
    return write(name, base::as_bytes("version = 1\nname = \"test\"\n" + text));
  }
  // For the quote of this test on a simulated platform; `more` are lines of [platform].
  std::string good_policy(const std::string& more = "") const {
    return policy(kSimulatedPlatform + more + "[[enclave]]\nmr_enclave = '" + kEnclave + "'\n");
  }

  [[nodiscard]] std::vector<std::string> verify_command(const std::string& collateral) const {
    return {"verify",       file("quote"),   "--root", file(collateral) + "/root.pem",
            "--collateral", file(collateral)};
  }
  [[nodiscard]] test::ProcessResult verify(const std::string& path,
                                           const std::vector<std::string>& more = {},
                                           const std::string& collateral = "collateral") const {
    std::vector<std::string> command = verify_command(collateral);
    command.insert(command.end(), {"--policy", path});
    command.insert(command.end(), more.begin(), more.end());
    return quotectl(command);
  }
  // Keeps what `verify --json` says without a policy.
  std::string record(const std::string& name, const std::string& collateral = "collateral",
                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = verify_command(collateral);
    command.emplace_back("--json");
    command.insert(command.end(), more.begin(), more.end());
    return write(name, base::as_bytes(quotectl(command).out));
  }
};

TEST_F(Policy, AcceptsWhatItNames) {
  const auto result = verify(good_policy());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, AllOf(StartsWith("ACCEPTED BY POLICY 'test' (" + file("policy.toml") +
                                           "): enclave[0]\n"),
                                HasSubstr("\nverifier: nothing to remark\n"), HasSubstr(kSimulated),
                                HasSubstr("\n  tcb_status: UpToDate\n"), HasSubstr("enclave:\n"),
                                Not(HasSubstr("[FAIL]")), Not(HasSubstr("REFUSED"))));
  EXPECT_THAT(verify(good_policy(), {"--verbose"}).out,
              HasSubstr("  [ok]   enclave[0].mr_enclave: " + kEnclave));
}

TEST_F(Policy, NamesTheRulesThatRefuse) {
  const std::string path =
      policy("[[enclave]]\nmr_signer = '" + kSigner + "'\nisv_prod_id = 7\nmin_isv_svn = 4\n");
  const auto result = verify(path);
  EXPECT_EQ(result.exit_code, kRefused);
  EXPECT_THAT(
      result.out,
      AllOf(StartsWith("REFUSED BY POLICY 'test' (" + path +
                       "): platform.allow_simulated, enclave[0].min_isv_svn\n  cause:  "),
            HasSubstr("\n  code:   QD8011 POLICY_REFUSED\n"),
            HasSubstr("  [FAIL] platform.allow_simulated: a simulated platform, which has no "
                      "security, expected not simulated\n"),
            HasSubstr("  [FAIL] enclave[0].min_isv_svn: 3, expected at least 4\n"),
            Not(HasSubstr("VERIFIED"))));
}

TEST_F(Policy, JsonKeepsTheVerdictApart) {
  const auto accepted = verify(good_policy(), {"--json"});
  const ordered_json yes = ordered_json::parse(accepted.out);
  EXPECT_EQ(yes["decision"], "accepted");
  EXPECT_FALSE(yes.contains("status"));
  EXPECT_EQ(yes["appraisal"]["policy"], "test");
  EXPECT_EQ(yes["appraisal"]["file"], file("policy.toml"));
  EXPECT_EQ(yes["appraisal"]["matched"], "enclave[0]");
  EXPECT_TRUE(yes["appraisal"]["refused_by"].empty());
  EXPECT_TRUE(yes["appraisal"]["code"].is_null());
  EXPECT_EQ(yes["verdict"]["status"], "verified");
  EXPECT_TRUE(yes["verdict"]["judged_at"].is_string());
  EXPECT_TRUE(yes["verdict"]["documents_issued"].is_string());

  const auto refused = verify(policy("[[enclave]]\nmr_enclave = '" + kSigner + "'\n"), {"--json"});
  EXPECT_EQ(refused.exit_code, kRefused);
  const ordered_json no = ordered_json::parse(refused.out);
  EXPECT_EQ(no["decision"], "refused");
  EXPECT_EQ(no["appraisal"]["code"], "QD8011");
  EXPECT_EQ(no["appraisal"]["refused_by"],
            ordered_json({"platform.allow_simulated", "enclave[0].mr_enclave"}));
  for (const auto& rule : no["appraisal"]["rules"]) {
    if (rule["name"] != "enclave[0].mr_enclave") continue;
    EXPECT_EQ(rule["outcome"], "failed");
    EXPECT_EQ(rule["observed"], kEnclave);
    EXPECT_EQ(rule["expected"], kSigner);
  }
}

TEST_F(Policy, AcceptsWithTheWarningsStillPrinted) {
  issue("stale", {"--status", "OutOfDate", "--advisory", "SIMULATED-SA-9"});
  EXPECT_THAT(verify(good_policy(), {}, "stale").out,
              HasSubstr("[FAIL] platform.tcb_status: OutOfDate, expected UpToDate\n"));
  const std::string lenient = good_policy("tcb_status = ['UpToDate', 'OutOfDate']\n");
  const auto result = verify(lenient, {}, "stale");
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, AllOf(StartsWith("ACCEPTED BY POLICY"),
                                HasSubstr("\nverifier: accepts it with warnings\n"),
                                HasSubstr("\nwarning: the platform's TCB status is OutOfDate\n")));
  const auto rejected = verify(good_policy("tcb_status = ['UpToDate', 'OutOfDate']\n"
                                           "rejected_advisories = ['SIMULATED-SA-9']\n"),
                               {}, "stale");
  EXPECT_EQ(rejected.exit_code, kRefused);
  EXPECT_THAT(rejected.out, HasSubstr("platform.rejected_advisories: SIMULATED-SA-9, expected"));
}

TEST_F(Policy, TheVerifiersRefusalStands) {
  issue("revoked", {"--status", "Revoked"});
  const std::string everything =
      policy(std::string("any_enclave = true\nallow_debug = true\n") + kSimulatedPlatform);
  EXPECT_EQ(verify(everything).exit_code, 0);
  const auto result = verify(everything, {}, "revoked");
  EXPECT_EQ(result.exit_code, kRefused);
  EXPECT_THAT(result.out,
              AllOf(StartsWith("REFUSED: "), HasSubstr("QD8214"),
                    HasSubstr("  [FAIL] verdict.status: refused: "), Not(HasSubstr("ACCEPTED"))));
  const ordered_json json = ordered_json::parse(verify(everything, {"--json"}, "revoked").out);
  EXPECT_EQ(json["decision"], "refused");
  EXPECT_EQ(json["appraisal"]["code"], "QD8214");
  EXPECT_EQ(json["appraisal"]["refused_by"], ordered_json({"verdict.status"}));
  EXPECT_TRUE(json["verdict"]["enclave"].is_null());
}

TEST_F(Policy, DecidesWhichEnclaveMayBeDebugged) {
  make_quote("quote", {"--mrenclave", kEnclave, "--mrsigner", kSigner, "--debug"});
  const auto strict = verify(good_policy());
  EXPECT_EQ(strict.exit_code, kRefused);
  EXPECT_THAT(strict.out, HasSubstr("QD8010"));

  const std::string start = std::string(kSimulatedPlatform) + "[[enclave]]\nmr_enclave = '";
  EXPECT_EQ(verify(policy(start + kEnclave + "'\nallow_debug = true\n")).exit_code, 0);
  const auto other = verify(policy(start + kSigner + "'\nallow_debug = true\n[[enclave]]\n" +
                                   "mr_enclave = '" + kEnclave + "'\n"));
  EXPECT_EQ(other.exit_code, kRefused);
  EXPECT_THAT(other.out,
              HasSubstr("enclave[1].allow_debug: can be debugged, expected no debugging\n"));
}

TEST_F(Policy, WrongUsageIsExplained) {
  const std::string path = good_policy();
  EXPECT_THAT(quotectl({"verify", file("quote"), "--policy", path}),
              IsErrorSaying("--policy needs --collateral"));
  EXPECT_THAT(verify(path, {"--compat", "intel"}), IsErrorSaying("--policy goes without --compat"));
  EXPECT_THAT(verify(path, {"--allow-debug"}),
              IsErrorSaying("write 'allow_debug = true' into the policy"));
  EXPECT_THAT(verify(file("nowhere.toml")), IsErrorSaying("nowhere.toml"));
  const auto bad = verify(policy("[[enclave]]\nmrsigner = 1\n", "bad.toml"));
  EXPECT_THAT(bad, IsErrorSaying("bad.toml:4:1: unknown key 'mrsigner' in enclave[0]; did you mean "
                                 "'mr_signer'?"));
  EXPECT_THAT(bad.err, HasSubstr("QD1008"));
  EXPECT_THAT(quotectl({"policy"}), IsErrorSaying("policy check, policy test"));
  EXPECT_THAT(quotectl({"policy", "check"}), IsErrorSaying("FILE is required"));
  EXPECT_THAT(quotectl({"policy", "test", path}), IsErrorSaying("VERDICT is required"));
}

TEST_F(Policy, CheckExplainsGoodOnes) {
  const auto result = quotectl({"policy", "check", good_policy()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, AllOf(StartsWith("'test' (" + file("policy.toml") + "): good\n"),
                                HasSubstr("\n  The platform's TCB status must be UpToDate.\n"),
                                HasSubstr("SIMULATED PLATFORMS PASS"),
                                HasSubstr("\n  enclave[0]: MRENCLAVE " + kEnclave)));
}

TEST_F(Policy, CheckNamesTheMistakesOfAll) {
  const std::string good = good_policy();
  const std::string bad = policy("colour = 1\n", "bad.toml");
  const auto result = quotectl({"policy", "check", bad, good});
  EXPECT_EQ(result.exit_code, kRefused);
  EXPECT_THAT(result.out, AllOf(StartsWith(bad + ":1:1: enclave: missing"),
                                HasSubstr(bad + ":3:1: unknown key 'colour'; expected one of: "),
                                HasSubstr(bad + ": 2 mistakes\n"), HasSubstr("): good\n")));
  EXPECT_THAT(quotectl({"policy", "check", file("nowhere")}), IsErrorSaying("cannot read"));
}

// The examples of the documentation, as a user would try them.
TEST_F(Policy, CheckAgreesWithTheExamples) {
  std::size_t tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(QUOTED_DOCS_DIR "/policies")) {
    if (entry.path().extension() != ".toml") continue;
    const bool invalid = entry.path().filename().string().starts_with("invalid-");
    EXPECT_EQ(quotectl({"policy", "check", entry.path()}).exit_code, invalid ? 2 : 0)
        << entry.path();
    ++tried;
  }
  EXPECT_GE(tried, 40U);
}

TEST_F(Policy, IsTestedOnRecordedVerdicts) {
  std::filesystem::create_directory(file("verdicts"));
  issue("stale", {"--status", "OutOfDate"});
  issue("revoked", {"--status", "Revoked"});
  record("verdicts/a.json");
  const std::string path = good_policy();
  const auto one = quotectl({"policy", "test", path, file("verdicts"), "--expect", "accept"});
  EXPECT_EQ(one.exit_code, 0) << one.out << one.err;
  EXPECT_THAT(one.out,
              HasSubstr("1 verdict: 1 accepted, 0 refused; expected that all are accepted: "
                        "yes\n"));

  record("verdicts/b.json", "stale");
  record("verdicts/c.json", "revoked");
  ASSERT_TRUE(base::write_file(file("verdicts/notes.txt"), base::as_bytes("no verdict"), 0644));
  const auto all = quotectl({"policy", "test", path, file("verdicts")});
  EXPECT_EQ(all.exit_code, kRefused);
  EXPECT_EQ(all.err, "");
  EXPECT_THAT(all.out, AllOf(StartsWith("RESULT    VERDICT"),
                             HasSubstr("accepted  " + file("verdicts/a.json") + "  enclave[0]\n"),
                             HasSubstr("refused   " + file("verdicts/b.json") +
                                       "  platform.tcb_status: OutOfDate, expected UpToDate\n"),
                             HasSubstr("refused   " + file("verdicts/c.json") +
                                       "  verdict.status: refused: "),
                             HasSubstr("3 verdicts: 1 accepted, 2 refused\n")));
  EXPECT_EQ(quotectl({"policy", "test", path, file("verdicts/b.json"), file("verdicts/c.json"),
                      "--expect", "refuse"})
                .exit_code,
            0);
  const auto wrong = quotectl({"policy", "test", path, file("verdicts"), "--expect", "refuse"});
  EXPECT_EQ(wrong.exit_code, kRefused);
  EXPECT_THAT(wrong.out, HasSubstr("expected that all are refused: NO\n"));
}

// A recorded verdict decides as the quote did, also the one inside a policy's output.
TEST_F(Policy, RecordedAndFreshVerdictsAgree) {
  const std::string path = policy("[[enclave]]\nmr_signer = '" + kSigner +
                                  "'\nisv_prod_id = 7\nmin_isv_svn = 4\n[collateral]\n"
                                  "max_age = '1d'\n");
  const auto fresh = verify(path, {"--json"});
  const std::string inside = write("inside.json", base::as_bytes(fresh.out));
  const std::string plain = record("plain.json");
  const ordered_json decided = ordered_json::parse(fresh.out);
  std::string rules;
  for (const auto& rule : decided["appraisal"]["rules"]) {
    if (rule["outcome"] != "failed") continue;
    rules += (rules.empty() ? "" : "; ") + rule["name"].get<std::string>() + ": " +
             rule["observed"].get<std::string>() + ", expected " +
             rule["expected"].get<std::string>();
  }
  EXPECT_NE(rules, "");
  const auto result = quotectl({"policy", "test", path, inside, plain, "--expect", "refuse"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("inside.json  " + rules + '\n'),
                                HasSubstr("plain.json   " + rules + '\n')));
}

TEST_F(Policy, VerdictsOfOtherModesAreRefused) {
  const std::string path = good_policy();
  const std::string intel = record("intel.json", "collateral", {"--compat", "intel"});
  const auto lax = quotectl({"policy", "test", path, intel});
  EXPECT_EQ(lax.exit_code, kRefused);
  EXPECT_THAT(lax.out, HasSubstr("verdict.mode: intel, expected strict"));
  const std::string bare =
      write("bare.json", base::as_bytes(quotectl({"verify", file("quote"), "--root",
                                                  file("collateral") + "/root.pem", "--json"})
                                            .out));
  EXPECT_THAT(quotectl({"policy", "test", path, bare}).out,
              HasSubstr("verdict.collateral: not checked, expected checked"));
}

TEST_F(Policy, WhatIsNoVerdictIsAnError) {
  const std::string path = good_policy();
  EXPECT_THAT(quotectl({"policy", "test", path, write("x.json", base::as_bytes("{}"))}),
              IsErrorSaying("x.json is no recorded verdict of 'quotectl verify --json'"));
  EXPECT_THAT(quotectl({"policy", "test", path, file("nowhere")}), IsErrorSaying("cannot read"));
  std::filesystem::create_directory(file("empty"));
  EXPECT_THAT(quotectl({"policy", "test", path, file("empty")}),
              IsErrorSaying("holds no *.json file"));
  EXPECT_THAT(quotectl({"policy", "test", path, path, "--expect", "maybe"}),
              IsErrorSaying("--expect"));
}

}  // namespace
}  // namespace quoted::quotectl
