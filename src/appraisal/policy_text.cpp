#include "appraisal/policy_text.h"

#include "appraisal/platform_text.h"
#include "appraisal/workload_text.h"
#include "base/file.h"
#include "base/text.h"
#include "config/toml_text.h"

namespace quoted::appraisal {
namespace {

using base::text;
using config::TableReader;

constexpr std::int64_t kVersion = 1;

void read_version(TableReader& top) {
  if (!top.has("version")) {
    static_cast<void>(top.integer("version", kVersion, kVersion));
    top.mistake("version", text("missing; write 'version = ", kVersion, "' in the first line"));
    return;
  }
  static_cast<void>(top.integer("version", kVersion, kVersion));
}

// Of two alternatives, the one that changes nothing is the mistake: its writer believes that it
// does, most often that it narrows the other.
template <class Alternative>
void check_effect(const std::vector<Alternative>& all, std::string_view key,
                  config::Mistakes& mistakes) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (i == j || !covers(all[j], all[i])) continue;
      const bool same = covers(all[i], all[j]);
      if (same && j > i) continue;  // of two equal ones the later is named
      mistakes.add(all[i].place,
                   text(key, '[', i, "]: ", same ? "accepts the same as " : "has no effect, since ",
                        key, '[', j, "] in line ", all[j].place.line,
                        same ? "; leave one out"
                             : " accepts all that it accepts, and one alternative is enough; make "
                               "that one narrower, or leave this one out"));
      break;
    }
  }
}

void read_workload(TableReader& top, Policy& policy, config::Mistakes& mistakes) {
  policy.any_enclave = top.boolean("any_enclave").value_or(false);
  policy.allow_debug = top.boolean("allow_debug").value_or(false);
  std::vector<TableReader> enclaves = top.tables("enclave");
  std::vector<TableReader> tds = top.tables("td");
  const bool alternatives = top.has("enclave") || top.has("td");
  if (policy.any_enclave && alternatives) {
    top.mistake("any_enclave",
                "accepts every enclave and TD, so that [[enclave]] and [[td]] have no "
                "effect; leave out one or the other");
  } else if (!policy.any_enclave && !alternatives) {
    top.mistake("enclave",
                "missing; name the enclaves or TDs that may pass in [[enclave]] or [[td]] "
                "tables, or write 'any_enclave = true' to accept every one");
  }
  if (top.has("allow_debug") && !policy.any_enclave) {
    top.mistake("allow_debug",
                "at the top level it goes with 'any_enclave = true' only; write it "
                "into the [[enclave]] or [[td]] that may be debugged");
  }
  if (enclaves.size() > kMaxAlternatives || tds.size() > kMaxAlternatives) {
    top.mistake(enclaves.size() > kMaxAlternatives ? "enclave" : "td",
                text("more than ", kMaxAlternatives, " alternatives; one can list several values"));
    return;
  }
  for (TableReader& table : enclaves) policy.enclaves.push_back(read_enclave(table));
  for (TableReader& table : tds) policy.tds.push_back(read_td(table));
  // What could not be read is missing in the alternatives, which then cover each other.
  if (!mistakes.empty()) return;
  check_effect(policy.enclaves, "enclave", mistakes);
  check_effect(policy.tds, "td", mistakes);
}

// A TD is advised to relaunch, an enclave never (quote-verification 12).
void check_relaunch(TableReader& top, const Policy& policy) {
  if (policy.any_enclave || !policy.tds.empty() || policy.enclaves.empty()) return;
  for (const std::string_view status : policy.platform.tcb_status.values) {
    if (!status.starts_with("TDRelaunch")) continue;
    top.table("platform")
        ->mistake("tcb_status",
                  text(config::shown(status),
                       " can never pass: only TDs have it, and there is no [[td]]; leave it out"));
  }
}

}  // namespace

std::optional<Policy> parse_policy(std::string_view all, config::Mistakes& mistakes) {
  const auto table = config::parse_toml(all, mistakes);
  if (!table) return std::nullopt;
  constexpr std::size_t kMaxName = 100;
  TableReader top(*table, {}, "", mistakes);
  Policy out;
  read_version(top);
  out.name = top.string("name", kMaxName).value_or("");
  out.platform = read_platform(top.table("platform"));
  if (auto collateral = top.table("collateral")) {
    out.max_collateral_age = collateral->duration("max_age");
    collateral->finish();
  }
  read_workload(top, out, mistakes);
  check_relaunch(top, out);
  top.finish();
  if (!mistakes.empty()) return std::nullopt;
  return out;
}

base::Result<Policy> parse_policy(std::string_view all, std::string_view file) {
  config::Mistakes mistakes;
  auto policy = parse_policy(all, mistakes);
  QUOTED_CHECK(mistakes.status(file));
  return *std::move(policy);
}

base::Result<Policy> load_policy(const std::string& path) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, config::kMaxTextSize));
  return parse_policy(base::as_text(content), path);
}

}  // namespace quoted::appraisal
