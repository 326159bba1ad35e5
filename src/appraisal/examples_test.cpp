// Every policy of docs/policies, tried on the verdicts that it names. A line "#: accept NAME: what
// matches", "#: refuse NAME: the rules" or "#: mistake LINE:COLUMN: message" says what must come
// out.
#include <gmock/gmock.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "appraisal/appraise.h"
#include "appraisal/explain.h"
#include "appraisal/policy_text.h"
#include "appraisal/testing/named_verdicts.h"
#include "base/file.h"

namespace quoted::appraisal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string read(const std::filesystem::path& path) {
  const auto content = base::read_file(path, std::size_t{1} << 20U);
  if (!content) throw std::runtime_error(content.error().summary());
  return std::string(base::as_text(*content));
}

std::vector<std::filesystem::path> examples() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(QUOTED_DOCS_DIR "/policies")) {
    if (entry.path().extension() == ".toml") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

// What stands behind "#: ", line by line.
std::vector<std::string> promises(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#: ")) out.push_back(line.substr(3));
  }
  return out;
}

// The promise about the verdict that `promise` names, as it ought to be.
std::string outcome(const Policy& policy, const std::string& promise) {
  const std::size_t start = promise.find(' ') + 1;
  const std::string name = promise.substr(start, promise.find(':') - start);
  const Appraisal appraisal = appraise(policy, testing::facts_named(name, policy.allows_debug()));
  EXPECT_EQ(appraisal.accepted, appraisal.refusing().empty()) << promise;
  if (appraisal.accepted) return "accept " + name + ": " + appraisal.matched;
  std::string rules;
  for (const Rule* const rule : appraisal.refusing()) {
    rules += (rules.empty() ? "" : ", ") + rule->name;
  }
  return "refuse " + name + ": " + rules;
}

TEST(Examples, DoWhatTheyPromise) {
  for (const auto& path : examples()) {
    SCOPED_TRACE(path.filename());
    const std::string text = read(path);
    config::Mistakes mistakes;
    const auto policy = parse_policy(text, mistakes);
    const std::vector<std::string> promised = promises(text);
    EXPECT_FALSE(promised.empty()) << "an example says what it does";
    std::vector<std::string> found;
    if (policy) {
      for (const std::string& promise : promised) found.push_back(outcome(*policy, promise));
    } else {
      std::istringstream lines(mistakes.lines("mistake "));
      for (std::string line; std::getline(lines, line);) {
        found.push_back(line.erase(sizeof("mistake ") - 1, 1));
      }
    }
    EXPECT_EQ(found, promised);
    EXPECT_EQ(!policy, path.filename().string().starts_with("invalid-"));
  }
}

TEST(Examples, AreManyAndAllInTheTable) {
  const std::string page = read(QUOTED_DOCS_DIR "/policies/README.md");
  std::size_t valid = 0;
  std::size_t invalid = 0;
  for (const auto& path : examples()) {
    const std::string name = path.filename().string();
    EXPECT_THAT(page, HasSubstr("[" + path.stem().string() + "](" + name + ")"));
    ++(name.starts_with("invalid-") ? invalid : valid);
  }
  EXPECT_GE(valid, 30U);
  EXPECT_GE(invalid, 10U);
  for (const auto& verdict : testing::named_verdicts()) {
    EXPECT_THAT(page, HasSubstr("| `" + verdict.name + "` |"));
  }
}

// docs/policy.md names every key, and no example uses another.
TEST(Examples, TogetherUseEveryKey) {
  std::string all;
  for (const auto& path : examples()) {
    if (!path.filename().string().starts_with("invalid-")) all += read(path);
  }
  const std::string page = read(QUOTED_DOCS_DIR "/policy.md");
  for (const char* const key : {"version",
                                "name",
                                "any_enclave",
                                "allow_debug",
                                "tcb_status",
                                "qe_tcb_status",
                                "min_tcb_evaluation_data_number",
                                "min_tcb_date",
                                "allowed_advisories",
                                "rejected_advisories",
                                "fmspc",
                                "allow_simulated",
                                "max_tcb_age",
                                "until_tcb_evaluation_data_number",
                                "max_age",
                                "mr_enclave",
                                "mr_signer",
                                "isv_prod_id",
                                "any_product",
                                "min_isv_svn",
                                "isv_family_id",
                                "isv_ext_prod_id",
                                "config_id",
                                "min_config_svn",
                                "flags",
                                "flags_mask",
                                "xfrm",
                                "xfrm_mask",
                                "report_data",
                                "report_data_prefix",
                                "mr_td",
                                "rt_mr0",
                                "rt_mr1",
                                "rt_mr2",
                                "any_runtime",
                                "mr_seam",
                                "mr_service_td",
                                "min_tee_tcb_svn",
                                "td_attributes",
                                "td_attributes_mask",
                                "xfam",
                                "xfam_mask"}) {
    EXPECT_THAT(all, HasSubstr(std::string(key) + " = ")) << key;
    EXPECT_THAT(page, HasSubstr("`" + std::string(key) + "`")) << key;
  }
  for (const char* const key :
       {"rt_mr3", "mr_signer_seam", "mr_config_id", "mr_owner", "mr_owner_config"}) {
    EXPECT_THAT(page, HasSubstr("`" + std::string(key) + "`")) << key;
  }
}

TEST(Examples, AreExplainedInSentences) {
  for (const auto& path : examples()) {
    const auto policy = parse_policy(read(path), "f");
    if (!policy) continue;
    const std::vector<std::string> sentences = explain(*policy);
    EXPECT_GE(sentences.size(), 4U) << path;
    for (const std::string& sentence : sentences) {
      EXPECT_THAT(sentence, Not(HasSubstr("  "))) << path;
      EXPECT_THAT(sentence, ::testing::AnyOf(::testing::EndsWith("."), ::testing::EndsWith(":")))
          << path;
    }
  }
}

}  // namespace
}  // namespace quoted::appraisal
