#include "appraisal/explain.h"

#include <gmock/gmock.h>

#include "appraisal/policy_text.h"

namespace quoted::appraisal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> sentences(std::string_view text) {
  const auto policy = parse_policy(text, "f");
  if (!policy) throw std::runtime_error(policy.error().summary());
  return explain(*policy);
}

TEST(Explain, SaysEverything) {
  const std::string signer(64, 'a');
  EXPECT_THAT(
      sentences("version = 1\n[platform]\ntcb_status = ['UpToDate', 'SWHardeningNeeded']\n"
                "min_tcb_evaluation_data_number = 16\nmin_tcb_date = 2024-01-01\n"
                "qe_tcb_status = ['UpToDate']\nallowed_advisories = []\n"
                "rejected_advisories = ['INTEL-SA-00615']\nfmspc = '00606a000000'\n"
                "[platform.grace]\nmax_tcb_age = '2w'\nuntil_tcb_evaluation_data_number = 17\n"
                "[collateral]\nmax_age = '36h'\n"
                "[[enclave]]\nname = \"front\\nend\"\nmr_signer = '" +
                signer + "'\nisv_prod_id = 4\nmin_isv_svn = 2\n"),
      ElementsAre(
          "The verifier must not have refused the quote, in strict mode and with collateral.",
          "The platform's TCB status must be UpToDate or SWHardeningNeeded.",
          "OutOfDate passes too, as long as the TCB date is at most 14d before the verification "
          "and the TCB evaluation data number is at most 17.",
          "The Quoting Enclave's TCB status must be UpToDate.",
          "The TCB evaluation data number must be 16 or more.",
          "The TCB date must be 2024-01-01T00:00:00Z or later.",
          "No security advisory may apply to the platform.",
          "None of the security advisories INTEL-SA-00615 may apply to the platform.",
          "The platform's FMSPC must be 00606a000000.", "Simulated platforms are refused.",
          "TCB info, QE identity and PCK CRL must be issued at most 36h before the verification.",
          "Quotes of TDs are refused.", "This must match:",
          "enclave[0] 'front\\x0aend': MRSIGNER " + signer +
              ", product 4, ISVSVN at least 2; refused when it can be debugged."));
}

TEST(Explain, DangersStandOut) {
  EXPECT_THAT(sentences("version = 1\nany_enclave = true\nallow_debug = true\n"
                        "[platform]\nallow_simulated = true\n"),
              ElementsAre(HasSubstr("strict mode"), HasSubstr("must be UpToDate."),
                          HasSubstr("SIMULATED PLATFORMS PASS"),
                          "ANY ENCLAVE OR TD PASSES, also one that can be debugged."));
  EXPECT_THAT(sentences("version = 1\n[[enclave]]\nmr_signer = '" + std::string(64, 'a') +
                        "'\nany_product = true\nallow_debug = true\n"),
              Contains(::testing::AllOf(HasSubstr("any product of this signer"),
                                        HasSubstr("IT MAY BE DEBUGGED"))));
  EXPECT_THAT(sentences("version = 1\n[[td]]\nmr_td = '" + std::string(96, 'a') +
                        "'\nany_runtime = true\n"),
              Contains(HasSubstr("any system that this firmware starts")));
}

}  // namespace
}  // namespace quoted::appraisal
