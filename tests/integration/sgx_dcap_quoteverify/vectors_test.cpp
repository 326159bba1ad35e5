// Every recorded case gives what Intel's library said of it, to a C program that opens this one.
#include <gmock/gmock.h>

#include <cctype>
#include <fstream>

#include "relying_party.h"

namespace quoted::test {
namespace {

std::string expected_answer(const char* entry, const VectorCase& vector) {
  return answer_line(entry, vector.qv_return, vector.qv_result, vector.expiration_status);
}

class RecordedCase : public testing::TestWithParam<VectorCase> {};

TEST_P(RecordedCase, IsAnsweredAsIntelDoes) {
  const VectorCase& vector = GetParam();
  const ProcessResult result = run_relying_party(vector);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr(expected_answer("tee", vector))) << result.err;
  // Without supplemental data there is no list of advisories that could be too long.
  if (vector.name != "tcb_21_advisories") {
    EXPECT_THAT(result.out, testing::HasSubstr(expected_answer("sgx", vector))) << result.err;
  } else {
    EXPECT_THAT(result.out, testing::HasSubstr("sgx 0x0000 "));
  }
  if (vector.qv_return != 0) return;
  std::string data = base::text("data ", vector.evaluation_number, ' ', vector.tcb_date, ' ');
  for (const std::string& advisory : vector.advisories) {
    data += advisory;
    if (&advisory != &vector.advisories.back()) data += ',';
  }
  EXPECT_THAT(result.out, testing::HasSubstr(data + '\n'));
}

INSTANTIATE_TEST_SUITE_P(Vectors, RecordedCase,
                         testing::ValuesIn(verification::testing::vector_cases()),
                         [](const auto& row) {
                           std::string name = row.param.name;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

constexpr const char* kReal = "sgx-v3-platform-sw-hardening";

TEST(RelyingParty, EightThreadsGetTheSameAnswer) {
  for (const char* const name : {kReal, "converge_OutOfDate__qe_UpToDate"}) {
    const VectorCase vector = vector_named(name);
    const ProcessResult result =
        run_relying_party(vector, {{"RP_THREADS", "8"}, {"RP_REPEAT", "25"}, {"RP_ROUNDS", "3"}});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, testing::HasSubstr(expected_answer("tee", vector)));
  }
}

TEST(RelyingParty, MayOpenAndCloseTheLibraryAgainAndAgain) {
  const VectorCase vector = vector_named(kReal);
  const ProcessResult result = run_relying_party(vector, {{"RP_ROUNDS", "50"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr(expected_answer("tee", vector)));
}

TEST(TrustedRoot, IsAnnouncedOnceAndOnlyWhenItIsNamed) {
  const VectorCase own = vector_named("converge_OutOfDate__qe_UpToDate");
  const ProcessResult result = run_relying_party(own, {{"RP_THREADS", "8"}, {"RP_REPEAT", "2"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err,
            base::text("libsgx_dcap_quoteverify: trusting root '", root_of(own),
                       "' from QUOTED_TRUSTED_ROOT instead of Intel's; simulated certificates "
                       "prove nothing about hardware\n"));
  EXPECT_EQ(run_relying_party(vector_named(kReal)).err, "");
}

TEST(TrustedRoot, IsTrustedInsteadOfIntels) {
  const std::string other = root_of(vector_named("converge_OutOfDate__qe_UpToDate"));
  const ProcessResult result =
      run_relying_party(vector_named(kReal), {{"QUOTED_TRUSTED_ROOT", other}});
  EXPECT_THAT(result.out, testing::HasSubstr("tee 0xE022 0xA006 1")) << result.err;
  const ProcessResult without = run_relying_party(vector_named("converge_OutOfDate__qe_UpToDate"),
                                                  {{"QUOTED_TRUSTED_ROOT", ""}});
  EXPECT_THAT(without.out, testing::HasSubstr("tee 0xE022 0xA006 1")) << without.err;
}

TEST(TrustedRoot, ThatIsNoneVerifiesNothing) {
  const TempDir directory;
  const std::string file = directory / "root.pem";
  std::ofstream(file) << "no certificate";
  for (const std::string& named : {file, file + "2", std::string("/")}) {
    const ProcessResult result =
        run_relying_party(vector_named(kReal), {{"QUOTED_TRUSTED_ROOT", named}});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, testing::HasSubstr("tee 0xE022 0xA006 1")) << named;
    EXPECT_THAT(result.out, testing::HasSubstr("sgx 0xE022 0xA006 1")) << named;
    EXPECT_THAT(result.err, testing::HasSubstr("no quote will verify")) << named;
    EXPECT_THAT(result.err, testing::HasSubstr(named));
  }
}

TEST(Reasons, GoToStandardErrorWhenAskedFor) {
  const VectorCase vector = vector_named("sgx-v3-cert-type-3-encrypted-ppid");
  const ProcessResult result = run_relying_party(vector, {{"QUOTED_DEBUG", "1"}});
  EXPECT_THAT(result.err,
              testing::HasSubstr("libsgx_dcap_quoteverify: tee_verify_quote returns 0xe01c: "));
  EXPECT_EQ(run_relying_party(vector).err, "");
}

}  // namespace
}  // namespace quoted::test
