// quotectl verify --collateral and quotectl collateral: every recorded case through the program as
// scripts start it, bundles, flags that contradict each other, and hostile documents.
#include "collateral/collateral.h"
#include "crypto/certificate_builder.h"
#include "quotectl_fixture.h"
#include "test_support/vectors.h"
#include "verification/testing/vector_cases.h"

namespace quoted::quotectl {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using verification::testing::VectorCase;

// Fit for a terminal: nothing of a document reaches it that would move its cursor.
MATCHER(IsPlainText, "") {
  return std::ranges::all_of(arg, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

std::uint32_t code(const ordered_json& value) {
  return static_cast<std::uint32_t>(std::stoul(value.get<std::string>(), nullptr, 16));
}

class VerifyCollateral : public QuotectlTest {
 protected:
  // The files of a case, below `name`: quote.bin, the seven documents and root.pem.
  void lay_out(const VectorCase& vector, const std::string& name) const {
    fs::create_directories(file(name));
    const auto put = [&](const std::string& part, base::ByteView content) {
      write(name + '/' + part, content);
    };
    put("quote.bin", vector.file("quote.bin"));
    put("root.pem", base::as_bytes(vector.root().pem()));
    const collateral::Collateral documents = vector.collateral();
    for (const auto& part : collateral::kCollateralParts) {
      put(std::string(part.file_names.front()), documents.*part.bytes);
    }
  }

  // Verifies the quote of `name`, below which a case was laid out.
  [[nodiscard]] test::ProcessResult verify(const std::string& name, const VectorCase& vector,
                                           std::vector<std::string> more = {}) const {
    const bool own = std::ranges::find(more, "--collateral") != more.end();
    if (!own) more.insert(more.begin(), {"--collateral", file(name)});
    more.insert(more.begin(),
                {"verify", file(name) + "/quote.bin", "--root", file(name) + "/root.pem", "--time",
                 std::to_string(vector.at.time_since_epoch().count())});
    return quotectl(more);
  }

  // The synthetic case in which everything is in order.
  void lay_out_base() const { lay_out(base_case(), "case"); }
  static const VectorCase& base_case() {
    static const VectorCase found = [] {
      for (VectorCase& one : verification::testing::vector_cases()) {
        if (one.name == "converge_UpToDate__qe_UpToDate") return std::move(one);
      }
      throw std::logic_error("the base case is not there");
    }();
    return found;
  }
};

// Nothing that a refused quote or its documents claim could be taken for a finding.
void expect_no_claims(const std::string& out) {
  for (const char* const claim :
       {"VERIFIED", "UpToDate", "\"verified", "mr_enclave", "\n  fmspc:"}) {
    EXPECT_THAT(out, Not(HasSubstr(claim)));
  }
}

// The word, the exit code and the numbers say the same.
void expect_consistent(const ordered_json& verdict, int exit_code) {
  const bool refused = exit_code == kRefused;
  EXPECT_EQ(verdict["status"], refused                  ? "refused"
                               : exit_code == kVerified ? "verified"
                                                        : "verified_with_warnings");
  EXPECT_EQ(verdict["code"].is_null(), !refused);
  EXPECT_EQ(verdict["tcb_status"].is_null(), refused);
  EXPECT_EQ(code(verdict["qv_return"]) == 0, !refused);
  EXPECT_EQ(verdict["warnings"].empty(), exit_code != kVerifiedWithWarnings);
  if (refused) {
    EXPECT_EQ(code(verdict["qv_result"]), 0xA006U);
    EXPECT_TRUE(verdict["advisories"].empty());
  }
  if (exit_code == kVerified) {
    EXPECT_EQ(verdict["tcb_status"], "UpToDate");
    EXPECT_EQ(code(verdict["qv_result"]), 0U);
    EXPECT_EQ(verdict["expiration_status"], 0);
  }
}

class RecordedVerify : public VerifyCollateral, public testing::WithParamInterface<VectorCase> {
 protected:
  void SetUp() override { lay_out(GetParam(), "case"); }
};

TEST_P(RecordedVerify, AnswersAsIntelDoes) {
  const VectorCase& vector = GetParam();
  const auto result = verify("case", vector, {"--compat", "intel", "--json"});
  EXPECT_EQ(result.err, "");
  const ordered_json verdict = ordered_json::parse(result.out);
  EXPECT_EQ(verdict["mode"], "intel");
  EXPECT_EQ(code(verdict["qv_return"]), vector.qv_return) << verdict["reason"];
  EXPECT_EQ(code(verdict["qv_result"]), vector.qv_result);
  EXPECT_EQ(verdict["expiration_status"], vector.expiration_status);
  EXPECT_EQ(result.exit_code == kRefused, vector.qv_return != 0);
  expect_consistent(verdict, result.exit_code);
  if (vector.qv_return != 0) return expect_no_claims(result.out);
  EXPECT_EQ(verdict["advisories"], ordered_json(vector.advisories));
  EXPECT_EQ(verdict["tcb_evaluation_data_number"], vector.evaluation_number);
}

TEST_P(RecordedVerify, StrictModeNeverSaysYesWhereIntelSaysNo) {
  const VectorCase& vector = GetParam();
  const auto result = verify("case", vector, {"--json"});
  const ordered_json verdict = ordered_json::parse(result.out);
  EXPECT_EQ(verdict["mode"], "strict");
  expect_consistent(verdict, result.exit_code);
  // Intel's call fails there because its output has no room for so many, not because of the quote.
  const bool no_room = vector.name == "tcb_21_advisories";
  if (vector.qv_return != 0 && !no_room) {
    EXPECT_EQ(result.exit_code, kRefused);
  }
  if (vector.expiration_status != 0) {
    EXPECT_NE(result.exit_code, kVerified);
  }
  if (result.exit_code == kRefused) {
    EXPECT_EQ(vector.qv_return != 0, verdict["differences"].empty());
    expect_no_claims(result.out);
  } else if (!no_room) {
    EXPECT_EQ(code(verdict["qv_result"]), vector.qv_result);
  } else {
    EXPECT_EQ(verdict["tcb_status"], "OutOfDate");
    EXPECT_EQ(verdict["advisories"].size(), 21U);
  }

  const auto text = verify("case", vector, {"--verbose"});
  EXPECT_EQ(text.exit_code, result.exit_code);
  EXPECT_THAT(text.out, IsPlainText());
  EXPECT_THAT(text.out, StartsWith(result.exit_code == kRefused    ? "REFUSED: "
                                   : result.exit_code == kVerified ? "VERIFIED\n"
                                                                   : "VERIFIED WITH WARNINGS\n"));
  if (result.exit_code == kRefused) expect_no_claims(text.out);
}

TEST_P(RecordedVerify, BundleGivesTheSameVerdictAsItsDirectory) {
  const VectorCase& vector = GetParam();
  const auto bundled = quotectl({"collateral", "bundle", file("case"), "--out", file("bundle")});
  ASSERT_EQ(bundled.exit_code, 0) << bundled.err;
  EXPECT_EQ(verify("case", vector, {"--collateral", file("bundle"), "--json"}).out,
            verify("case", vector, {"--json"}).out);
}

std::string case_name(const testing::TestParamInfo<VectorCase>& info) {
  std::string out = info.param.name;
  std::ranges::replace_if(out, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return out;
}

INSTANTIATE_TEST_SUITE_P(Vectors, RecordedVerify,
                         testing::ValuesIn(verification::testing::vector_cases()), case_name);

TEST_F(VerifyCollateral, TextLeadsWithTheVerdict) {
  lay_out_base();
  const auto result = verify("case", base_case());
  EXPECT_EQ(result.exit_code, kVerified);
  EXPECT_THAT(result.out, StartsWith("VERIFIED\ncollateral: checked\n  tcb_status: UpToDate\n"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("\n  qe_tcb_status: UpToDate\n"),
                                HasSubstr("\n  qv_result_name: OK\n"), HasSubstr(" passed, 0 not"),
                                Not(HasSubstr("[ok]")), HasSubstr("\nenclave:\n")));
  const auto verbose = verify("case", base_case(), {"-v"});
  EXPECT_THAT(verbose.out, AllOf(HasSubstr("\n  [ok]   strict.expiry: until 2026-07-01T"),
                                 Not(HasSubstr("--verbose shows"))));
}

TEST_F(VerifyCollateral, FlagsWithoutEffectAreErrors) {
  lay_out_base();
  const std::string quote = file("case") + "/quote.bin";
  EXPECT_THAT(quotectl({"verify", quote, "--compat", "intel"}),
              IsErrorSaying("--compat needs --collateral"));
  EXPECT_THAT(quotectl({"verify", quote, "--allow-debug"}),
              IsErrorSaying("--allow-debug needs --collateral"));
  EXPECT_THAT(verify("case", base_case(), {"--compat", "intel", "--allow-debug"}),
              IsErrorSaying("--allow-debug goes without --compat intel"));
  EXPECT_THAT(verify("case", base_case(), {"--compat", "other"}), IsErrorSaying("--compat"));
  EXPECT_THAT(verify("case", base_case(), {"--compat"}), IsErrorSaying("--compat"));
}

TEST_F(VerifyCollateral, FilesThatCannotBeUsedAreErrors) {
  lay_out_base();
  for (const auto& part : collateral::kCollateralParts) {
    const std::string path = file("case") + '/' + std::string(part.file_names.front());
    fs::rename(path, file("aside"));
    for (const auto& result :
         {verify("case", base_case()), quotectl({"collateral", "show", file("case")}),
          quotectl({"collateral", "bundle", file("case"), "--out", file("bundle")})}) {
      EXPECT_THAT(result, IsErrorSaying("there is no " + std::string(part.file_names.front())));
    }
    fs::create_directory(path);
    EXPECT_THAT(verify("case", base_case()), IsErrorSaying("Is a directory"));
    fs::remove(path);
    fs::rename(file("aside"), path);
  }
  EXPECT_FALSE(fs::exists(file("bundle")));
  EXPECT_THAT(verify("case", base_case(), {"--collateral", file("none")}),
              IsErrorSaying(file("none")));
  EXPECT_THAT(verify("case", base_case(), {"--collateral", file("case") + "/tcb_info.json"}),
              IsErrorSaying("no JSON object with \"format\""));
  EXPECT_THAT(quotectl({"collateral", "show", write("text", base::as_bytes("hello"))}),
              IsErrorSaying(file("text")));
  EXPECT_THAT(quotectl({"collateral", "bundle", file("case"), "--out", directory_.path()}),
              IsErrorSaying("not a regular file"));
  EXPECT_THAT(quotectl({"collateral", "bundle", file("case")}), IsErrorSaying("--out"));
  EXPECT_THAT(quotectl({"collateral"}), IsErrorSaying(""));
}

TEST_F(VerifyCollateral, EmptyPartsAreRefusedAndNotBundled) {
  lay_out_base();
  for (const auto& part : collateral::kCollateralParts) {
    const std::string name = "case/" + std::string(part.file_names.front());
    const base::Bytes content = read(file(name));
    for (const std::string& empty : {std::string(), std::string(2, '\0')}) {
      write(name, base::as_bytes(empty));
      const auto result = verify("case", base_case());
      EXPECT_EQ(result.exit_code, kRefused) << name;
      expect_no_claims(result.out);
      EXPECT_THAT(quotectl({"collateral", "bundle", file("case"), "--out", file("bundle")}),
                  IsErrorSaying("'" + std::string(part.name) + "'"));
    }
    write(name, content);
  }
}

TEST_F(VerifyCollateral, ABundleHoldsOnlyTextsThatItGivesBack) {
  lay_out_base();
  write("case/tcb_info.json", base::as_bytes("{\"a\":\"\xFF\"}"));
  EXPECT_THAT(quotectl({"collateral", "bundle", file("case"), "--out", file("bundle")}),
              IsErrorSaying("'tcb_info' is not UTF-8 text"));
  EXPECT_FALSE(fs::exists(file("bundle")));
}

TEST_F(VerifyCollateral, ShowSaysWhatIsInItAndWhenItEnds) {
  lay_out_base();
  const auto bundled = quotectl({"collateral", "bundle", file("case"), "--out", file("bundle")});
  EXPECT_EQ(bundled.out, "");
  EXPECT_THAT(bundled.err, HasSubstr("good until 2026-07-01T00:00:00Z, when "));
  for (const char* const source : {"case", "bundle"}) {
    const auto text = quotectl({"collateral", "show", file(source)});
    EXPECT_EQ(text.exit_code, 0);
    EXPECT_THAT(text.err, HasSubstr("'quotectl verify' checks their signatures"));
    EXPECT_THAT(text.out, StartsWith("expires:\n  #1:\n    until: 2026-07-01T00:00:00Z\n"));
    EXPECT_THAT(text.out, AllOf(HasSubstr("\n  fmspc: 0a1b2c3d4e5f\n"),
                                HasSubstr("status: UpToDate"), IsPlainText()));
    const auto json =
        ordered_json::parse(quotectl({"collateral", "show", file(source), "--json"}).out);
    EXPECT_EQ(json["tcb_info"]["tcb_levels"].size(), 2U);
    EXPECT_EQ(json["qe_identity"]["id"], "QE");
    EXPECT_EQ(json["pck_crl"]["revoked"], 0);
    EXPECT_EQ(json["tcb_info_issuer_chain"]["certificates"].size(), 2U);
    EXPECT_TRUE(std::ranges::is_sorted(json["expires"], {}, [](const ordered_json& entry) {
      return entry["until"].get<std::string>();
    }));
  }
}

TEST_F(VerifyCollateral, ShowSaysWhatCannotBeRead) {
  lay_out_base();
  for (const auto& part : collateral::kCollateralParts) {
    write("case/" + std::string(part.file_names.front()), base::as_bytes("?"));
  }
  const auto result = quotectl({"collateral", "show", file("case"), "--json"});
  EXPECT_EQ(result.exit_code, 0);
  const auto json = ordered_json::parse(result.out);
  EXPECT_TRUE(json["expires"].empty());
  for (const auto& part : collateral::kCollateralParts) {
    EXPECT_TRUE(json[std::string(part.name)].contains("unreadable")) << part.name;
  }
}

TEST_F(VerifyCollateral, WhatDocumentsSayIsNotPrintedRaw) {
  lay_out_base();
  const std::string hostile = "\x1b[31m\r\nVERIFIED\x07\xC2\x9B";
  const auto expect_plain = [&] {
    for (const auto& result :
         {verify("case", base_case(), {"-v"}), verify("case", base_case(), {"--json"}),
          verify("case", base_case(), {"-v", "--compat", "intel"}),
          quotectl({"collateral", "show", file("case")}),
          quotectl({"collateral", "show", file("case"), "--json"}),
          quotectl({"collateral", "bundle", file("case"), "--out", file("bundle")})}) {
      EXPECT_THAT(result.out, IsPlainText());
      EXPECT_THAT(result.err, IsPlainText());
    }
  };
  const auto document = [&](const std::string& name) {
    return ordered_json::parse(read(file("case/" + name)));
  };
  for (const char* const member : {"id", "issueDate", "nextUpdate", "fmspc", "version"}) {
    ordered_json changed = document("tcb_info.json");
    const std::string good = changed.dump();
    changed["tcbInfo"][member] = hostile;
    write("case/tcb_info.json", base::as_bytes(changed.dump()));
    expect_plain();
    write("case/tcb_info.json", base::as_bytes(good));
  }
  ordered_json changed = document("tcb_info.json");
  changed["tcbInfo"]["tcbLevels"][0]["advisoryIDs"] = {hostile};
  changed["tcbInfo"][hostile] = 1;
  write("case/tcb_info.json", base::as_bytes(changed.dump()));
  expect_plain();

  crypto::CertificateSpec spec;
  spec.subject_cn = spec.issuer_cn = hostile + " CA";
  spec.crl_url = "http://x.test/" + hostile;
  spec.not_after = base::UnixTime(std::chrono::hours(1));
  const auto key =
      crypto::P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{1})).value();
  const std::string pem = crypto::issue_certificate(spec, key.public_key(), key)->pem();
  for (const char* const chain :
       {"tcb_info_issuer_chain.pem", "qe_identity_issuer_chain.pem", "pck_crl_issuer_chain.pem"}) {
    write(std::string("case/") + chain, base::as_bytes(pem + hostile));
    expect_plain();
  }
  const auto as_root = quotectl(
      {"verify", file("case") + "/quote.bin", "--root", write("root", base::as_bytes(pem))});
  EXPECT_THAT(as_root.err, AllOf(IsPlainText(), HasSubstr("is not a CA")));
}

TEST_F(VerifyCollateral, DebugEnclavesNeedPermission) {
  std::optional<VectorCase> debug;
  for (VectorCase& one : verification::testing::vector_cases()) {
    if (one.name == "app_enclave_debug") debug = std::move(one);
  }
  ASSERT_TRUE(debug);
  lay_out(*debug, "case");
  const auto refused = verify("case", *debug);
  EXPECT_EQ(refused.exit_code, kRefused);
  EXPECT_THAT(refused.out, HasSubstr("\nIntel's verifier lets pass: strict.debug\n"));
  const auto allowed = verify("case", *debug, {"--allow-debug"});
  EXPECT_EQ(allowed.exit_code, kVerifiedWithWarnings);
  EXPECT_THAT(allowed.out, HasSubstr("\nwarning: the enclave or TD can be debugged"));
  const auto intel = verify("case", *debug, {"--compat", "intel"});
  EXPECT_EQ(intel.exit_code, kVerifiedWithWarnings);
  EXPECT_THAT(intel.out, HasSubstr("\nstrict would refuse: strict.debug: "));
}

}  // namespace
}  // namespace quoted::quotectl
