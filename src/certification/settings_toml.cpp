// The table [collateral] of a file of our own.
#include <algorithm>
#include <array>

#include "certification/settings.h"
#include "config/nearest.h"

namespace quoted::certification {
namespace {

using base::text;
using config::shown;
using config::TableReader;

constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxPath = 4096;
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxSources = 16;

std::string origin_of(const TableReader& table, std::string_view key, std::string_view file) {
  return text(file, ':', table.place_of(key).line);
}

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

// One of a few words.
template <class T, std::size_t N>
void read_choice(TableReader& table, std::string_view key, const std::array<Choice<T>, N>& choices,
                 T& value) {
  const auto word = table.string(key, kMaxText);
  if (!word) return;
  std::array<std::string_view, N> names;
  std::ranges::transform(choices, names.begin(), &Choice<T>::name);
  const auto found = std::ranges::find(choices, *word, &Choice<T>::name);
  if (found == choices.end()) {
    table.mistake(key, text(shown(*word), "; ", config::suggestion(*word, names)));
  } else {
    value = found->value;
  }
}

constexpr std::array kKinds{Choice<SourceKind>{"pcs", SourceKind::kPcs},
                            Choice<SourceKind>{"pccs", SourceKind::kPccs},
                            Choice<SourceKind>{"azure", SourceKind::kAzure},
                            Choice<SourceKind>{"files", SourceKind::kFiles}};
constexpr std::array kUses{Choice<SourceUse>{"everything", SourceUse::kEverything},
                           Choice<SourceUse>{"certificates", SourceUse::kCertificates},
                           Choice<SourceUse>{"collateral", SourceUse::kCollateral}};
constexpr std::array kUpdates{Choice<TcbUpdate>{"standard", TcbUpdate::kStandard},
                              Choice<TcbUpdate>{"early", TcbUpdate::kEarly}};
constexpr std::array kSelections{Choice<PckSelection>{"service", PckSelection::kService},
                                 Choice<PckSelection>{"local", PckSelection::kLocal}};

// What only some kinds have; elsewhere it would be passed over without a word.
struct KindKey {
  std::string_view key;
  std::vector<SourceKind> kinds;
};
const std::vector<KindKey>& kind_keys() {
  using enum SourceKind;
  static const std::vector<KindKey> keys = {
      {"url", {kPcs, kPccs, kAzure}},
      {"path", {kFiles}},
      {"ca_file", {kPcs, kPccs, kAzure}},
      {"verify_tls", {kPcs, kPccs, kAzure}},
      {"proxy", {kPcs, kPccs, kAzure}},
      {"headers", {kPcs, kPccs, kAzure}},
      {"api_key_file", {kPcs}},
      {"pck_selection", {kPcs}},
      {"tcb_update", {kPcs, kPccs}},
      {"user_token_file", {kPccs}},
      {"params", {kPccs}},
      {"custom_parameter", {kPccs}},
      {"client_id", {kAzure}},
      {"on_demand", {kAzure}},
  };
  return keys;
}

void check_kind_keys(TableReader& table, SourceKind kind) {
  for (const KindKey& one : kind_keys()) {
    if (table.has(one.key) && std::ranges::find(one.kinds, kind) == one.kinds.end()) {
      table.mistake(one.key, text("a source of kind '", source_kind_name(kind),
                                  "' has no such "
                                  "setting"));
    }
  }
}

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool is_printable(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
}

// Pairs of a name and a value in one string each.
template <class Pair>
std::vector<Pair> read_pairs(TableReader& table, std::string_view key, char separator,
                             std::string_view example) {
  std::vector<Pair> out;
  for (const config::Located& item : table.strings(key).value_or(std::vector<config::Located>())) {
    const std::size_t at = item.text.find(separator);
    const std::string_view all = item.text;
    const std::string_view name = all.substr(0, at);
    if (at == std::string::npos || !is_token(name) || !is_printable(all)) {
      table.mistake(key, item.place, text(shown(all), ", expected such as \"", example, '"'));
      continue;
    }
    std::string_view value = all.substr(at + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    out.push_back({std::string(name), std::string(value)});
  }
  return out;
}

void read_place(TableReader& table, SourceSettings& out) {
  const auto url = table.string("url", kMaxUrl);
  out.path = table.string("path", kMaxPath).value_or("");
  if (out.kind == SourceKind::kFiles) {
    if (!table.has("path")) table.mistake("path", "missing: a directory or a bundle");
    return;
  }
  if (!table.has("url")) {
    table.mistake("url", "missing, such as \"https://pccs:8081/sgx/certification/v4/\"");
  }
  if (!url) return;
  auto parsed = ServiceUrl::parse(*url);
  if (parsed) {
    out.url = *std::move(parsed);
  } else {
    table.mistake("url", parsed.error().message());
  }
}

SourceSettings read_source(TableReader& table, std::string_view file) {
  SourceSettings out;
  out.origin = text(file, ':', table.place().line);
  if (!table.has("kind")) table.mistake("kind", "missing: pcs, pccs, azure or files");
  read_choice(table, "kind", kKinds, out.kind);
  read_place(table, out);
  read_choice(table, "use", kUses, out.use);
  out.ca_file = table.string("ca_file", kMaxPath).value_or("");
  out.verify_tls = table.boolean("verify_tls").value_or(true);
  if (!out.verify_tls && !out.ca_file.empty()) {
    table.mistake("ca_file", "no use where verify_tls is false");
  }
  out.api_key_file = table.string("api_key_file", kMaxPath).value_or("");
  out.user_token_file = table.string("user_token_file", kMaxPath).value_or("");
  out.proxy = table.string("proxy", kMaxUrl).value_or("");
  out.headers = read_pairs<http::Header>(table, "headers", ':', "X-Site: berlin");
  out.params = read_pairs<http::QueryParameter>(table, "params", '=', "tenant=7");
  out.custom_parameter = table.string("custom_parameter", kMaxText).value_or("");
  read_choice(table, "tcb_update", kUpdates, out.update);
  read_choice(table, "pck_selection", kSelections, out.selection);
  out.client_id = table.string("client_id", kMaxText).value_or(out.client_id);
  out.on_demand = table.boolean("on_demand").value_or(true);
  check_kind_keys(table, out.kind);
  table.finish();
  return out;
}

}  // namespace

Settings read_collateral_table(TableReader& table, std::string_view file) {
  Settings out;
  const auto set = [&](auto& setting, std::string_view key, auto value) {
    if (!value) return;
    setting.value = *std::move(value);
    setting.origin = origin_of(table, key, file);
  };
  set(out.connect_deadline, "connect_timeout", table.duration("connect_timeout"));
  set(out.total_deadline, "timeout", table.duration("timeout"));
  set(out.cache_dir, "cache_dir", table.string("cache_dir", kMaxPath));
  set(out.stale_limit, "stale_limit", table.duration("stale_limit"));
  set(out.refresh, "refresh", table.duration("refresh"));
  if (const auto roots = table.strings("roots")) {
    for (const config::Located& root : *roots) out.roots.value.emplace_back(root.text);
    out.roots.origin = origin_of(table, "roots", file);
  }
  if (out.connect_deadline.value > out.total_deadline.value) {
    table.mistake("connect_timeout", "longer than timeout, which counts from the same moment");
  }
  std::vector<TableReader> sources = table.tables("source");
  if (sources.size() > kMaxSources) {
    table.mistake("source", text(sources.size(), " sources, at most ", kMaxSources, " are taken"));
    sources.clear();
  }
  for (TableReader& source : sources) out.sources.push_back(read_source(source, file));
  table.finish();
  return out;
}

}  // namespace quoted::certification
