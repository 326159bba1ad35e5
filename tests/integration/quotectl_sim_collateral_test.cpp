// quotectl sim collateral: the files, their fit to a daemon's quotes, and the flags that move the
// state of the world. OpenSSL is the judge of signatures and chains.
#include "base/hex.h"
#include "crypto/certificate.h"
#include "quotectl_fixture.h"
#include "simulation/authority/tcb_state_file.h"

namespace quoted::quotectl {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";

class SimCollateral : public QuotectlTest {
 protected:
  [[nodiscard]] test::ProcessResult collateral(const std::string& out,
                                               std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"sim", "collateral", "--out", file(out)});
    return quotectl(more);
  }
  // The same for the shared daemon's quotes.
  [[nodiscard]] test::ProcessResult daemon_collateral(const std::string& out,
                                                      std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--state-dir", daemon().state_dir()});
    return collateral(out, more);
  }
  // Issues it and fails the test if that fails.
  void make(const std::string& out, const std::vector<std::string>& more = {}) const {
    const auto result = daemon_collateral(out, more);
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  [[nodiscard]] std::string text(const std::string& path) const {
    return std::string(base::as_text(read(file(path))));
  }
  [[nodiscard]] json tcb_info(const std::string& out) const {
    return json::parse(text(out + "/tcb_info.json"))["tcbInfo"];
  }
  [[nodiscard]] json qe_identity(const std::string& out) const {
    return json::parse(text(out + "/qe_identity.json"))["enclaveIdentity"];
  }
  [[nodiscard]] std::string crl_text(const std::string& crl) const {
    const auto result = openssl({"crl", "-inform", "DER", "-in", file(crl), "-noout", "-text"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }
  [[nodiscard]] static test::ProcessResult openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "/usr/bin/openssl");
    return test::run(arguments);
  }

  // The certificates of a PEM text or of a quote: leaf, CA, root.
  [[nodiscard]] static std::vector<std::string> certificates(std::string_view content) {
    std::vector<std::string> out;
    constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
    for (auto at = content.find(kBegin); at != std::string_view::npos;
         at = content.find(kBegin, at + 1)) {
      out.emplace_back(content.substr(at, content.find(kEnd, at) + kEnd.size() - at));
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> chain_of_quote() const {
    return certificates(text(fs::path(make_quote("quote")).filename()));
  }

  // What OpenSSL says of a daemon's certificate and its issuer, with the CRLs of `out`.
  [[nodiscard]] std::string openssl_verdict(const std::string& out, const std::string& leaf,
                                            const std::string& ca) const {
    std::string crls;
    for (const char* const name : {"/root_ca_crl.der", "/pck_crl.der"}) {
      crls += openssl({"crl", "-inform", "DER", "-in", file(out) + name}).out;
    }
    const auto result =
        openssl({"verify", "-crl_check_all", "-CAfile", file(out) + "/root.pem", "-untrusted",
                 write("ca", base::as_bytes(ca)), "-CRLfile", write("crls", base::as_bytes(crls)),
                 write("leaf", base::as_bytes(leaf))});
    return result.out + result.err;
  }

  // A directory like the state of the shared daemon, for tests that change it.
  [[nodiscard]] std::string copied_state(const std::string& name) const {
    fs::create_directories(file(name));
    fs::copy(daemon().state_dir() + "/authority", file(name) + "/authority");
    return file(name);
  }
};

TEST_F(SimCollateral, WritesEveryFileAndReplacesOldOnes) {
  fs::create_directories(file("new/dir"));
  write("new/dir/tcb_info.json", base::as_bytes("old"));
  const auto result = collateral("new/dir");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out.empty());
  EXPECT_THAT(result.err, AllOf(HasSubstr(kSimulated), HasSubstr("development seed"),
                                HasSubstr("give the daemon's --state-dir")));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(file("new/dir"))) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  EXPECT_THAT(names, ElementsAre("pck_crl.der", "pck_crl_issuer_chain.pem", "qe_identity.json",
                                 "qe_identity_issuer_chain.pem", "root.pem", "root_ca_crl.der",
                                 "tcb_info.json", "tcb_info_issuer_chain.pem"));
  const json info = tcb_info("new/dir");
  EXPECT_EQ(info["id"], "SGX");
  EXPECT_EQ(info["tcbLevels"][0]["tcbStatus"], "UpToDate");
  EXPECT_EQ(qe_identity("new/dir")["tcbLevels"][0]["tcbStatus"], "UpToDate");
}

