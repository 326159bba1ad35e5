// Quotes of a PKI made elsewhere, one deviation each. Where Intel's library accepts what is refused
// here, the row says why (quote-verification 2, 3).
#include <gmock/gmock.h>

#include "test_support/vectors.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification {
namespace {

using enum base::ErrorCode;
using testing::refusal_code;

// 2026-06-15T12:00:00Z
constexpr base::UnixTime kThen{std::chrono::seconds(1'781'524'800)};

// Stands for "verified" in the table.
constexpr base::ErrorCode kVerified = kInternal;

struct Row {
  const char* name;
  base::ErrorCode refusal;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

Verdict verdict_on(const std::string& name) {
  const auto root =
      crypto::Certificate::parse_pem(test::read_text_vector("own-root-quotes/root.pem"));
  return Verifier({TrustedRoot{"own root", root.value().public_key()}})
      .verify(test::read_vector("own-root-quotes/" + name + ".bin"), kThen);
}

class OwnRootQuote : public ::testing::TestWithParam<Row> {};

TEST_P(OwnRootQuote, HasTheVerdictOfTheTable) {
  const Verdict verdict = verdict_on(GetParam().name);
  EXPECT_EQ(refusal_code(verdict), GetParam().refusal)
      << (verdict.refusal ? verdict.refusal->summary() : "not refused");
  EXPECT_EQ(verdict.decision == Decision::kRefused, verdict.refusal.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, OwnRootQuote,
    ::testing::Values(
        Row{"base", kVerified}, Row{"app_enclave_debug", kVerified}, Row{"chain_crlf", kVerified},
        Row{"chain_no_trailing_newline", kVerified}, Row{"platform_ca_seven_extensions", kVerified},
        Row{"qe_auth_data_1000", kVerified},
        Row{"attestation_key_not_on_curve", kQuoteSignatureInvalid},
        Row{"expired_and_bad_quote_signature", kQuoteSignatureInvalid},
        Row{"qe_report_signed_by_wrong_key", kQeReportSignatureInvalid},
        Row{"pck_signed_by_other_key", kChainInvalid},
        Row{"pck_missing_sgx_extension", kChainInvalid}, Row{"pck_missing_ski", kChainInvalid},
        Row{"chain_missing_intermediate", kChainInvalid},
        Row{"intermediate_cn_without_CA", kChainInvalid},
        Row{"root_same_name_other_key", kRootNotTrusted},
        Row{"cert_data_type_6", kCertificationDataUnsupported},
        Row{"cert_size_wraps_to_small", kQuoteMalformed},
        Row{"tee_type_tdx_in_v3", kQuoteUnsupported}, Row{"vendor_id_other", kQuoteUnsupported},
        // Intel's library says so by a flag beside its verdict, which callers overlook.
        Row{"pck_cert_expired", kChainExpired}, Row{"intermediate_expired", kChainExpired},
        Row{"root_expired", kChainExpired},
        // Intel's library finds the roles by name, in any order and among any text.
        Row{"chain_root_first", kChainInvalid}, Row{"chain_garbage_between", kChainInvalid},
        // Bytes that no signature covers and no reader looks at can only serve to hide something.
        Row{"slack_bytes_inside_auth_data", kQuoteMalformed}, Row{"version_4_sgx", kVerified},
        Row{"version_5_sgx", kVerified}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(OwnRootQuotes, NoneIsVerifiedUnderIntelsRoot) {
  EXPECT_EQ(
      refusal_code(
          Verifier({intel_root()}).verify(test::read_vector("own-root-quotes/base.bin"), kThen)),
      kRootNotTrusted);
}

TEST(OwnRootQuotes, TheDebugEnclaveIsWarnedOf) {
  EXPECT_EQ(verdict_on("base").decision, Decision::kVerified);
  EXPECT_EQ(verdict_on("app_enclave_debug").decision, Decision::kVerifiedWithWarnings);
}

}  // namespace
}  // namespace quoted::verification
