// The certification service as commands use it: where its sources come from, and what it tells
// people while it works.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "certification/settings.h"

namespace quoted::quotectl {

struct SourceOptions {
  std::vector<std::string> sources;
  std::string config;
  std::vector<std::string> roots;
  std::string cache_dir;
};

enum class SourceFlags : std::uint8_t { kAll, kWithoutSources };
void add_source_options(CLI::App& command, SourceOptions& options, SourceFlags flags);

// --source before --config before the files and variables of other providers.
[[nodiscard]] base::Result<certification::Settings> settings_of(const SourceOptions& options);

// Sentences on standard error: which document came from where, and what failed.
class TellingObserver final : public certification::ServiceObserver {
 public:
  void fetched(std::string_view source, std::string_view document) override;
  void failed(std::string_view source, std::string_view document,
              const base::Error& error) override;
  void cache_degraded(bool degraded, std::string_view why) override;
  void cache_damaged(std::string_view file, const base::Error& error) override;

  // Why nothing could be kept; empty when all was.
  [[nodiscard]] const std::string& not_kept() const { return not_kept_; }
  // A document that no source gave, and why the first that was asked did not; nothing when all
  // came.
  struct Missing {
    std::string document;
    base::Error why;
  };
  [[nodiscard]] std::optional<Missing> missing() const;

 private:
  std::set<std::string, std::less<>> came_;
  std::vector<Missing> failures_;
  std::string not_kept_;
};

// NoCollateralSource without a source; the errors of the settings.
[[nodiscard]] base::Result<std::unique_ptr<certification::Service>> make_service(
    const certification::Settings& settings, const base::Clock& clock, TellingObserver& observer);

}  // namespace quoted::quotectl