// Verifiers compare the signature of the root certificate (quote-verification 8, 9).
TEST_F(SimCollateral, ChainsHaveTheCertificatesOfTheDaemonsQuotes) {
  const auto result = daemon_collateral("out");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("--state-dir")));
  const auto quote = chain_of_quote();
  ASSERT_EQ(quote.size(), 3U);
  EXPECT_EQ(text("out/root.pem"), quote[2]);
  EXPECT_EQ(text("out/pck_crl_issuer_chain.pem"), quote[1] + quote[2]);
  const auto signer = certificates(text("out/tcb_info_issuer_chain.pem"));
  ASSERT_EQ(signer.size(), 2U);
  EXPECT_EQ(signer[1], quote[2]);
  EXPECT_EQ(text("out/qe_identity_issuer_chain.pem"), signer[0] + signer[1]);

  make("again");
  EXPECT_EQ(text("again/tcb_info_issuer_chain.pem"), signer[0] + signer[1]);
  ASSERT_EQ(collateral("other").exit_code, 0);
  EXPECT_NE(text("other/root.pem"), quote[2]);
}

TEST_F(SimCollateral, OpensslAcceptsQuotesUntilTheyAreRevoked) {
  const auto quote = chain_of_quote();
  ASSERT_EQ(quote.size(), 3U);
  make("fresh");
  const auto signer = certificates(text("fresh/tcb_info_issuer_chain.pem")).at(0);
  EXPECT_THAT(openssl_verdict("fresh", quote[0], quote[1]), HasSubstr("leaf: OK"));
  EXPECT_THAT(openssl_verdict("fresh", signer, quote[1]), HasSubstr("leaf: OK"));

  make("pck", {"--revoke", "pck"});
  EXPECT_THAT(openssl_verdict("pck", quote[0], quote[1]),
              AllOf(HasSubstr("at 0 depth"), HasSubstr("certificate revoked")));
  make("intermediate", {"--revoke", "intermediate"});
  EXPECT_THAT(openssl_verdict("intermediate", quote[0], quote[1]),
              AllOf(HasSubstr("at 1 depth"), HasSubstr("certificate revoked")));
  EXPECT_THAT(openssl_verdict("intermediate", signer, quote[1]), HasSubstr("leaf: OK"));
  make("signer", {"--revoke", "tcb-signing"});
  EXPECT_THAT(openssl_verdict("signer", quote[0], quote[1]), HasSubstr("leaf: OK"));
  EXPECT_THAT(openssl_verdict("signer", signer, quote[1]), HasSubstr("certificate revoked"));

  const auto leaf = crypto::Certificate::parse_pem(quote[0]).value();
  make("serial", {"--revoke-serial", base::to_hex(leaf.serial()), "--revoke-serial", "0a0B"});
  EXPECT_THAT(openssl_verdict("serial", quote[0], quote[1]), HasSubstr("certificate revoked"));
  EXPECT_THAT(crl_text("serial/pck_crl.der"), HasSubstr("Serial Number: 0A0B\n"));
}

