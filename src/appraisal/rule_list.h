// Collects the rules of an appraisal.
#pragma once

#include "appraisal/appraise.h"

namespace quoted::appraisal {

class RuleList {
 public:
  explicit RuleList(std::vector<Rule>& rules) : rules_(rules) {}

  void check(std::string name, bool passed, std::string observed, std::string expected) {
    rules_.push_back({std::move(name), passed ? Outcome::kPassed : Outcome::kFailed,
                      std::move(observed), std::move(expected)});
    passed_ = passed_ && passed;
  }
  void skip(std::string name, std::string why) {
    rules_.push_back({std::move(name), Outcome::kNotApplicable, {}, std::move(why)});
  }
  void add(std::vector<Rule> more) {
    for (Rule& rule : more) {
      passed_ = passed_ && rule.outcome != Outcome::kFailed;
      rules_.push_back(std::move(rule));
    }
  }
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  std::vector<Rule>& rules_;
  bool passed_ = true;
};

// "a", "a or b", "a, b or c"; long lists are cut.
[[nodiscard]] std::string any_of_text(const std::vector<std::string>& values);

}  // namespace quoted::appraisal
