#include "preflight/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace quoted::preflight {

using base::text;

namespace {

constexpr std::string_view kTitle = "PREFLIGHT: ";

std::string code_of(const Check& check) {
  return check.code ? std::string(base::error_entry(*check.code).id) : std::string();
}

std::string padded(std::string_view word, std::size_t width) {
  std::string out(word);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kWarned:
      return "warned";
    case Outcome::kFailed:
      return "FAILED";
    case Outcome::kNotRun:
      break;
  }
  return "not run";
}

Check passed(std::string name, std::string detail) {
  return {.name = std::move(name),
          .outcome = Outcome::kPassed,
          .detail = std::move(detail),
          .code = std::nullopt};
}

Check failed(std::string name, base::ErrorCode code, std::string detail) {
  return {.name = std::move(name),
          .outcome = Outcome::kFailed,
          .detail = std::move(detail),
          .code = code};
}

Check not_run(std::string name, std::string detail) {
  return {.name = std::move(name),
          .outcome = Outcome::kNotRun,
          .detail = std::move(detail),
          .code = std::nullopt};
}

void Report::add(std::vector<Check> checks) {
  std::ranges::move(checks, std::back_inserter(checks_));
}

std::size_t Report::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(checks_, outcome, &Check::outcome));
}

bool Report::passed() const { return count(Outcome::kFailed) == 0 && count(Outcome::kPassed) > 0; }

std::string Report::text() const {
  constexpr std::size_t kOutcomeWidth = 8;
  std::size_t width = 0;
  for (const Check& check : checks_) width = std::max(width, check.name.size());
  std::string out;
  for (const Check& check : checks_) {
    std::string line = base::text(padded(check.name, width + 2),
                                  padded(name_of(check.outcome), kOutcomeWidth + 1));
    if (check.code) line += base::text(code_of(check), ": ");
    line += check.detail;
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out + base::text(kTitle, passed() ? "PASSED" : "FAILED", " (", count(Outcome::kPassed),
                          " passed, ", count(Outcome::kWarned), " warned, ",
                          count(Outcome::kFailed), " failed, ", count(Outcome::kNotRun),
                          " not run)\n");
}

std::string Report::json() const {
  using Json = nlohmann::ordered_json;
  Json checks = Json::array();
  for (const Check& check : checks_) {
    Json one = {{"check", check.name}, {"result", name_of(check.outcome)}};
    if (check.outcome == Outcome::kFailed) one["result"] = "failed";
    if (check.code) one["code"] = code_of(check);
    one["detail"] = check.detail;
    checks.push_back(std::move(one));
  }
  const Json out = {{"format", 1}, {"passed", passed()}, {"checks", std::move(checks)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quoted::preflight