TEST_F(SimCollateral, FlagsMoveTheState) {
  make("out", {"--status",
               "ConfigurationAndSWHardeningNeeded",
               "--advisory",
               "SIMULATED-SA-7",
               "--advisory",
               "SIMULATED-SA-8",
               "--qe-status",
               "OutOfDate",
               "--evaluation-number",
               "18",
               "--valid-days",
               "3",
               "--time",
               "2026-02-27T01:02:03Z",
               "--fmspc",
               "00a067110000",
               "--tcb-info-version",
               "2",
               "--platform-ca",
               "processor"});
  const json info = tcb_info("out");
  EXPECT_EQ(info["version"], 2);
  EXPECT_EQ(info["fmspc"], "00A067110000");
  EXPECT_EQ(info["tcbEvaluationDataNumber"], 18);
  EXPECT_EQ(info["issueDate"], "2026-02-27T01:02:03Z");
  EXPECT_EQ(info["nextUpdate"], "2026-03-02T01:02:03Z");
  EXPECT_EQ(info["tcbLevels"][0]["tcbStatus"], "ConfigurationAndSWHardeningNeeded");
  EXPECT_EQ(info["tcbLevels"][0]["advisoryIDs"], json({"SIMULATED-SA-7", "SIMULATED-SA-8"}));
  EXPECT_EQ(info["tcbLevels"][1]["tcbStatus"], "OutOfDate");
  const json identity = qe_identity("out");
  EXPECT_EQ(identity["tcbEvaluationDataNumber"], 18);
  EXPECT_EQ(identity["tcbLevels"][0]["tcbStatus"], "OutOfDate");
  EXPECT_THAT(crl_text("out/pck_crl.der"),
              AllOf(HasSubstr("CN = Intel SGX PCK Processor CA"),
                    HasSubstr("Last Update: Feb 27 01:02:03 2026 GMT"),
                    HasSubstr("Next Update: Mar  2 01:02:03 2026 GMT")));
  EXPECT_THAT(crl_text("out/root_ca_crl.der"), HasSubstr("Next Update: Feb 27 01:02:03 2027 GMT"));
  const auto chain = certificates(text("out/pck_crl_issuer_chain.pem"));
  EXPECT_EQ(crypto::Certificate::parse_pem(chain.at(0))->subject_cn(),
            "Intel SGX PCK Processor CA");
}

TEST_F(SimCollateral, StateOfAFileIsMovedForOneRunOnly) {
  simulation::TcbState state = simulation::default_tcb_state(simulation::default_platform_model());
  state.levels[0].verdict.status = simulation::TcbStatus::kSwHardeningNeeded;
  state.evaluation_number = 21;
  state.pck_crl_number = 5;
  state.issue_date = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  ASSERT_TRUE(simulation::save_tcb_state(file("state.json"), state));
  const std::string before = text("state.json");

  make("plain", {"--tcb-state", file("state.json")});
  EXPECT_EQ(tcb_info("plain")["tcbLevels"][0]["tcbStatus"], "SWHardeningNeeded");
  EXPECT_EQ(tcb_info("plain")["tcbEvaluationDataNumber"], 21);
  EXPECT_EQ(tcb_info("plain")["issueDate"], "2026-01-01T00:00:00Z");
  EXPECT_THAT(crl_text("plain/pck_crl.der"), HasSubstr("CRL Number: \n                5\n"));
  make("moved", {"--tcb-state", file("state.json"), "--status", "Revoked", "--time", "1782864000"});
  EXPECT_EQ(tcb_info("moved")["tcbLevels"][0]["tcbStatus"], "Revoked");
  EXPECT_EQ(tcb_info("moved")["issueDate"], "2026-07-01T00:00:00Z");
  EXPECT_EQ(text("state.json"), before);

  write("bad.json", base::as_bytes(R"({"version":7})"));
  EXPECT_THAT(collateral("x", {"--tcb-state", file("bad.json")}),
              IsErrorSaying(file("bad.json") + ": version is 7; expected 1"));
  EXPECT_THAT(collateral("x", {"--tcb-state", file("none")}), IsErrorSaying(file("none")));

  // A world that never heard of the platform or its QE.
  state.levels[0].pce_svn = 100;
  state.levels.resize(1);
  state.qe_levels = {state.qe_levels[0]};
  state.qe_levels[0].isv_svn = 100;
  ASSERT_TRUE(simulation::save_tcb_state(file("strange.json"), state));
  EXPECT_THAT(collateral("x", {"--tcb-state", file("strange.json"), "--advisory", "A-1"}),
              IsErrorSaying("the TCB state has none"));
  EXPECT_THAT(collateral("x", {"--tcb-state", file("strange.json"), "--qe-status", "Revoked"}),
              IsErrorSaying("--qe-status is about"));
  EXPECT_FALSE(fs::exists(file("x")));
}

