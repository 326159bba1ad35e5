// quotectl verify: verdicts, their exit codes and their shape.
#include "crypto/certificate.h"
#include "quotectl_fixture.h"
#include "test_support/vectors.h"

namespace quoted::quotectl {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kRealQuote = QUOTED_VECTORS_DIR "/real-quotes/sgx-v3-platform.bin";
constexpr const char* kDebugQuote = QUOTED_VECTORS_DIR "/real-quotes/sgx-v3-platform-debug.bin";
constexpr const char* kIntelRoot = QUOTED_VECTORS_DIR "/real-certificates/intel-sgx-root-ca.der";
constexpr const char* kTime = "2025-08-30T05:09:06Z";

class Verify : public QuotectlTest {
 protected:
  [[nodiscard]] test::ProcessResult verify(const std::string& quote,
                                           std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"verify", quote});
    return quotectl(more);
  }
  [[nodiscard]] ordered_json verify_json(const std::string& quote,
                                         std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    return ordered_json::parse(verify(quote, more).out);
  }
  // The real quote with one bit of MRENCLAVE flipped.
  [[nodiscard]] std::string flipped_quote() const {
    base::Bytes bytes = read(kRealQuote);
    bytes[48 + 64] ^= std::byte{1};
    return write("flipped", bytes);
  }
};

// Words by which a reader or a script could take a refusal for the opposite.
void expect_refusal_without_claims(const std::string& out) {
  EXPECT_THAT(out, StartsWith("REFUSED: "));
  EXPECT_THAT(out, Not(HasSubstr("VERIFIED")));
  EXPECT_THAT(out, Not(HasSubstr("mr_enclave")));
  EXPECT_THAT(out, Not(HasSubstr("ppid")));
}

TEST_F(Verify, TextOfAVerifiedQuote) {
  const auto result = verify(kRealQuote, {"--time", kTime});
  EXPECT_EQ(result.exit_code, kVerified);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, R"(VERIFIED
collateral: not checked (TCB level, revocation and QE identity were not checked: no collateral was consulted)
checks:
  [ok]   structure: version 3, 4730 bytes
  [ok]   certification_data: type 5, PCK certificate chain
  [ok]   chain: PCK certificate of 'CN = Intel SGX PCK Platform CA, O = Intel Corporation, L = Santa Clara, ST = CA, C = US', FMSPC 90c06f000000
  [ok]   root: trusted root 'Intel SGX Root CA'
  [ok]   validity: valid at 2025-08-30T05:09:06Z, until 2032-03-23T03:53:21Z
  [ok]   qe_report_signature: the PCK key signed the QE report
  [ok]   qe_report_binding: the QE report holds the hash of attestation key and authentication data
  [ok]   quote_signature: the attestation key signed header and report body
  [ok]   debug: the enclave has no DEBUG attribute
root: Intel SGX Root CA
enclave:
  mr_enclave: 0696ab235b2d339e68a4303cb64cde005bb8cdf2448bed742ac8ea8339bd0cb7
  mr_signer: 1b40ed24a3ef11e7fba6aa9de37c7c79746196447e9605286e9ff9ca3e0c6ac4
  isv_prod_id: 0
  isv_svn: 0
  attributes: INIT MODE64BIT
  report_data: 888d97435fd51947e5a8c71f73ba24d9abcf716a1ac05b495a54f9a6fb54609e0000000000000000000000000000000000000000000000000000000000000000
platform:
  fmspc: 90c06f000000
  ppid: 259484b528fd56770ac1c930bf171cd0
  cpu_svn: 02020202030100050000000000000000
  pce_svn: 13
  pce_id: 0000
  sgx_type: scalable with integrity
  platform_instance_id: 37346aee103736039361ec9af41ca765
)");
}

