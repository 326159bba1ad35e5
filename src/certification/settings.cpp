#include "certification/settings.h"

#include <array>

#include "base/file.h"
#include "config/durations.h"
#include "config/nearest.h"
#include "config/toml_text.h"
#include "verification/root_file.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kDefault = "default";

std::string milliseconds_text(std::chrono::milliseconds span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
  return seconds == span ? config::duration_text(seconds) : text(span.count(), "ms");
}

std::string describe(const SourceSettings& source) {
  std::string out = text(source_kind_name(source.kind), ' ',
                         source.url ? source.url->base() : source.path.string());
  if (source.use == SourceUse::kCertificates) out += ", for PCK certificates only";
  if (source.use == SourceUse::kCollateral) out += ", for collateral only";
  if (!source.verify_tls) out += ", TLS certificate NOT verified";
  if (!source.ca_file.empty()) out += text(", TLS CA ", source.ca_file.string());
  if (!source.api_key_file.empty()) out += text(", API key from ", source.api_key_file.string());
  if (!source.user_token_file.empty()) {
    out += text(", user token from ", source.user_token_file.string());
  }
  if (!source.proxy.empty()) out += ", through a proxy of its own";
  if (source.update == TcbUpdate::kEarly) out += ", early TCB updates";
  if (source.selection == PckSelection::kLocal) out += ", PCK certificate chosen here";
  return out;
}

std::string line(std::string_view name, std::string_view value, std::string_view origin) {
  return text(name, " = ", value, "  (", origin, ")\n");
}

template <class T>
void keep(Setting<T>& own, const Setting<T>& other) {
  if (own.origin == kDefault) own = other;
}

Result<std::optional<Settings>> read_qcnl_at(const std::filesystem::path& file) {
  constexpr std::size_t kMaxFile = std::size_t{256} * 1024;
  QUOTED_TRY(const base::Bytes content, base::read_file(file, kMaxFile));
  QUOTED_TRY(Settings out, read_qcnl(base::as_text(content), file.string()));
  return std::optional(std::move(out));
}

// A file that was named must be there; at its usual place it may be missing.
Result<std::optional<Settings>> find_qcnl(const Environment& environment,
                                          const std::filesystem::path& usual) {
  if (const auto named = environment("QCNL_CONF_PATH"); named && !named->empty()) {
    auto out = read_qcnl_at(*named);
    if (!out) return fail(std::move(out).error().with_context("QCNL_CONF_PATH"));
    return out;
  }
  std::error_code ignored;
  if (!std::filesystem::exists(usual, ignored)) return std::nullopt;
  return read_qcnl_at(usual);
}

}  // namespace

std::string_view source_kind_name(SourceKind kind) {
  constexpr std::array<std::string_view, 4> kNames{"pcs", "pccs", "azure", "files"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string Settings::explain() const {
  std::string out;
  if (sources.empty()) out += "no source\n";
  for (std::size_t i = 0; i < sources.size(); ++i) {
    out += line(text("source ", i + 1), describe(sources[i]), sources[i].origin);
  }
  out +=
      line("connect_timeout", milliseconds_text(connect_deadline.value), connect_deadline.origin);
  out += line("timeout", milliseconds_text(total_deadline.value), total_deadline.origin);
  out +=
      line("cache_dir", cache_dir.value.empty() ? "that of the program" : cache_dir.value.string(),
           cache_dir.origin);
  out += line("stale_limit", config::duration_text(stale_limit.value), stale_limit.origin);
  out += line("refresh", config::duration_text(refresh.value), refresh.origin);
  std::string root_names = "Intel's";
  for (const auto& root : roots.value) root_names += text(", ", root.string());
  out += line("roots", root_names, roots.origin);
  for (const std::string& warning : warnings) out += text("warning: ", warning, '\n');
  return out;
}

Result<Settings> load_settings(const std::filesystem::path& file) {
  QUOTED_TRY(const base::Bytes content, base::read_file(file, config::kMaxTextSize));
  config::Mistakes mistakes;
  Settings out;
  if (const auto table = config::parse_toml(base::as_text(content), mistakes)) {
    config::TableReader top(*table, {}, "", mistakes);
    if (auto own = top.table("collateral")) out = read_collateral_table(*own, file.string());
  }
  QUOTED_CHECK(mistakes.status(file.string()));
  return out;
}

Result<Settings> complete_settings(Settings own, const Environment& environment,
                                   const std::filesystem::path& usual_qcnl) {
  if (!own.sources.empty()) return own;
  QUOTED_TRY(Settings other, read_azdcap(environment));
  if (other.sources.empty()) {
    QUOTED_TRY(auto qcnl, find_qcnl(environment, usual_qcnl));
    if (qcnl) other = *std::move(qcnl);
  }
  own.sources = std::move(other.sources);
  own.warnings.insert(own.warnings.end(), other.warnings.begin(), other.warnings.end());
  keep(own.refresh, other.refresh);
  return own;
}

SourceKind guess_kind(const ServiceUrl& url) {
  if (url.is_intel()) return SourceKind::kPcs;
  const bool azure = url.host() == "169.254.169.254" || url.host().ends_with(".azure.net");
  return azure ? SourceKind::kAzure : SourceKind::kPccs;
}

Result<SourceSettings> parse_source(std::string_view kind_and_url) {
  const std::size_t equals = std::min(kind_and_url.find('='), kind_and_url.size());
  const std::string_view name = kind_and_url.substr(0, equals);
  const std::string_view value =
      equals < kind_and_url.size() ? kind_and_url.substr(equals + 1) : std::string_view();
  constexpr std::array kKinds{SourceKind::kPcs, SourceKind::kPccs, SourceKind::kAzure,
                              SourceKind::kFiles};
  for (const SourceKind kind : kKinds) {
    if (name != source_kind_name(kind)) continue;
    SourceSettings out;
    out.kind = kind;
    out.origin = "command line";
    if (kind == SourceKind::kFiles) {
      if (value.empty()) return fail(ErrorCode::kInvalidArgument, "'files=' names no path");
      out.path = value;
      return out;
    }
    QUOTED_TRY(out.url, ServiceUrl::parse(value));
    return out;
  }
  constexpr std::array<std::string_view, 4> kNames{"pcs", "pccs", "azure", "files"};
  return fail(ErrorCode::kInvalidArgument,
              text("a source is KIND=URL or files=PATH, not ", config::shown(kind_and_url), "; ",
                   config::suggestion(name, kNames)));
}

Result<ServiceOptions> service_options(const Settings& settings) {
  ServiceOptions out;
  out.cache_dir = settings.cache_dir.value;
  out.stale_limit = settings.stale_limit.value;
  out.refresh_after = settings.refresh.value;
  out.roots.push_back(verification::intel_root());
  for (const auto& file : settings.roots.value) {
    QUOTED_TRY(auto root, verification::read_trusted_root(file.string()));
    out.roots.push_back(std::move(root));
  }
  return out;
}

}  // namespace quoted::certification
