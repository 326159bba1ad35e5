// A daemon with any one of these mistakes does not pass, and the table names the conversation that
// the mistake would have broken.
#include "incompatible_daemon.h"

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::preflight {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

struct Case {
  const char* name;
  Mistake mistake;
  const char* check;    // one that must fail
  const char* finding;  // and what it must say
  const char* code = "QD7201";
};

std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

class IncompatibleDaemonTest : public ::testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] test::ProcessResult preflight_of(Mistake mistake) const {
    const IncompatibleDaemon daemon(dir_.path(), mistake);
    return test::run(
        {QUOTED_BINARY, "--preflight", "--candidate", daemon.socket().native(), "--socket",
         dir_ / "nobody.socket", "--state-dir", dir_ / "no-state", "--json", "--hostile"},
        {{"QUOTED_SOCKET", ""}}, std::chrono::seconds(300));
  }

  test::TempDir dir_;
};

TEST_F(IncompatibleDaemonTest, WithoutAMistakeItPasses) {
  const auto result = preflight_of(Mistake::kNone);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Json report = Json::parse(result.out);
  EXPECT_EQ(report["passed"], true);
  for (const Json& check : report["checks"]) {
    const bool alone = check["check"] == "no SVN downgrade";
    EXPECT_EQ(check["result"], alone ? "not run" : "passed") << check;
  }
}

TEST_F(IncompatibleDaemonTest, ADaemonThatServesOneAtATimeIsWarnedOf) {
  const auto result = preflight_of(Mistake::kOneAtATime);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  const Json report = Json::parse(result.out);
  for (const Json& check : report["checks"]) {
    if (check["check"] != "wire edges: others keep the daemon waiting") continue;
    EXPECT_EQ(check["result"], "warned");
    EXPECT_THAT(check["detail"].get<std::string>(), HasSubstr("after 2000 ms"));
    return;
  }
  FAIL() << result.out;
}

TEST_F(IncompatibleDaemonTest, EpidIsNoMistake) {
  const auto result = preflight_of(Mistake::kOffersEpid);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  std::map<std::string, std::string> results;
  const Json report = Json::parse(result.out);
  for (const Json& check : report["checks"]) results[check["check"]] = check["result"];
  EXPECT_EQ(results["wire fortanix: EPID"], "not run");
  EXPECT_EQ(results["wire fortanix: a quote"], "passed");
  EXPECT_EQ(results["quote algorithm 0"], "not run");
  EXPECT_EQ(results["quote algorithm 1"], "not run");
  EXPECT_EQ(results["quote ECDSA P-256"], "passed");
}

TEST_P(IncompatibleDaemonTest, IsCaught) {
  const auto result = preflight_of(GetParam().mistake);
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  const Json report = Json::parse(result.out);
  EXPECT_EQ(report["passed"], false);
  for (const Json& check : report["checks"]) {
    if (check["check"] != GetParam().check) continue;
    EXPECT_EQ(check["result"], "failed");
    EXPECT_EQ(check["code"], GetParam().code);
    EXPECT_THAT(check["detail"].get<std::string>(), HasSubstr(GetParam().finding));
    return;
  }
  FAIL() << "there is no check " << GetParam().check << " in " << result.out;
}

