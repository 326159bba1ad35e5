#include "conformance/judge.h"

#include <gmock/gmock.h>

#include "conformance/expectation.h"
#include "conformance/quote_rules.h"
#include "crypto/digest.h"
#include "test_support/vectors.h"

namespace quoted::conformance {
namespace {

using test::unhex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Expectation expecting(std::initializer_list<const char*> lines) {
  Expectation out;
  for (const char* const line : lines) EXPECT_TRUE(add_expectation(line, out)) << line;
  return out;
}

Reply frame(const char* digits, std::size_t reads = 1) {
  return {.kind = Reply::Kind::kFrame, .body = unhex(digits), .body_reads = reads, .trouble = {}};
}

std::vector<std::string> verdict(const Expectation& expectation, const Reply& reply) {
  Known known;
  return judge(expectation, reply, known).findings;
}

TEST(Judge, ComparesBytes) {
  const auto expectation = expecting({"bytes 9a01020826"});
  EXPECT_THAT(verdict(expectation, frame("9a01020826")), IsEmpty());
  EXPECT_THAT(verdict(expectation, frame("9a01020827")),
              ElementsAre(HasSubstr("9a01020827 (5 bytes), expected 9a01020826")));
}

TEST(Judge, TellsClosingFromAnswering) {
  const Reply closed = {.kind = Reply::Kind::kClosed, .body = {}, .body_reads = 0, .trouble = {}};
  const Reply late = {
      .kind = Reply::Kind::kTimeout, .body = {}, .body_reads = 0, .trouble = "after 3 ms"};
  const auto close = expecting({"closed"});
  EXPECT_THAT(verdict(close, closed), IsEmpty());
  EXPECT_THAT(verdict(close, frame("9a01020826")), ElementsAre(HasSubstr("to be closed")));
  EXPECT_THAT(verdict(close, late), ElementsAre(HasSubstr("after 3 ms")));
  EXPECT_THAT(verdict(expecting({"bytes 00"}), closed), ElementsAre(HasSubstr("closed without")));
  EXPECT_THAT(verdict(expecting({"may-close", "bytes 00"}), closed), IsEmpty());
}

TEST(Judge, WantsAnAnswerInOnePiece) {
  EXPECT_THAT(verdict(expecting({"bytes 9a01020826"}), frame("9a01020826", 2)),
              ElementsAre(HasSubstr("pieces: the answer of 5 bytes came in 2")));
}

TEST(Judge, WantsTheResponseOfTheRequestAndNothingElse) {
  const auto expectation =
      expecting({"answer getQuoteSizeExRes", "errorCode value 0", "quote_size range 1 5000"});
  struct Case {
    const char* body;
    const char* finding;
  };
  EXPECT_THAT(verdict(expectation, frame("820105080010f823")), IsEmpty());
  for (const auto& [body, finding] : {
           Case{"a201020814", "response type: unsupportedRequestResponse, expected getQuoteSizeEx"},
           Case{"820105080010f8238201020800", "answer: it holds 2 fields"},
           Case{"800105", "answer: it holds 1 fields"},
           Case{"820105080010f8", "answer: not protobuf"},
           Case{"82010310f823", "errorCode: it is absent"},
           Case{"82010408001064ff", "answer: not protobuf"},
           Case{"8201020800", "quote_size: it is absent"},
           Case{"820105080110f823", "errorCode: 1, expected 0"},
           Case{"82010508001088fe", "answer: not protobuf"},
           Case{"82010608001090a10f", "quote_size: 250000, expected 1 to 5000"},
           Case{"820109080010f82318a40120", "answer: not protobuf"},
           Case{"820107080010f8230800", "errorCode: it is there more than once"},
           Case{"8201050a001001", "answer: not protobuf"},
           Case{"8201040a001001", "errorCode: wire type 2"},
           Case{"820108080010ffffffff7f", "quote_size: 34359738367 does not fit into 32 bits"},
       }) {
    const auto findings = verdict(expectation, frame(body));
    EXPECT_THAT(findings, ::testing::Contains(HasSubstr(finding))) << body;
  }
}

TEST(Judge, AFieldThatIsNotExpectedMustBeAbsent) {
  const auto first =
      expecting({"answer initQuoteExRes", "errorCode value 0", "pub_key_id_size value 32"});
  EXPECT_THAT(verdict(first, frame("7a0408001820")), IsEmpty());
  EXPECT_THAT(verdict(first, frame("7a07080018202201aa")),
              ElementsAre(HasSubstr("pub_key_id: it is there, expected none: aa (1 bytes)")));
  const auto optional = expecting({"answer initQuoteExRes", "errorCode value 0",
                                   "pub_key_id_size value 32", "pub_key_id optional"});
  EXPECT_THAT(verdict(optional, frame("7a07080018202201aa")), IsEmpty());
}

TEST(Judge, LooksAtBytesOfFields) {
  const auto size = expecting({"answer selectAttKeyIDRes", "errorCode value 0",
                               "selected_att_key_id size 2", "selected_att_key_id nonzero"});
  EXPECT_THAT(verdict(size, frame("9a010608001202aabb")), IsEmpty());
  EXPECT_THAT(verdict(size, frame("9a0105080012010a")),
              ElementsAre("selected_att_key_id: 1 bytes, expected 2"));
  EXPECT_THAT(verdict(size, frame("9a0106080012020000")),
              ElementsAre("selected_att_key_id: it is all zero"));
  const auto equals = expecting(
      {"answer selectAttKeyIDRes", "errorCode value 0", "selected_att_key_id equals aabb"});
  EXPECT_THAT(verdict(equals, frame("9a010608001202aabb")), IsEmpty());
  EXPECT_THAT(verdict(equals, frame("9a010608001202aacc")),
              ElementsAre(HasSubstr("the first difference is at 1")));
  const auto begins =
      expecting({"answer selectAttKeyIDRes", "errorCode value 0", "selected_att_key_id begins aa"});
  EXPECT_THAT(verdict(begins, frame("9a010608001202aacc")), IsEmpty());
  EXPECT_THAT(verdict(begins, frame("9a010608001202bbcc")), ElementsAre(HasSubstr("begin")));
}

TEST(Judge, OtherBytesMayBeJustAsGood) {
  const auto either = expecting({"answer getQuoteSizeExRes", "errorCode value 0",
                                 "quote_size range 1 9", "or-bytes 820104082a1000"});
  EXPECT_THAT(verdict(either, frame("820104080010"
                                    "05")),
              IsEmpty());
  EXPECT_THAT(verdict(either, frame("820104082a1000")), IsEmpty());
  EXPECT_THAT(verdict(either, frame("820104082a1001")), Not(IsEmpty()));
  Expectation unused;
  EXPECT_FALSE(add_expectation("or-bytes ", unused));
}

TEST(Judge, AdvisesAgainstFieldsThatNoClientKnowsAndDoesNotGoOnForEver) {
  const auto expectation = expecting({"answer selectAttKeyIDRes", "errorCode value 0"});
  std::string unknown = "0800";
  std::string unwanted = "0800";
  for (int i = 0; i < 40; ++i) {
    unknown += "1801";
    unwanted += "1200";
  }
  Known known;
  const Verdict advised = judge(expectation,
                                frame("9a0104"
                                      "08001801"),
                                known);
  EXPECT_THAT(advised.findings, IsEmpty());
  EXPECT_THAT(advised.advice, ElementsAre("field 3: no client knows it"));
  const Verdict many = judge(expectation, frame(("9a0152" + unknown).c_str()), known);
  EXPECT_THAT(many.advice, SizeIs(kMaxFindings));
  EXPECT_THAT(verdict(expectation, frame(("9a0152" + unwanted).c_str())), SizeIs(kMaxFindings));
}

TEST(Judge, SavesWhatLaterStepsNeed) {
  Known known;
  const auto number =
      expecting({"answer getSupportedAttKeyIDNumRes", "errorCode value 0",
                 "att_key_id_num range 1 16", "save key_ids_size att_key_id_num 256"});
  EXPECT_THAT(judge(number, frame("aa010408001002"), known).findings, IsEmpty());
  EXPECT_EQ(known.key_ids_size, 512);
  EXPECT_EQ(known.value_of({.told = Told::kKeyIdsSize, .number = -1}), 511);
  EXPECT_EQ(known.value_of({.told = Told::kQuoteSize, .number = 0}), std::nullopt);
}

TEST(Judge, PicksTheKeyIdByItsAlgorithm) {
  sgx::AttestationKeyId epid;
  sgx::AttestationKeyId ecdsa = sgx::ecdsa_p256_key_id();
  base::Bytes ids = base::to_bytes(base::struct_bytes(epid));
  base::append(ids, base::struct_bytes(ecdsa));
  base::Bytes inner = unhex(
      "08001280"
      "04");
  base::append(inner, ids);
  base::Bytes body = unhex("b2018504");
  base::append(body, inner);
  const auto expectation = expecting({"answer getSupportedAttKeyIDsRes", "errorCode value 0",
                                      "att_key_ids size 512", "save key_id att_key_ids"});
  Known known;
  Reply reply = frame("");
  reply.body = body;
  EXPECT_THAT(judge(expectation, reply, known).findings, IsEmpty());
  ASSERT_TRUE(known.key_id);
  EXPECT_TRUE(base::equal(base::struct_bytes(*known.key_id), base::struct_bytes(ecdsa)));

  // The algorithm of the second one.
  reply.body[body.size() - 256 + 154] = std::byte{1};
  EXPECT_THAT(judge(expectation, reply, known).findings, ElementsAre(HasSubstr("algorithm 2")));
}

// A quote of `signature` bytes of signature data in a field with `padding` behind.
base::Bytes quote_field(const sgx::Report& report, std::uint8_t signature, std::size_t padding) {
  base::Bytes out(48);
  out[0] = std::byte{3};
  base::append(out, base::struct_bytes(report.body));
  base::append(out, base::Bytes{std::byte{signature}, std::byte{0}, std::byte{0}, std::byte{0}});
  out.resize(out.size() + signature, std::byte{0x55});
  out.resize(out.size() + padding);
  return out;
}

std::vector<std::string> verdict_on_quote(const base::Bytes& quote, const sgx::Report& report,
                                          const Witnesses& witnesses = {}) {
  const auto expectation =
      expecting({"answer getQuoteExRes", "errorCode value 0", "quote is-quote"});
  base::Bytes inner = unhex("080012");
  inner.push_back(static_cast<std::byte>((quote.size() & 0x7FU) | 0x80U));
  inner.push_back(static_cast<std::byte>(quote.size() >> 7U));
  base::append(inner, quote);
  Reply reply = frame("8a01");
  reply.body.push_back(static_cast<std::byte>((inner.size() & 0x7FU) | 0x80U));
  reply.body.push_back(static_cast<std::byte>(inner.size() >> 7U));
  base::append(reply.body, inner);
  Known known;
  known.report = report;
  return judge(expectation, reply, known, witnesses).findings;
}

TEST(Judge, AsksTheWitnessAboutAQuoteWithoutItsPadding) {
  const sgx::Report report;
  const base::Bytes quote = quote_field(report, 100, 30);
  std::size_t seen = 0;
  const auto findings = verdict_on_quote(quote, report,
                                         {.of_quote =
                                              [&](base::ByteView bytes) {
                                                seen = bytes.size();
                                                return std::string("it is forged");
                                              },
                                          .of_report = {}});
  EXPECT_THAT(findings, ElementsAre("quote: it is forged"));
  EXPECT_EQ(seen, quote.size() - 30);
}

// What a daemon vouches with for the quote of an empty REPORT.
struct Vouched {
  sgx::TargetInfo qe;
  sgx::QeReportInfo info;
  base::Bytes quote = quote_field({}, 100, 0);

