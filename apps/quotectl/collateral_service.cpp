#include "quotectl/collateral_service.h"

#include <algorithm>

#include "base/text.h"
#include "quotectl/output.h"
#include "quotectl/render.h"

namespace quoted::quotectl {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using certification::Settings;

void add_source_options(CLI::App& command, SourceOptions& options, SourceFlags flags) {
  if (flags == SourceFlags::kAll) {
    command
        .add_option("--source", options.sources,
                    "Where to ask: pcs=URL, pccs=URL, azure=URL or files=PATH; may be given "
                    "several times. Without it the configuration says")
        ->type_name("KIND=URL")
        ->allow_extra_args(false);
  }
  command
      .add_option("--config", options.config,
                  "File with a table [collateral]; without it, or where it names no source, the "
                  "settings of Azure's and Intel's providers count")
      ->type_name("FILE");
  command
      .add_option("--root", options.roots,
                  "Root certificate trusted beside Intel's, PEM or DER; may be given several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option("--cache-dir", options.cache_dir,
                  "Where verified documents are kept; without it that of the configuration, else "
                  "nothing is kept")
      ->type_name("DIR");
}

Result<Settings> settings_of(const SourceOptions& options) {
  Settings out;
  if (!options.config.empty()) {
    QUOTED_TRY(out, certification::load_settings(options.config));
  }
  if (!options.sources.empty()) {
    out.sources.clear();
    for (const std::string& source : options.sources) {
      auto parsed = certification::parse_source(source);
      if (!parsed) return fail(std::move(parsed).error().with_context("--source"));
      out.sources.push_back(*std::move(parsed));
    }
  } else {
    QUOTED_TRY(out, certification::complete_settings(std::move(out),
                                                     certification::process_environment()));
  }
  for (const std::string& root : options.roots) {
    out.roots.value.emplace_back(root);
    out.roots.origin = "command line";
  }
  if (!options.cache_dir.empty()) out.cache_dir = {options.cache_dir, "command line"};
  return out;
}

void TellingObserver::fetched(std::string_view source, std::string_view document) {
  note(text(document, ": from ", printable(source)));
  came_.emplace(document);
}

void TellingObserver::failed(std::string_view source, std::string_view document,
                             const base::Error& error) {
  note(text(document, ": not from ", printable(source), ": ", error.entry().name, ": ",
            printable(error.summary())));
  failures_.push_back({std::string(document), error});
}

std::optional<TellingObserver::Missing> TellingObserver::missing() const {
  const auto first = std::ranges::find_if(
      failures_, [&](const Missing& one) { return !came_.contains(one.document); });
  return first == failures_.end() ? std::nullopt : std::optional(*first);
}

void TellingObserver::cache_degraded(bool degraded, std::string_view why) {
  not_kept_ = degraded ? why : std::string_view();
}

void TellingObserver::cache_damaged(std::string_view file, const base::Error& error) {
  note(text("cache: ", printable(file),
            " is damaged and passed over: ", printable(error.summary())));
}

Result<std::unique_ptr<certification::Service>> make_service(const Settings& settings,
                                                             const base::Clock& clock,
                                                             TellingObserver& observer) {
  for (const std::string& warning : settings.warnings) note(text("warning: ", printable(warning)));
  if (settings.sources.empty()) {
    return fail(ErrorCode::kNoCollateralSource,
                "neither --source nor --config nor another provider's settings name a source");
  }
  QUOTED_TRY(certification::ServiceOptions options, certification::service_options(settings));
  QUOTED_TRY(auto sources, certification::make_sources(settings));
  return certification::Service::create(std::move(options), std::move(sources), clock, observer);
}

}  // namespace quoted::quotectl