INSTANTIATE_TEST_SUITE_P(
    EveryMistake, IncompatibleDaemonTest,
    ::testing::Values(
        Case{"NoPadding", Mistake::kNoPadding, "wire gramine: a quote", "GetQuoteEx: quote: 4"},
        Case{"WrongResponseType", Mistake::kWrongResponseType, "wire enarx: a quote",
             "GetQuoteSizeEx: response type: getSupportedAttKeyIDNumRes, expected "
             "getQuoteSizeExRes"},
        Case{"SplitAnswer", Mistake::kSplitAnswer, "wire intel-dcap-ql: a quote",
             "InitQuoteEx for the size: pieces: the answer"},
        Case{"WholeKeyIdCompared", Mistake::kWholeKeyIdCompared, "wire edges: InitQuoteEx",
             "other bytes behind the 158: errorCode: 38, expected 0"},
        Case{"SmallBufferCode", Mistake::kSmallBufferCode, "wire edges: GetQuoteEx",
             "a byte too little room: errorCode: 21, expected 3"},
        Case{"BadMacCode", Mistake::kBadMacCode, "wire edges: GetQuoteEx",
             "an altered REPORT: errorCode: 1, expected 47"},
        Case{"ObeysTimeout", Mistake::kObeysTimeout, "wire intel-dcap-ql: a quote",
             "InitQuoteEx for the size: errorCode: 1, expected 0"},
        Case{"UnaskedPubKeyId", Mistake::kUnaskedPubKeyId, "wire intel-quote-ex: a quote",
             "InitQuoteEx for the size: pub_key_id: it is there, expected none"},
        Case{"TargetInfoSize", Mistake::kTargetInfoSize, "wire gramine: a quote",
             "InitQuoteEx: target_info: 511 bytes, expected 512"},
        Case{"DropsQeReportInfo", Mistake::kDropsQeReportInfo, "wire fortanix: a quote",
             "GetQuoteEx: qe_report_info: it is absent"},
        Case{"LegacyClosed", Mistake::kLegacyClosed, "wire legacy: GetLaunchToken",
             "the connection is closed without one"},
        Case{"LegacyUnsupported", Mistake::kLegacyUnsupported, "wire fortanix: EPID",
             "InitQuote: answer: a20102081e"},
        Case{"ErrorCodeOmitted", Mistake::kErrorCodeOmitted, "wire gramine: a quote",
             "InitQuoteEx: errorCode: it is absent"},
        Case{"FirstBufSizeChecked", Mistake::kFirstBufSizeChecked, "wire intel-dcap-ql: a quote",
             "InitQuoteEx for the size: errorCode: 3, expected 0"},
        Case{"BigEndianPrefix", Mistake::kBigEndianPrefix, "wire quoted: a quote",
             "GetSupportedAttKeyIDNum: answer: the answer announces"},
        Case{"UnknownFieldRefused", Mistake::kUnknownFieldRefused, "wire edges: fields of tomorrow",
             "GetSupportedAttKeyIDNum: answer: the connection is closed"},
        Case{"ClosesOnHalfClose", Mistake::kClosesOnHalfClose, "wire edges: half-close",
             "the connection is closed without one"},
        Case{"OwnEntrySelected", Mistake::kOwnEntrySelected, "wire edges: SelectAttKeyID",
             "the client's own bytes behind the id: selected_att_key_id:"},
        Case{"KeyIdNumOmitted", Mistake::kKeyIdNumOmitted, "wire open-enclave: a quote",
             "GetSupportedAttKeyIDNum: att_key_id_num: it is absent"},
        Case{"UnpaddedTail", Mistake::kUnpaddedTail, "wire gramine: a quote",
             "GetQuoteEx: quote: the bytes behind it are not zero"},
        Case{"ShortPubKeyId", Mistake::kShortPubKeyId, "wire enarx: a quote",
             "InitQuoteEx: pub_key_id: 31 bytes, expected 32"},
        Case{"ReportBeforeKeyId", Mistake::kReportBeforeKeyId, "wire edges: GetQuoteEx",
             "an unknown key and a short REPORT: errorCode: 3, expected 38"},
        Case{"AnswersEmpty", Mistake::kAnswersEmpty,
             "wire edges: no known request: closed without a word",
             "a length of 0: answer: 0a00 (2 bytes), expected the connection to be closed"},
        Case{"ForgedQuote", Mistake::kForgedQuote, "wire gramine: a quote", "GetQuoteEx: quote: "},
        Case{"ForgedQeReport", Mistake::kForgedQeReport, "wire fortanix: a quote",
             "GetQuoteEx: qe_report_info: the MAC of the REPORT in it is wrong"},
        Case{"ZeroPubKeyId", Mistake::kZeroPubKeyId, "wire gramine: a quote",
             "InitQuoteEx: pub_key_id: it is all zero"},
        Case{"ManyFields", Mistake::kManyFields, "wire enarx: a quote", "more than 64 fields"},
        Case{"ManyKeys", Mistake::kManyKeys, "quote", "it offers 17 attestation keys, at most 16",
             "QD7200"},
        Case{"PrivateMode", Mistake::kPrivateMode, "socket mode", "it is 0700, expected 0777",
             "QD7200"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace quoted::preflight