  Vouched() {
    qe.mr_enclave.mutable_view()[0] = std::byte{0x51};
    qe.attributes.flags = sgx::flags::kInit;
    info.qe_report.body.mr_enclave = qe.mr_enclave;
    info.qe_report.body.attributes = qe.attributes;
    const auto digest = crypto::sha256({info.nonce.view(), quote}).value();
    std::ranges::copy(digest.view(), info.qe_report.body.report_data.mutable_view().begin());
  }
  [[nodiscard]] std::string flaw() const {
    return flaw_of_qe_report_info(base::struct_bytes(info), quote, qe);
  }
};

TEST(Judge, WantsTheReportOfTheEnclaveThatReportsWereFor) {
  EXPECT_EQ(Vouched().flaw(), "");
  Vouched other;
  other.info.qe_report.body.mr_enclave.mutable_view()[1] = std::byte{1};
  EXPECT_THAT(other.flaw(), HasSubstr("another enclave"));
  Vouched debug;
  debug.info.qe_report.body.attributes.flags = sgx::flags::kInit | sgx::flags::kDebug;
  EXPECT_THAT(debug.flaw(), HasSubstr("attributes"));
  Vouched unrelated;
  unrelated.info.nonce.mutable_view()[0] = std::byte{1};
  EXPECT_THAT(unrelated.flaw(), HasSubstr("SHA-256"));
}

TEST(Judge, LooksIntoAQuote) {
  sgx::Report report;
  report.body.isv_svn = 7;
  EXPECT_THAT(verdict_on_quote(quote_field(report, 100, 30), report), IsEmpty());
  EXPECT_THAT(verdict_on_quote(quote_field({}, 100, 30), report),
              ElementsAre(HasSubstr("not of the REPORT")));
  auto quote = quote_field(report, 100, 30);
  quote.back() = std::byte{1};
  EXPECT_THAT(verdict_on_quote(quote, report), ElementsAre(HasSubstr("not zero")));
  quote = quote_field(report, 100, 0);
  quote.pop_back();
  EXPECT_THAT(verdict_on_quote(quote, report), ElementsAre(HasSubstr("do not hold the quote")));
  quote = quote_field(report, 100, 0);
  quote[0] = std::byte{4};
  EXPECT_THAT(verdict_on_quote(quote, report), ElementsAre(HasSubstr("version 4")));
}

}  // namespace
}  // namespace quoted::conformance
