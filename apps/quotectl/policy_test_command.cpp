#include <algorithm>
#include <filesystem>

#include "appraisal/appraise.h"
#include "appraisal/policy_text.h"
#include "base/file.h"
#include "base/text.h"
#include "collateral/json_value.h"
#include "quotectl/describe_appraisal.h"
#include "quotectl/output.h"
#include "quotectl/policy_commands.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::size_t kMaxFilesOfDirectory = 10'000;

// The *.json files of a directory in the order of their names; a file as it is.
Result<std::vector<std::string>> expand(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> out;
  std::filesystem::directory_iterator entry(path, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    if (entry->path().extension() == ".json") out.push_back(entry->path().string());
    if (out.size() > kMaxFilesOfDirectory) {
      return fail(ErrorCode::kInvalidArgument,
                  text(path, " holds more than ", kMaxFilesOfDirectory, " *.json files"));
    }
    entry.increment(error);
  }
  if (error) {
    return fail(ErrorCode::kFileUnreadable, text("cannot read ", path, ": ", error.message()));
  }
  if (out.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        text(path, " holds no *.json file; expected what 'quotectl verify --json' printed"));
  }
  std::ranges::sort(out);
  return out;
}

Result<appraisal::Facts> read_verdict(const std::string& path) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, collateral::kMaxJsonSize));
  auto facts = appraisal::parse_recorded_verdict(base::as_text(content));
  if (!facts) {
    return fail(std::move(facts).error().with_context(
        text(path, " is no recorded verdict of 'quotectl verify --json'")));
  }
  return facts;
}

std::string row(std::string_view result, std::string_view verdict, std::size_t width,
                std::string_view why) {
  constexpr std::size_t kResultWidth = 10;
  std::string out = text(result, std::string(kResultWidth - result.size(), ' '), verdict);
  if (!why.empty()) out += text(std::string(width + 2 - verdict.size(), ' '), why);
  return out + '\n';
}

std::string why(const appraisal::Appraisal& appraisal) {
  if (appraisal.accepted) return appraisal.matched;
  std::string out;
  for (const appraisal::Rule* const rule : appraisal.refusing()) {
    out += text(out.empty() ? "" : "; ", rule_text(*rule));
  }
  return out;
}

}  // namespace

Result<ExitCode> test_policy(const PolicyTestOptions& options) {
  QUOTED_TRY(const appraisal::Policy policy, appraisal::load_policy(options.policy));
  std::vector<std::string> files;
  for (const std::string& path : options.verdicts) {
    QUOTED_TRY(const std::vector<std::string> more, expand(path));
    files.insert(files.end(), more.begin(), more.end());
  }
  std::size_t width = std::string_view("VERDICT").size();
  for (const std::string& file : files) width = std::max(width, printable(file).size());

  std::string out = row("RESULT", "VERDICT", width, "WHY");
  std::size_t accepted = 0;
  for (const std::string& file : files) {
    QUOTED_TRY(const appraisal::Facts facts, read_verdict(file));
    const appraisal::Appraisal appraisal = appraisal::appraise(policy, facts);
    accepted += appraisal.accepted ? 1 : 0;
    out += row(appraisal.accepted ? "accepted" : "refused", printable(file), width, why(appraisal));
  }
  out += text(files.size(), files.size() == 1 ? " verdict: " : " verdicts: ", accepted,
              " accepted, ", files.size() - accepted, " refused");
  const bool refusals_wanted = options.expect == "refuse";
  const std::size_t as_wanted = refusals_wanted ? files.size() - accepted : accepted;
  const bool good = as_wanted == files.size();
  if (options.expect) {
    out += text("; expected that all are ", refusals_wanted ? "refused" : "accepted", ": ",
                good ? "yes" : "NO");
  }
  QUOTED_CHECK(print(out + '\n'));
  return good ? ExitCode::kSuccess : ExitCode::kRefused;
}

}  // namespace quoted::quotectl