// Who may read a daemon's directory need not be able to write it.
TEST_F(SimCollateral, CompleteStateDirectoryIsOnlyRead) {
  const std::string state = copied_state("state");
  const auto written = fs::last_write_time(state + "/authority");
  fs::permissions(state + "/authority", fs::perms::owner_read | fs::perms::owner_exec);
  const auto result = collateral("out", {"--state-dir", state});
  fs::permissions(state + "/authority", fs::perms::owner_all);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(fs::last_write_time(state + "/authority"), written);
  EXPECT_EQ(text("out/root.pem"), text("state/authority/root-ca.pem"));
}

// Of a daemon that did not sign TCB documents yet.
TEST_F(SimCollateral, WhatIsMissingInTheStateDirectoryIsAddedAndNothingIsReplaced) {
  const std::string state = copied_state("state");
  fs::remove(state + "/authority/tcb-signing.pem");
  const std::string platform_ca = text("state/authority/platform-ca.pem");
  ASSERT_EQ(collateral("out", {"--state-dir", state}).exit_code, 0);
  EXPECT_EQ(text("out/tcb_info_issuer_chain.pem"),
            text("state/authority/tcb-signing.pem") + text("state/authority/root-ca.pem"));
  // Another period, other certificates: but not the daemon's.
  ASSERT_EQ(collateral("later", {"--state-dir", state, "--time", "2031-01-01T00:00:00Z"}).exit_code,
            0);
  EXPECT_EQ(text("state/authority/platform-ca.pem"), platform_ca);
}

TEST_F(SimCollateral, UnusableStateDirectoriesAreErrors) {
  EXPECT_THAT(collateral("x", {"--state-dir", file("none")}),
              IsErrorSaying("no root certificate of a simulated daemon in " + file("none")));
  const std::string seed = write("seed", base::Bytes(32, std::byte{7}));
  EXPECT_THAT(daemon_collateral("x", {"--seed-file", seed}),
              IsErrorSaying("is not the one of the seed in " + seed));
  const Daemon other({"--seed-file", seed});
  EXPECT_THAT(collateral("x", {"--state-dir", other.state_dir()}),
              IsErrorSaying("give the daemon's --seed-file"));
  EXPECT_FALSE(fs::exists(file("x")));
  const auto right = collateral("right", {"--state-dir", other.state_dir(), "--seed-file", seed});
  EXPECT_EQ(right.exit_code, 0) << right.err;
  EXPECT_THAT(right.err, Not(HasSubstr("development seed")));
}

TEST_F(SimCollateral, BadFlagsAreErrorsThatNameThem) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--status", "uptodate"}, "--status"},
      {{"--qe-status", "SWHardeningNeeded"}, "--qe-status"},
      {{"--revoke", "root"}, "--revoke"},
      {{"--revoke", "pck", "intermediate"}, "unknown argument 'intermediate'"},
      {{"--revoke-serial", "xy"}, "--revoke-serial"},
      {{"--revoke-serial", ""}, "--revoke-serial"},
      {{"--revoke-serial", std::string(42, '1')}, "--revoke-serial takes 1 to 20 bytes, got 21"},
      {{"--fmspc", "00"}, "--fmspc takes 6 bytes"},
      {{"--platform-ca", "root"}, "--platform-ca"},
      {{"--tcb-info-version", "1"}, "--tcb-info-version"},
      {{"--time", "yesterday"}, "--time"},
      {{"--time", "9999-12-31T00:00:00Z"}, "would not lie between 1970 and 9999"},
      {{"--valid-days", "0"}, "--valid-days"},
      {{"--evaluation-number", "-1"}, "--evaluation-number"},
      {{"--advisory", "NO SPACE"}, "advisoryIDs"}};
  for (const auto& [arguments, words] : cases) {
    EXPECT_THAT(collateral("x", arguments), IsErrorSaying(words)) << arguments[1];
  }
  EXPECT_THAT(quotectl({"sim", "collateral"}), IsErrorSaying("--out"));
  const std::string plain = write("plain", {});
  EXPECT_THAT(collateral("plain"), IsErrorSaying("cannot"));
  EXPECT_THAT(collateral("plain/x"), IsErrorSaying("cannot make the directory " + plain));
  EXPECT_FALSE(fs::exists(file("x")));
}

}  // namespace
}  // namespace quoted::quotectl
