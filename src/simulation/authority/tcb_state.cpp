#include "simulation/authority/tcb_state.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "simulation/qe3/qe3.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;

constexpr std::size_t kMaxLevels = 64;
constexpr std::size_t kMaxAdvisories = 64;
// Of the supplemental data of a verification (quote-verification 18).
constexpr std::size_t kMaxAdvisorySize = 20;
constexpr std::string_view kAdvisoryCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

// Intel's begin with INTEL-SA: nobody shall look for this one there.
constexpr std::string_view kDefaultAdvisory = "SIMULATED-SA-00001";

constexpr std::array<std::pair<RevocableIssuer, std::string_view>, 3> kIssuerNames = {{
    {RevocableIssuer::kPlatformCa, "platform-ca"},
    {RevocableIssuer::kProcessorCa, "processor-ca"},
    {RevocableIssuer::kTcbSigning, "tcb-signing"},
}};

template <class Value, std::size_t Size>
std::string_view name_of(const std::array<std::pair<Value, std::string_view>, Size>& names,
                         Value value) {
  return std::ranges::find(names, value, &std::pair<Value, std::string_view>::first)->second;
}

template <class Value, std::size_t Size>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, Size>& names,
                              std::string_view name) {
  const auto found = std::ranges::find(names, name, &std::pair<Value, std::string_view>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

base::UnixTime day(int year, unsigned month, unsigned day_of_month) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day_of_month));
}

TcbVerdict up_to_date() { return {day(2025, 5, 14), TcbStatus::kUpToDate, {}}; }
TcbVerdict out_of_date() {
  return {day(2024, 11, 13), TcbStatus::kOutOfDate, {std::string(kDefaultAdvisory)}};
}

// By what verifiers sort levels: components as a byte string, then PCESVN (quote-verification 5).
auto rank(const TcbLevel& level) { return std::tie(level.components, level.pce_svn); }

Status check_verdict(const TcbVerdict& verdict, const std::string& where) {
  if (verdict.advisory_ids.size() > kMaxAdvisories) {
    return fail(ErrorCode::kMalformed, text(where, ".advisoryIDs has ", verdict.advisory_ids.size(),
                                            " members; expected ", kMaxAdvisories, " at most"));
  }
  for (const std::string& id : verdict.advisory_ids) {
    if (id.empty() || id.size() > kMaxAdvisorySize ||
        id.find_first_not_of(kAdvisoryCharacters) != std::string::npos) {
      return fail(ErrorCode::kMalformed, text(where, ".advisoryIDs has a member of ", id.size(),
                                              " characters; expected 1 to ", kMaxAdvisorySize,
                                              " letters, digits and hyphens"));
    }
  }
  return {};
}

template <class Levels>
Status check_count(const Levels& levels, std::string_view name) {
  if (!levels.empty() && levels.size() <= kMaxLevels) return {};
  return fail(ErrorCode::kMalformed,
              text(name, " has ", levels.size(), " members; expected 1 to ", kMaxLevels));
}

// Verifiers differ in whether they sort or take the file's order (quote-verification 11).
Status check_order(bool descends, const std::string& where) {
  if (descends) return {};
  return fail(ErrorCode::kMalformed,
              text(where, " is not below the level before it; expected the best level first"));
}

}  // namespace

std::vector<std::string> platform_status_names() {
  std::vector<std::string> out;
  for (const TcbStatus status : collateral::kTcbStatuses) {
    out.emplace_back(tcb_status_name(status));
  }
  return out;
}

std::vector<std::string> qe_status_names() {
  std::vector<std::string> out;
  for (const TcbStatus status : collateral::kTcbStatuses) {
    if (qe_can_have(status)) out.emplace_back(tcb_status_name(status));
  }
  return out;
}

std::string_view issuer_name(RevocableIssuer issuer) { return name_of(kIssuerNames, issuer); }
std::optional<RevocableIssuer> issuer_named(std::string_view name) {
  return value_of(kIssuerNames, name);
}

TcbState default_tcb_state(const PlatformModel& model) {
  TcbState out;
  TcbLevel present;
  present.components = components_of(model.cpu_svn);
  present.pce_svn = model.pce_isv_svn;
  present.verdict = up_to_date();
  TcbLevel below = present;
  // Microcode, loaded early and late: the components that recoveries move.
  for (const std::size_t i : {0U, 1U}) {
    below.components[i] = static_cast<std::uint8_t>(std::max(1, int{below.components[i]}) - 1);
  }
  below.verdict = out_of_date();
  out.levels = {present};
  if (rank(below) != rank(present)) out.levels.push_back(below);
  out.qe_levels = {{kSimulatedQeIsvSvn, up_to_date()}, {kSimulatedQeIsvSvn - 2, out_of_date()}};
  return out;
}

TcbLevel* level_of(TcbState& state, const collateral::TcbComponents& components,
                   std::uint16_t pce_svn) {
  const auto reached = [&](const TcbLevel& level) {
    return pce_svn >= level.pce_svn &&
           std::ranges::equal(components, level.components, std::greater_equal<>());
  };
  const auto found = std::ranges::find_if(state.levels, reached);
  return found == state.levels.end() ? nullptr : &*found;
}

QeLevel* qe_level_of(TcbState& state, std::uint16_t isv_svn) {
  const auto found = std::ranges::find_if(
      state.qe_levels, [&](const QeLevel& level) { return isv_svn >= level.isv_svn; });
  return found == state.qe_levels.end() ? nullptr : &*found;
}

Status check(const TcbState& state) {
  QUOTED_CHECK(check_count(state.levels, "tcbLevels"));
  for (std::size_t i = 0; i < state.levels.size(); ++i) {
    const std::string where = text("tcbLevels[", i, "]");
    QUOTED_CHECK(check_verdict(state.levels[i].verdict, where));
    QUOTED_CHECK(check_order(i == 0 || rank(state.levels[i]) < rank(state.levels[i - 1]), where));
  }
  QUOTED_CHECK(check_count(state.qe_levels, "qeLevels"));
  for (std::size_t i = 0; i < state.qe_levels.size(); ++i) {
    const std::string where = text("qeLevels[", i, "]");
    const QeLevel& level = state.qe_levels[i];
    QUOTED_CHECK(check_verdict(level.verdict, where));
    QUOTED_CHECK(check_order(i == 0 || level.isv_svn < state.qe_levels[i - 1].isv_svn, where));
    if (!qe_can_have(level.verdict.status)) {
      return fail(ErrorCode::kMalformed,
                  text(where, ".tcbStatus is ", tcb_status_name(level.verdict.status),
                       ", which a Quoting Enclave cannot have"));
    }
  }
  if (state.valid_days == 0 || state.valid_days > kMaxValidDays) {
    return fail(ErrorCode::kMalformed,
                text("validDays is ", state.valid_days, "; expected 1 to ", kMaxValidDays));
  }
  return {};
}

}  // namespace quoted::simulation