TEST_F(Verify, TextOfARefusedQuote) {
  const auto result = verify(flipped_quote(), {"--time", kTime});
  EXPECT_EQ(result.exit_code, kRefused);
  EXPECT_EQ(result.err, "");
  expect_refusal_without_claims(result.out);
  EXPECT_EQ(
      result.out,
      R"(REFUSED: The attestation key's signature over header and report body does not verify: the attestation key did not sign header and report body
  cause:  the quote was altered
  remedy: reject the quote
  code:   QD8003 QUOTE_SIGNATURE_INVALID
collateral: not checked (TCB level, revocation and QE identity were not checked: no collateral was consulted)
checks:
  [ok]   structure: version 3, 4730 bytes
  [ok]   certification_data: type 5, PCK certificate chain
  [ok]   chain: PCK certificate of 'CN = Intel SGX PCK Platform CA, O = Intel Corporation, L = Santa Clara, ST = CA, C = US', FMSPC 90c06f000000
  [ok]   root: trusted root 'Intel SGX Root CA'
  [ok]   validity: valid at 2025-08-30T05:09:06Z, until 2032-03-23T03:53:21Z
  [ok]   qe_report_signature: the PCK key signed the QE report
  [ok]   qe_report_binding: the QE report holds the hash of attestation key and authentication data
  [FAIL] quote_signature: the attestation key did not sign header and report body
  [--]   debug
)");
}

TEST_F(Verify, DebugEnclaveIsAWarning) {
  const auto result = verify(kDebugQuote, {"--time", kTime});
  EXPECT_EQ(result.exit_code, kVerifiedWithWarnings);
  EXPECT_THAT(result.out, StartsWith("VERIFIED WITH WARNINGS\n"));
  EXPECT_THAT(result.out, HasSubstr("[WARN] debug: "));
  const ordered_json json = verify_json(kDebugQuote, {"--time", kTime});
  EXPECT_EQ(json["status"], "verified_with_warnings");
  EXPECT_EQ(json["checks"].back()["outcome"], "warned");
  EXPECT_EQ(json["enclave"]["attributes"]["debug"], true);
}

TEST_F(Verify, JsonOfAVerifiedQuote) {
  const ordered_json json = verify_json(kRealQuote, {"--time", kTime});
  EXPECT_EQ(json["status"], "verified");
  for (const char* const empty : {"reason", "code", "remedy"}) EXPECT_EQ(json[empty], nullptr);
  EXPECT_EQ(json["simulated"], false);
  EXPECT_EQ(json["collateral"], "not checked");
  EXPECT_EQ(json["root"], "Intel SGX Root CA");
  ASSERT_EQ(json["checks"].size(), 9U);
  for (const auto& check : json["checks"]) {
    EXPECT_EQ(check["outcome"], "passed") << check;
    EXPECT_NE(check["name"], "");
    EXPECT_NE(check["detail"], "");
  }
  EXPECT_EQ(json["enclave"]["mr_enclave"],
            "0696ab235b2d339e68a4303cb64cde005bb8cdf2448bed742ac8ea8339bd0cb7");
  EXPECT_EQ(json["enclave"]["attributes"]["debug"], false);
  EXPECT_EQ(json["pck"]["fmspc"], "90c06f000000");
  EXPECT_EQ(json["pck"]["ppid"], "259484b528fd56770ac1c930bf171cd0");
  EXPECT_FALSE(json.contains("warning"));
}

TEST_F(Verify, JsonOfARefusedQuoteHoldsNoClaim) {
  const ordered_json json = verify_json(flipped_quote(), {"--time", kTime});
  EXPECT_EQ(json["status"], "refused");
  EXPECT_EQ(json["code"], "QD8003");
  EXPECT_EQ(json["remedy"], "reject the quote");
  EXPECT_THAT(json["reason"].get<std::string>(), HasSubstr("did not sign"));
  EXPECT_EQ(json["collateral"], "not checked");
  for (const char* const claim : {"root", "enclave", "pck"}) EXPECT_EQ(json[claim], nullptr);
  EXPECT_EQ(json["checks"][7]["name"], "quote_signature");
  EXPECT_EQ(json["checks"][7]["outcome"], "failed");
  EXPECT_EQ(json["checks"][8]["outcome"], "not_reached");
}

