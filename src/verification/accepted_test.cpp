// What must verify: the forging generator's untouched parts, and every variation that changes
// nothing that counts. Without these, a verifier that refuses everything would pass the tests of
// forgeries.
#include <gmock/gmock.h>

#include "crypto/testing/certificate_surgery.h"
#include "verification/testing/forge.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification {
namespace {

using collateral::Collateral;
using testing::Forge;
using testing::Forged;
using testing::Json;
using testing::kNow;
using testing::Pems;

struct Row {
  const char* name;
  std::function<Forge()> made;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

Row of_sgx(const char* name, std::function<void(Forge&)> change) {
  return {name, [change = std::move(change)] {
            Forge out = Forge::sgx();
            change(out);
            return out;
          }};
}

void as_pem(Forged& made) {
  constexpr std::string_view kCertificate = "CERTIFICATE";
  std::string text = crypto::testing::pem_of(made.collateral.pck_crl);
  for (std::size_t at = 0; (at = text.find(kCertificate, at)) != std::string::npos;) {
    text.replace(at, kCertificate.size(), "X509 CRL");
  }
  made.collateral.pck_crl = base::to_bytes(base::as_bytes(text));
}

// Version 2 numbers its components in members of their own.
void to_version_2(Forge& f) {
  Json& body = f.tcb_info.body;
  body["version"] = 2;
  body.erase("id");
  for (Json& level : body["tcbLevels"]) {
    Json tcb{{"pcesvn", level["tcb"]["pcesvn"]}};
    for (int i = 1; i <= 16; ++i) {
      tcb[std::string("sgxtcbcomp") + (i < 10 ? "0" : "") + std::to_string(i) + "svn"] =
          level["tcb"]["sgxtcbcomponents"][static_cast<std::size_t>(i - 1)]["svn"];
    }
    level["tcb"] = tcb;
  }
}

Row with_authentication_data(const char* name, std::size_t size) {
  return of_sgx(
      name, [size](Forge& f) { f.quote.authentication_data = base::Bytes(size, std::byte{7}); });
}

std::vector<Row> rows() {
  return {
      {"sgx_version_3", [] { return Forge::sgx(); }},
      {"sgx_version_4", [] { return Forge::sgx(quote::kVersion4); }},
      {"sgx_version_5", [] { return Forge::sgx(quote::kVersion5); }},
      {"tdx_version_4", [] { return Forge::tdx10(); }},
      {"tdx_version_5", [] { return Forge::tdx10(quote::kVersion5); }},
      {"tdx_1_5", [] { return Forge::tdx15(); }},
      of_sgx("tcb_info_of_version_2", to_version_2),
      // quote-verification 21, bug 3.
      with_authentication_data("authentication_data_0", 0),
      with_authentication_data("authentication_data_1000", 1000),
      with_authentication_data("authentication_data_65535", 65535),
      // Bug 14: both ends belong to a validity, and years from 2050 are written differently.
      of_sgx("certificates_begin_now",
             [](Forge& f) { f.pck.spec.not_before = f.tcb_signer.spec.not_before = kNow; }),
      of_sgx("crls_begin_now",
             [](Forge& f) { f.root_crl.spec.this_update = f.pck_crl.spec.this_update = kNow; }),
      of_sgx("issued_now",
             [](Forge& f) {
               f.tcb_info.body["issueDate"] = f.qe_identity.body["issueDate"] =
                   "2025-06-15T15:06:40Z";
             }),
      of_sgx("after_2050",
             [](Forge& f) {
               using namespace std::chrono_literals;
               const base::UnixTime end = std::chrono::sys_days(2055y / 1 / 1);
               f.root.spec.not_after = f.pck.spec.not_after = end;
               f.root_crl.spec.next_update = end;
             }),
      // Bug 16.
      of_sgx("levels_in_reverse_order",
             [](Forge& f) {
               Json& levels = f.tcb_info.body["tcbLevels"];
               std::reverse(levels.begin(), levels.end());
             }),
      of_sgx("crl_as_pem", [](Forge& f) { f.afterwards = as_pem; }),
      of_sgx("crl_as_hexadecimal_digits",
             [](Forge& f) {
               f.afterwards = [](Forged& made) {
                 const std::string digits = base::to_hex(made.collateral.root_ca_crl);
                 made.collateral.root_ca_crl = base::to_bytes(base::as_bytes(digits));
               };
             }),
      of_sgx("root_before_intermediate",
             [](Forge& f) {
               f.quote_chain = [](const Pems& p) { return p.pck + p.root + p.intermediate; };
             }),
      of_sgx("tcb_chain_root_first",
             [](Forge& f) { f.tcb_chain = [](const Pems& p) { return p.root + p.tcb_signer; }; }),
      of_sgx("unknown_members",
             [](Forge& f) { f.tcb_info.body["comment"] = {{"deep", {1, 2, 3}}}; }),
      of_sgx("white_space_beside_the_signed_member",
             [](Forge& f) {
               f.afterwards = [](Forged& made) {
                 made.collateral.tcb_info.push_back(std::byte{'\n'});
               };
             }),
      of_sgx("other_serials_revoked",
             [](Forge& f) {
               f.pck_crl.revoke(f.intermediate);
               f.root_crl.revoke(f.pck);
             }),
  };
}

class Accepted : public ::testing::TestWithParam<Row> {};

TEST_P(Accepted, InBothModes) {
  const Forged forged = GetParam().made().make();
  for (const Mode mode : {Mode::kStrict, Mode::kIntel}) {
    const Verdict verdict = forged.verdict(mode);
    ASSERT_FALSE(verdict.refusal) << verdict.refusal->summary();
    EXPECT_EQ(verdict.decision, Decision::kVerified);
    EXPECT_EQ(verdict.collateral->qv_return, QvReturn::kSuccess);
    EXPECT_EQ(verdict.collateral->qv_result, QvResult::kOk);
    EXPECT_EQ(verdict.collateral->expiration_status, 0U);
    EXPECT_TRUE(verdict.collateral->differences.empty());
    for (const Check& check : verdict.checks) {
      EXPECT_EQ(check.outcome, CheckOutcome::kPassed) << check.name << ": " << check.detail;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Accepted, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return std::string(row.param.name); });

std::vector<std::string_view> names(const Verdict& verdict) {
  std::vector<std::string_view> out;
  for (const Check& check : verdict.checks) out.push_back(check.name);
  return out;
}

// Whatever ends a call, each rule has its check.
TEST(Verified, EveryRuleHasItsCheck) {
  Forge refused = Forge::sgx();
  refused.pck.issuer = testing::stranger();
  Forge broken = Forge::sgx();
  broken.afterwards = [](Forged& made) { made.quote.clear(); };
  for (const Forge& forge : {Forge::sgx(), refused, broken}) {
    for (const Mode mode : {Mode::kStrict, Mode::kIntel}) {
      EXPECT_EQ(names(forge.make().verdict(mode)), rule_names());
    }
  }
}

// Bug 29: what a quote says of its enclave is handed out with the verdict on it.
TEST(Verified, TheVerdictHandsOutTheReport) {
  const Forge forge = Forge::sgx();
  const Verdict verdict = forge.make().verdict(Mode::kStrict);
  ASSERT_TRUE(verdict.quote);
  EXPECT_EQ(*verdict.quote->report_body(), std::get<sgx::ReportBody>(forge.quote.body));
}

// Bug 28.
TEST(Verified, DebugMustBeAllowed) {
  Forge forge = Forge::sgx();
  auto& attributes = std::get<sgx::ReportBody>(forge.quote.body).attributes;
  attributes.flags = attributes.flags | sgx::flags::kDebug;
  const Verdict verdict = forge.make().verdict(VerifyOptions{.allow_debug = true});
  EXPECT_FALSE(verdict.refusal);
  EXPECT_EQ(verdict.decision, Decision::kVerifiedWithWarnings);
}

// Bug 14: the step counts the last second, the flag does not (quote-verification 14).
TEST(Verified, AtTheLastSecondOnlyTheFlagIsSet) {
  for (const auto plan : {&Forge::root_crl, &Forge::pck_crl}) {
    Forge forge = Forge::sgx();
    (forge.*plan).spec.next_update = kNow;
    for (const Mode mode : {Mode::kStrict, Mode::kIntel}) {
      const Verdict verdict = forge.make().verdict(mode);
      EXPECT_FALSE(verdict.refusal);
      EXPECT_EQ(verdict.decision, Decision::kVerifiedWithWarnings);
      EXPECT_EQ(verdict.collateral->expiration_status, 1U);
    }
  }
}

// Room for 20 advisories of 20 characters in Intel's supplemental data (quote-verification 18).
TEST(Verified, OnlyIntelsModeMindsManyAdvisories) {
  for (const auto& [count, length, fits] :
       {std::tuple{20U, 15U, true}, std::tuple{20U, 16U, false}, std::tuple{21U, 4U, false},
        std::tuple{1U, 20U, true}, std::tuple{1U, 21U, false}}) {
    Forge forge = Forge::sgx();
    forge.level(0)["advisoryIDs"] = std::vector<std::string>(count, std::string(length, 'A'));
    const Forged forged = forge.make();
    EXPECT_FALSE(forged.verdict(Mode::kStrict).refusal);
    const Verdict verdict = forged.verdict(Mode::kIntel);
    EXPECT_EQ(verdict.refusal.has_value(), !fits) << count << " of " << length;
    EXPECT_EQ(verdict.collateral->qv_return, fits ? QvReturn::kSuccess : QvReturn::kUnexpected);
  }
}

}  // namespace
}  // namespace quoted::verification
