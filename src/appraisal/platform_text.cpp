#include "appraisal/platform_text.h"

#include <limits>

#include "appraisal/rule_list.h"
#include "base/text.h"
#include "config/nearest.h"

namespace quoted::appraisal {
namespace {

using base::text;
using config::Located;
using config::shown;
using config::TableReader;

constexpr std::string_view kRevoked = "Revoked";
constexpr std::int64_t kMaxNumber = std::numeric_limits<std::uint32_t>::max();

// What a QE can be worth on a platform that is not refused: hardening is a matter of platforms
// (quote-verification 6), and Revoked ends the verification.
constexpr std::array<std::string_view, 4> kQeStatuses{kUpToDate, "ConfigurationNeeded", kOutOfDate,
                                                      kOutOfDateConfigurationNeeded};
constexpr std::array<std::string_view, 2> kGraceStatuses{kOutOfDate, kOutOfDateConfigurationNeeded};

Statuses read_statuses(TableReader& table, std::string_view key,
                       std::span<const std::string_view> known, Statuses otherwise) {
  const auto list = table.strings(key);
  if (!list) return otherwise;
  if (list->empty()) {
    table.mistake(key,
                  "an empty list accepts no platform; name at least one status, or leave the "
                  "key out");
  }
  Statuses out;
  for (const Located& item : *list) {
    const auto found = std::ranges::find(known, item.text);
    if (found != known.end()) {
      out.values.push_back(*found);
    } else if (item.text == kRevoked) {
      table.mistake(key, item.place,
                    "'Revoked' can never pass: the verifier refuses it before the policy is asked; "
                    "leave it out");
    } else {
      table.mistake(
          key, item.place,
          text("unknown status ", shown(item.text), "; ", config::suggestion(item.text, known)));
    }
  }
  return out;
}

// A platform is patched, and is refused for it: nobody means that.
void check_up_to_date(TableReader& table, std::string_view key, const Statuses& statuses) {
  if (!statuses.is_set() || statuses.has(kUpToDate)) return;
  table.mistake(key, text("UpToDate is missing: what is better than ",
                          any_of_text({statuses.values.begin(), statuses.values.end()}),
                          " would be refused; put it into the list"));
}

bool is_number(std::string_view digits, std::size_t min, std::size_t max) {
  return digits.size() >= min && digits.size() <= max &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

// One that is written otherwise would match no advisory at all.
bool is_advisory(std::string_view id) {
  constexpr std::string_view kIntel = "INTEL-SA-";
  constexpr std::string_view kSimulated = "SIMULATED-SA-";
  if (id.starts_with(kIntel)) return is_number(id.substr(kIntel.size()), 5, 5);
  return id.starts_with(kSimulated) && is_number(id.substr(kSimulated.size()), 1, 9);
}

std::optional<std::vector<std::string>> read_advisories(TableReader& table, std::string_view key) {
  const auto list = table.strings(key);
  if (!list) return std::nullopt;
  std::vector<std::string> out;
  for (const Located& item : *list) {
    if (!is_advisory(item.text)) {
      table.mistake(key, item.place,
                    text(shown(item.text),
                         " is no advisory; expected an id as verdicts write it, "
                         "such as \"INTEL-SA-00615\""));
    }
    out.push_back(item.text);
  }
  return out;
}

void check_advisories(TableReader& table, const PlatformPolicy& platform) {
  if (table.has("rejected_advisories") && platform.rejected_advisories.empty()) {
    table.mistake("rejected_advisories", "an empty list rejects nothing; leave it out");
  }
  if (!platform.allowed_advisories) return;
  for (const std::string& id : platform.rejected_advisories) {
    if (std::ranges::find(*platform.allowed_advisories, id) != platform.allowed_advisories->end()) {
      table.mistake("rejected_advisories", text(shown(id), " is allowed as well, in line ",
                                                table.place_of("allowed_advisories").line,
                                                "; take it out of one of the lists"));
    }
  }
}

std::optional<std::uint32_t> read_number(TableReader& table, std::string_view key) {
  const auto number = table.integer(key, 1, kMaxNumber);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

Grace read_grace(TableReader& table, const PlatformPolicy& platform) {
  Grace out;
  out.tcb_status = read_statuses(table, "tcb_status", kGraceStatuses, Statuses{{kOutOfDate}});
  out.max_tcb_age = table.duration("max_tcb_age");
  out.until_tcb_evaluation_data_number = read_number(table, "until_tcb_evaluation_data_number");
  if (!table.has("max_tcb_age") && !table.has("until_tcb_evaluation_data_number")) {
    table.mistake("max_tcb_age",
                  "missing, and so is until_tcb_evaluation_data_number: a grace must end; name one "
                  "of them");
  }
  for (const std::string_view status : out.tcb_status.values) {
    if (platform.tcb_status.has(status)) {
      table.mistake("tcb_status", text("the grace has no effect: platform.tcb_status accepts '",
                                       status, "' without limit; take it out of that list"));
    }
  }
  const auto least = platform.min_tcb_evaluation_data_number;
  if (least && out.until_tcb_evaluation_data_number.value_or(*least) < *least) {
    table.mistake("until_tcb_evaluation_data_number",
                  text(*out.until_tcb_evaluation_data_number,
                       ", which collateral can never have beside "
                       "platform.min_tcb_evaluation_data_number = ",
                       *least, "; expected ", *least, " or more"));
  }
  table.finish();
  return out;
}

bool may_pass(const PlatformPolicy& platform, std::string_view status) {
  return platform.tcb_status.has(status) ||
         (platform.grace && platform.grace->tcb_status.has(status));
}

// A QE that is not up to date makes its platform out of date, with or without a configuration
// needed (quote-verification 13).
void check_qe_statuses(TableReader& table, const PlatformPolicy& platform) {
  if (may_pass(platform, kOutOfDate) || may_pass(platform, kOutOfDateConfigurationNeeded)) return;
  for (const std::string_view status : platform.qe_tcb_status.values) {
    if (status == kUpToDate) continue;
    table.mistake("qe_tcb_status",
                  text('\'', status,
                       "' can never pass: with such a QE the platform is OutOfDate or "
                       "OutOfDateConfigurationNeeded, and tcb_status accepts neither; "
                       "leave it out, or accept one of those"));
  }
}

}  // namespace

PlatformPolicy read_platform(std::optional<TableReader> table) {
  PlatformPolicy out;
  out.tcb_status.values = {kUpToDate};
  if (!table) return out;
  out.tcb_status = read_statuses(*table, "tcb_status", kPlatformStatuses, out.tcb_status);
  check_up_to_date(*table, "tcb_status", out.tcb_status);
  out.min_tcb_evaluation_data_number = read_number(*table, "min_tcb_evaluation_data_number");
  out.min_tcb_date = table->date("min_tcb_date");
  if (auto grace = table->table("grace")) out.grace = read_grace(*grace, out);
  out.qe_tcb_status = read_statuses(*table, "qe_tcb_status", kQeStatuses, {});
  check_up_to_date(*table, "qe_tcb_status", out.qe_tcb_status);
  check_qe_statuses(*table, out);
  out.allowed_advisories = read_advisories(*table, "allowed_advisories");
  out.rejected_advisories =
      read_advisories(*table, "rejected_advisories").value_or(std::vector<std::string>());
  check_advisories(*table, out);
  out.fmspc.values = table->fixed_list<sgx::Fmspc>("fmspc");
  out.allow_simulated = table->boolean("allow_simulated").value_or(false);
  table->finish();
  return out;
}

}  // namespace quoted::appraisal
