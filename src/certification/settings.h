// Where certification data comes from and how it is kept, as a person or another provider's files
// say it; every value knows where it was set.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certification/api_targets.h"
#include "certification/pcs_source.h"
#include "certification/service.h"
#include "config/table_reader.h"

namespace quoted::certification {

enum class SourceKind : std::uint8_t { kPcs, kPccs, kAzure, kFiles };
// "pcs"
[[nodiscard]] std::string_view source_kind_name(SourceKind kind);

// Some services have only one of the two, or are trusted to be asked for only one.
enum class SourceUse : std::uint8_t { kEverything, kCertificates, kCollateral };

struct SourceSettings {
  SourceKind kind = SourceKind::kPccs;
  std::optional<ServiceUrl> url;  // absent for files
  std::filesystem::path path;     // of files
  SourceUse use = SourceUse::kEverything;
  std::filesystem::path ca_file;
  bool verify_tls = true;
  std::filesystem::path api_key_file;
  std::filesystem::path user_token_file;
  std::string proxy;
  http::Headers headers;
  std::vector<http::QueryParameter> params;  // of requests for PCK certificates
  std::string custom_parameter;              // of requests for collateral
  TcbUpdate update = TcbUpdate::kStandard;
  PckSelection selection = PckSelection::kService;
  std::string client_id = "production_client";
  bool on_demand = true;
  std::string origin;  // "quoted.toml:12", "AZDCAP_BASE_CERT_URL"
};

template <class T>
struct Setting {
  T value;
  std::string origin = "default";
};

struct Settings {
  std::vector<SourceSettings> sources;  // asked in this order
  Setting<std::chrono::milliseconds> connect_deadline{std::chrono::seconds{5}};
  Setting<std::chrono::milliseconds> total_deadline{std::chrono::seconds{15}};
  Setting<std::filesystem::path> cache_dir{};  // empty: what the program has
  Setting<std::chrono::seconds> stale_limit{std::chrono::hours{24 * 7}};
  Setting<std::chrono::seconds> refresh{std::chrono::hours{24}};
  Setting<std::vector<std::filesystem::path>> roots{};  // beside Intel's
  // What another provider's files say that is not followed, and why: a line each.
  std::vector<std::string> warnings;

  // A line for each source and value with its origin.
  [[nodiscard]] std::string explain() const;
};

// The value of a variable, or nothing.
using Environment = std::function<std::optional<std::string>(const char*)>;
[[nodiscard]] Environment process_environment();

// The table [collateral] of `file`; what is wrong in it becomes mistakes of the reader.
[[nodiscard]] Settings read_collateral_table(config::TableReader& table, std::string_view file);
// A file with that table; others in it are left to their readers. ConfigurationInvalid.
[[nodiscard]] base::Result<Settings> load_settings(const std::filesystem::path& file);

// The sources that the variables of Azure's provider name; none when they name none.
// ConfigurationInvalid names the variable.
[[nodiscard]] base::Result<Settings> read_azdcap(const Environment& environment);

// A configuration file of Intel's provider. ConfigurationInvalid with file and place or key.
[[nodiscard]] base::Result<Settings> read_qcnl(std::string_view content, std::string_view file);

// `own` where it names sources; else with those of Azure's variables; else with those of Intel's
// file, which QCNL_CONF_PATH names, or at its usual place where it may be missing. What `own` sets
// stays as it is.
[[nodiscard]] base::Result<Settings> complete_settings(
    Settings own, const Environment& environment,
    const std::filesystem::path& usual_qcnl = "/etc/sgx_default_qcnl.conf");

// The kind of the service that answers at an address that another provider's file names.
[[nodiscard]] SourceKind guess_kind(const ServiceUrl& url);

// "KIND=URL" or "files=PATH", as a command line names a source.
[[nodiscard]] base::Result<SourceSettings> parse_source(std::string_view kind_and_url);

// What is to see the exchanges of a source: a client around the one that makes them.
using WrapClient =
    std::function<std::unique_ptr<http::Client>(std::unique_ptr<http::Client> client)>;

// FileUnreadable or ConfigurationInvalid for a key, token or CA that cannot be used.
[[nodiscard]] base::Result<std::vector<std::unique_ptr<Source>>> make_sources(
    const Settings& settings, const WrapClient& wrap = {});

// With Intel's root and those of the files. FileUnreadable, BadCertificate.
[[nodiscard]] base::Result<ServiceOptions> service_options(const Settings& settings);

}  // namespace quoted::certification
