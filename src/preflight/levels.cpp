#include "preflight/levels.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace quoted::preflight {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kCheckName = "no SVN downgrade";

// Takes `word` and the digits behind it off the front.
Result<std::uint16_t> take_svn(std::string_view& rest, std::string_view word) {
  std::uint16_t out = 0;
  if (rest.starts_with(word)) {
    rest.remove_prefix(word.size());
    const auto [at, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
    if (error == std::errc()) {
      rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
      return out;
    }
  }
  return fail(ErrorCode::kMalformed, text("no SVN up to 65535 follows '", word, "'"));
}

}  // namespace

Result<NodeLevel> level_of(const quote::Quote& quote) {
  const sgx::ReportBody* const body = quote.report_body();
  if (body == nullptr || quote.header.version != quote::kVersion3) {
    return fail(ErrorCode::kQuoteUnsupported,
                text("a quote of version ", static_cast<std::uint16_t>(quote.header.version),
                     " does not show all SVNs, an SGX quote of version 3 does"));
  }
  return NodeLevel{.cpu_svn = body->cpu_svn,
                   .pce_isv_svn = quote.header.pce_svn,
                   .qe_isv_svn = quote.header.qe_svn};
}

Result<NodeLevel> parse_level(std::string_view rest) {
  constexpr std::string_view kCpu = "CPUSVN ";
  constexpr std::size_t kDigits = 2 * sgx::CpuSvn::kSize;
  NodeLevel out;
  if (!rest.starts_with(kCpu) || rest.size() < kCpu.size() + kDigits) {
    return fail(ErrorCode::kMalformed, "it does not begin with a CPUSVN");
  }
  QUOTED_TRY(out.cpu_svn, sgx::CpuSvn::parse_hex(rest.substr(kCpu.size(), kDigits)));
  rest.remove_prefix(kCpu.size() + kDigits);
  QUOTED_TRY(out.pce_isv_svn, take_svn(rest, ", PCE "));
  QUOTED_TRY(out.qe_isv_svn, take_svn(rest, ", QE "));
  if (!rest.empty()) return fail(ErrorCode::kMalformed, "something follows the SVN of the QE");
  return out;
}

NodeLevel highest_of(const NodeLevel& a, const NodeLevel& b) {
  NodeLevel out;
  std::ranges::transform(a.cpu_svn.view(), b.cpu_svn.view(), out.cpu_svn.mutable_view().begin(),
                         [](std::byte one, std::byte other) { return std::max(one, other); });
  out.pce_isv_svn = std::max(a.pce_isv_svn, b.pce_isv_svn);
  out.qe_isv_svn = std::max(a.qe_isv_svn, b.qe_isv_svn);
  return out;
}

NodeLevel newest_of(const simulation::NodeState& state) {
  return state.previous ? highest_of(state.present, *state.previous) : state.present;
}

Result<Incumbent> joined(const Result<Incumbent>& service, const Result<Incumbent>& stored) {
  if (!stored) return service;
  if (!service) return stored;
  return Incumbent{.where = text(service->where, " and ", stored->where),
                   .level = highest_of(service->level, stored->level)};
}

std::string lower_parts(const NodeLevel& candidate, const NodeLevel& incumbent) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  for (std::size_t i = 0; i < sgx::CpuSvn::kSize; ++i) {
    const auto has = std::to_integer<unsigned>(candidate.cpu_svn.view()[i]);
    const auto had = std::to_integer<unsigned>(incumbent.cpu_svn.view()[i]);
    if (has < had) add(text("CPUSVN byte ", i, ' ', has, " < ", had));
  }
  if (candidate.pce_isv_svn < incumbent.pce_isv_svn) {
    add(text("PCE ", candidate.pce_isv_svn, " < ", incumbent.pce_isv_svn));
  }
  if (candidate.qe_isv_svn < incumbent.qe_isv_svn) {
    add(text("QE ", candidate.qe_isv_svn, " < ", incumbent.qe_isv_svn));
  }
  return out;
}

Check downgrade_check(const NodeLevel& candidate, const base::Result<Incumbent>& incumbent) {
  const std::string name(kCheckName);
  if (!incumbent) {
    return not_run(name, text(to_text(candidate), "; ", incumbent.error().message()));
  }
  const std::string lower = lower_parts(candidate, incumbent->level);
  if (lower.empty()) {
    return passed(
        name, text(to_text(candidate), "; ", incumbent->where, ": ", to_text(incumbent->level)));
  }
  return failed(name, ErrorCode::kSvnDowngrade,
                text(lower, " of ", incumbent->where, "; the candidate has ", to_text(candidate)));
}

}  // namespace quoted::preflight