TEST_F(Verify, SimulatedQuoteIsRefusedByDefault) {
  const std::string quote = make_quote("quote");
  const auto result = verify(quote);
  EXPECT_EQ(result.exit_code, kRefused);
  expect_refusal_without_claims(result.out);
  EXPECT_THAT(
      result.out,
      StartsWith("REFUSED: The quote comes from the simulated platform, which has no security: "));
  EXPECT_THAT(result.out, HasSubstr("\nSIMULATED-NO-SECURITY: "));
  EXPECT_THAT(result.out, HasSubstr("quotectl sim root"));
  const ordered_json json = verify_json(quote);
  EXPECT_EQ(json["code"], "QD8009");
  EXPECT_EQ(json["simulated"], true);
  EXPECT_THAT(json["warning"].get<std::string>(), StartsWith(kSimulated));
}

TEST_F(Verify, SimulatedQuoteVerifiesUnderItsNamedRoot) {
  const std::string root = make_root("root.pem");
  for (const std::vector<std::string>& cpu : {std::vector<std::string>{"--cpu", "own"},
                                              {"--cpu", "sdk-sim", "--cpusvn", "default"},
                                              {"--cpu", "sdk-sim", "--cpusvn", "upgraded"},
                                              {"--cpu", "sdk-sim", "--cpusvn", "downgraded"}}) {
    const std::string quote = make_quote("quote", cpu);
    const auto result = verify(quote, {"--root", root});
    EXPECT_EQ(result.exit_code, kVerified) << result.out << result.err;
    EXPECT_THAT(result.out, AllOf(StartsWith("VERIFIED\nSIMULATED-NO-SECURITY: "),
                                  HasSubstr("\nroot: " + root + "\n")));
  }
  const ordered_json json = verify_json(file("quote"), {"--root", root});
  EXPECT_EQ(json["simulated"], true);
  EXPECT_EQ(json["root"], root);
  EXPECT_EQ(json["pck"]["fmspc"], "ff53494d0000");

  EXPECT_EQ(verify(make_quote("debug", {"--debug"}), {"--root", root}).exit_code,
            kVerifiedWithWarnings);
}

TEST_F(Verify, RootOfAnotherSeedRefuses) {
  const std::string quote = make_quote("quote");
  const std::string seed = write("seed", base::Bytes(32, std::byte{5}));
  ASSERT_EQ(quotectl({"sim", "root", "--seed-file", seed, "--out", file("other.pem")}).exit_code,
            0);
  const auto result = verify(quote, {"--root", file("other.pem")});
  EXPECT_EQ(result.exit_code, kRefused);
  expect_refusal_without_claims(result.out);
}

TEST_F(Verify, OnlyTheNamedRootIsTrusted) {
  EXPECT_EQ(verify(kRealQuote, {"--root", make_root("root.pem"), "--time", kTime}).exit_code,
            kRefused);

  const auto intel = crypto::Certificate::parse_der(read(kIntelRoot)).value();
  const std::string named = write("intel.pem", base::as_bytes(intel.pem()));
  EXPECT_EQ(verify(kRealQuote, {"--root", named, "--time", kTime}).exit_code, kVerified);
  EXPECT_EQ(verify(kRealQuote, {"--root", kIntelRoot, "--time", kTime}).exit_code, kVerified);
  EXPECT_EQ(verify(make_quote("quote"), {"--root", named}).exit_code, kRefused);
}

TEST_F(Verify, TimeIsUnixOrRfc3339) {
  const auto time_line = [&](const std::string& time) {
    return verify_json(kRealQuote, {"--time", time})["checks"][4]["detail"].get<std::string>();
  };
  const std::string expected = time_line(kTime);
  EXPECT_THAT(expected, StartsWith("valid at 2025-08-30T05:09:06Z"));
  for (const char* const same :
       {"1756530546", "2025-08-30t05:09:06z", "2025-08-30 05:09:06Z", "2025-08-30T05:09:06.999Z",
        "2025-08-30T07:09:06+02:00", "2025-08-29T23:39:06-05:30", "2025-08-30T05:09:06-00:00"}) {
    EXPECT_EQ(time_line(same), expected) << same;
  }
  for (const char* const wrong :
       {"", "2025-08-30", "2025-08-30T05:09:06", "2025-8-30T05:09:06Z", "2025-02-29T05:09:06Z",
        "2025-08-30T24:00:00Z", "2025-08-30T05:60:06Z", "2025-08-30T05:09:61Z",
        "2025-08-30T05:09:06ZZ", "2025-08-30T05:09:06.Z", "2025-08-30T05:09:06+2", "+1756530546",
        "1756530546s", "-1", "99999999999999", "99999999999999999999", "1969-12-31T23:59:59Z",
        "-025-08-30T05:09:06Z"}) {
    EXPECT_THAT(verify(kRealQuote, {std::string("--time=") + wrong}), IsErrorSaying("--time"))
        << wrong;
  }
}

