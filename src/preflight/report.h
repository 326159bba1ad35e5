// What a preflight found out: a table for people, the same as JSON for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace quoted::preflight {

enum class Outcome : std::uint8_t {
  kPassed,
  kWarned,  // worth a look, no reason to keep the candidate out
  kFailed,
  kNotRun,  // could not be looked at; `detail` says why
};
// "passed"
[[nodiscard]] std::string_view name_of(Outcome outcome);

struct Check {
  std::string name;  // "wire gramine: a quote"
  Outcome outcome = Outcome::kPassed;
  std::string detail;
  std::optional<base::ErrorCode> code;  // of a failed one
};

[[nodiscard]] Check passed(std::string name, std::string detail);
[[nodiscard]] Check failed(std::string name, base::ErrorCode code, std::string detail);
[[nodiscard]] Check not_run(std::string name, std::string detail);

class Report {
 public:
  void add(Check check) { checks_.push_back(std::move(check)); }
  void add(std::vector<Check> checks);

  [[nodiscard]] const std::vector<Check>& checks() const { return checks_; }
  // No check failed, and one passed.
  [[nodiscard]] bool passed() const;

  // A line each, the last one "PREFLIGHT: PASSED" or "PREFLIGHT: FAILED" with the numbers.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;

 private:
  [[nodiscard]] std::size_t count(Outcome outcome) const;

  std::vector<Check> checks_;
};

}  // namespace quoted::preflight
