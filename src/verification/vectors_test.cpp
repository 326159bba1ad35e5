// Every recorded case gives what Intel's verifier said of it.
#include <gmock/gmock.h>

#include "verification/intel/one_call.h"
#include "verification/testing/vector_cases.h"

namespace quoted::verification {
namespace {

using collateral::ParsedCollateral;
using testing::VectorCase;

std::string case_name(const ::testing::TestParamInfo<VectorCase>& info) {
  std::string out = info.param.name;
  for (char& c : out) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return out;
}

class RecordedCase : public ::testing::TestWithParam<VectorCase> {
 protected:
  const VectorCase& vector = GetParam();
  base::Bytes quote = vector.file("quote.bin");
  ParsedCollateral parsed = ParsedCollateral::parse(vector.collateral());
};

TEST_P(RecordedCase, OneCallAnswersAsIntelDoes) {
  const Verifier verifier({vector.trusted_root()});
  const Verdict verdict =
      verifier.verify(quote, parsed, vector.at, VerifyOptions{.mode = Mode::kIntel});
  ASSERT_TRUE(verdict.collateral);
  const CollateralVerdict& found = *verdict.collateral;
  EXPECT_EQ(static_cast<std::uint32_t>(found.qv_return), vector.qv_return)
      << (verdict.refusal ? verdict.refusal->summary() : "");
  EXPECT_EQ(static_cast<std::uint32_t>(found.qv_result), vector.qv_result);
  EXPECT_EQ(found.expiration_status, vector.expiration_status);
  EXPECT_EQ(verdict.refusal.has_value(), vector.qv_return != 0);
  if (vector.qv_return != 0) return;
  EXPECT_EQ(found.advisories, vector.advisories);
  EXPECT_EQ(found.evaluation_number, vector.evaluation_number);
  ASSERT_TRUE(found.tcb_date);
  EXPECT_EQ(found.tcb_date->time_since_epoch().count(), vector.tcb_date);
}

TEST_P(RecordedCase, StepsAnswerAsIntelDoes) {
  const std::string apart = vector.has_file("pck_cert_chain.pem")
                                ? std::string(base::as_text(vector.file("pck_cert_chain.pem")))
                                : std::string();
  const std::vector<TrustedRoot> roots{vector.trusted_root()};
  const intel::OneCall call(quote, parsed, roots, vector.at);
  const crypto::Certificate root = vector.root();
  const intel::QuoteChain read_apart(apart, {});
  const auto& chain = apart.empty() ? call.chain : read_apart.chain();
  const auto& pck = apart.empty() ? call.pck : read_apart.pck();
  std::vector<Check> checks;
  EXPECT_EQ(
      static_cast<int>(
          run(intel::PckStep{chain, parsed.root_ca_crl, parsed.pck_crl, &root, vector.at}, checks)),
      vector.pck_step);
  EXPECT_EQ(static_cast<int>(run(intel::TcbInfoStep{parsed.tcb_info, parsed.tcb_info_issuer_chain,
                                                    parsed.root_ca_crl, &root, vector.at},
                                 checks)),
            vector.tcb_info_step);
  EXPECT_EQ(static_cast<int>(
                run(intel::QeIdentityStep{parsed.qe_identity, parsed.qe_identity_issuer_chain,
                                          parsed.root_ca_crl, &root, vector.at},
                    checks)),
            vector.qe_identity_step);
  intel::QuoteStep step{call.quote,         quote,       pck, parsed.pck_crl, parsed.tcb_info,
                        parsed.qe_identity, std::nullopt};
  EXPECT_EQ(static_cast<int>(run(step, checks)), vector.quote_step);
}

INSTANTIATE_TEST_SUITE_P(Vectors, RecordedCase, ::testing::ValuesIn(testing::vector_cases()),
                         case_name);

}  // namespace
}  // namespace quoted::verification