TEST_F(Verify, CertificatesMustBeValidAtTheTime) {
  const auto late = verify(kRealQuote, {"--time", "2040-01-01T00:00:00Z"});
  EXPECT_EQ(late.exit_code, kRefused);
  expect_refusal_without_claims(late.out);
  EXPECT_THAT(late.out, HasSubstr("QD8007 CHAIN_EXPIRED"));
  EXPECT_EQ(verify(kRealQuote, {"--time", "0"}).exit_code, kRefused);
}

TEST_F(Verify, EveryByteCounts) {
  const base::Bytes good = read(make_quote("quote"));
  const std::string root = make_root("root.pem");
  ASSERT_EQ(verify(file("quote"), {"--root", root}).exit_code, kVerified);
  // Up to the certificates; in those, unused bits of an encoding may differ.
  for (std::size_t offset = 0; offset < 1052; offset += 13) {
    base::Bytes bad = good;
    bad[offset] ^= std::byte{1} << (offset % 8);
    const auto result = verify(write("bad", bad), {"--root", root});
    EXPECT_EQ(result.exit_code, kRefused) << "offset " << offset << ": " << result.out;
  }
  EXPECT_EQ(
      verify(write("cut", base::ByteView(good).first(good.size() - 1)), {"--root", root}).exit_code,
      kRefused);
  base::Bytes longer = good;
  longer.push_back(std::byte{0});
  EXPECT_EQ(verify(write("longer", longer), {"--root", root}).exit_code, kRefused);
}

TEST_F(Verify, WhatIsNoQuoteIsRefused) {
  expect_refusal_without_claims(verify(write("empty", {})).out);
  expect_refusal_without_claims(verify(write("text", base::as_bytes("hello"))).out);
}

TEST_F(Verify, TdxQuotesHaveATdReport) {
  const std::string quote = QUOTED_VECTORS_DIR "/real-quotes/tdx-v4.bin";
  const auto result = verify(quote, {"--time", "2026-03-01T00:00:00Z"});
  EXPECT_EQ(result.exit_code, kVerified) << result.out;
  EXPECT_THAT(result.out, HasSubstr("\ntd:\n  tee_tcb_svn: "));
  EXPECT_TRUE(verify_json(quote, {"--time", "2026-03-01T00:00:00Z"})["td"].contains("mr_td"));
}

TEST_F(Verify, FilesThatCannotBeUsedAreErrors) {
  EXPECT_THAT(verify(file("none")), IsErrorSaying(file("none")));
  EXPECT_THAT(verify(directory_.path()), IsErrorSaying("Is a directory"));
  EXPECT_THAT(verify(write("large", base::Bytes(200'000))), IsErrorSaying("larger than"));
  EXPECT_THAT(verify(kRealQuote, {"--root", file("none")}), IsErrorSaying(file("none")));
  EXPECT_THAT(verify(kRealQuote, {"--root", write("text", base::as_bytes("hello"))}),
              IsErrorSaying("the root " + file("text")));

  const auto chain =
      crypto::parse_pem_chain(
          test::read_text_vector("real-certificates/pck-chain-platform-B0C06F000000.pem"))
          .value();
  const std::string leaf = write("leaf.pem", base::as_bytes(chain.front().pem()));
  EXPECT_THAT(verify(kRealQuote, {"--root", leaf}), IsErrorSaying("is not a CA"));
}

}  // namespace
}  // namespace quoted::quotectl
