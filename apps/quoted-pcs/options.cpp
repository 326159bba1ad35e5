#include "quoted-pcs/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace quoted::pcs {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

// A slow endpoint keeps a thread for as long as it is slow.
constexpr std::size_t kDefaultThreads = 16;
constexpr std::size_t kMaxThreads = 1024;

// As typed, before it is known to make sense.
struct RawOptions {
  std::string state_dir = "/var/lib/quoted-pcs";
  std::string seed_file;
  std::string listen = "127.0.0.1:8080";
  std::string listen_pccs = "127.0.0.1:8081";
  std::string tls_certificate;
  std::string tls_key;
  std::string api_key_file;
  std::string user_token_file;
  std::string log_format = "auto";
  std::string log_level = "info";
  std::size_t threads = kDefaultThreads;
  std::vector<std::string> cache;
  std::vector<std::string> roots;
};

void declare(CLI::App& app, RawOptions& raw) {
  app.set_version_flag("--version", "quoted-pcs " QUOTED_VERSION);
  app.add_option("--state-dir", raw.state_dir,
                 "Keeps the world, and what was issued in it, across restarts")
      ->envname("QUOTED_PCS_STATE_DIR")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--seed-file", raw.seed_file,
                 "The secret that the simulated world derives from, the same as that of the nodes: "
                 "32 raw bytes or 64 hexadecimal digits; without it, a public seed for development")
      ->type_name("FILE");
  app.add_option("--listen", raw.listen,
                 "Where to answer as Intel's service does: PORT, ADDRESS:PORT or unix:PATH; port 0 "
                 "takes a free one")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app.add_option("--listen-pccs", raw.listen_pccs, "Where to answer as a PCCS does")
      ->type_name("ADDRESS")
      ->capture_default_str();
  CLI::Option* const certificate =
      app.add_option("--tls-certificate", raw.tls_certificate,
                     "Speak TLS with this certificate, its own first, PEM; without it plain HTTP");
  CLI::Option* const key = app.add_option("--tls-key", raw.tls_key, "The key to it, PEM");
  certificate->type_name("FILE")->needs(key);
  key->type_name("FILE")->needs(certificate);
  app.add_option("--require-api-key", raw.api_key_file,
                 "PCK certificates need the key in this file, as the header "
                 "Ocp-Apim-Subscription-Key; on --listen only")
      ->type_name("FILE");
  app.add_option("--user-token-file", raw.user_token_file,
                 "Registrations with the PCCS need the token in this file, as the header "
                 "user-token")
      ->type_name("FILE");
  app.add_option("--cache", raw.cache,
                 "Answer out of a verifying cache over other services, without the manufacturer: "
                 "pcs=URL, pccs=URL or azure=URL; several are asked in their order")
      ->type_name("KIND=URL");
  app.add_option("--root", raw.roots,
                 "With --cache: trust this root certificate beside Intel's; may be repeated")
      ->type_name("FILE");
  app.add_option("--threads", raw.threads, "Requests that are worked on at a time, per listener")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->capture_default_str();
  app.add_option("--log-format", raw.log_format, "auto (text on a terminal), json or text")
      ->check(CLI::IsMember({"auto", "json", "text"}))
      ->capture_default_str();
  app.add_option("--log-level", raw.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
}

Result<http::Endpoint> endpoint(std::string_view option, const std::string& value) {
  auto out = http::parse_endpoint(value);
  if (!out) return fail(std::move(out).error().with_context(std::string(option)));
  return *std::move(out);
}

std::optional<std::filesystem::path> file(const std::string& name) {
  return name.empty() ? std::nullopt : std::optional<std::filesystem::path>(name);
}

Result<std::optional<certification::Settings>> cache_settings(const RawOptions& raw) {
  if (raw.cache.empty()) {
    if (raw.roots.empty()) return std::nullopt;
    return fail(ErrorCode::kInvalidArgument, "--root says what a cache trusts; it needs --cache");
  }
  if (!raw.seed_file.empty() || !raw.api_key_file.empty() || !raw.user_token_file.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--seed-file, --require-api-key and --user-token-file are the manufacturer's; they "
                "exclude --cache");
  }
  certification::Settings out;
  for (const std::string& one : raw.cache) {
    auto source = certification::parse_source(one);
    if (!source) return fail(std::move(source).error().with_context("--cache"));
    out.sources.push_back(*std::move(source));
  }
  out.roots = {.value = {raw.roots.begin(), raw.roots.end()}, .origin = "--root"};
  out.cache_dir = {.value = std::filesystem::path(raw.state_dir) / "collateral",
                   .origin = "--state-dir"};
  return out;
}

Result<Options> validate(const RawOptions& raw) {
  Options out;
  if (raw.state_dir.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--state-dir is '', expected a directory");
  }
  // "dir/" names the same directory as "dir", but has no last component to give a mode to.
  out.state_dir = std::filesystem::path(raw.state_dir).lexically_normal();
  if (!out.state_dir.has_filename()) out.state_dir = out.state_dir.parent_path();
  QUOTED_TRY(out.listen, endpoint("--listen", raw.listen));
  QUOTED_TRY(out.listen_pccs, endpoint("--listen-pccs", raw.listen_pccs));
  out.seed_file = file(raw.seed_file);
  out.tls_certificate = file(raw.tls_certificate);
  out.tls_key = file(raw.tls_key);
  out.api_key_file = file(raw.api_key_file);
  out.user_token_file = file(raw.user_token_file);
  out.log_format = raw.log_format == "json"   ? telemetry::LogFormat::kJson
                   : raw.log_format == "text" ? telemetry::LogFormat::kText
                                              : telemetry::format_for(STDERR_FILENO);
  out.log_level = *telemetry::parse_level(raw.log_level);
  out.threads = raw.threads;
  QUOTED_TRY(out.cache, cache_settings(raw));
  return out;
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  RawOptions raw;
  CLI::App app(
      "The simulated manufacturer (SIMULATED-NO-SECURITY): PCK certificates and collateral of a "
      "simulated world, behind the interfaces of Intel's service and of a PCCS.",
      "quoted-pcs");
  declare(app, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return CommandLine{.information = app.help(), .options = {}};
  } catch (const CLI::CallForVersion& version) {
    return CommandLine{.information = text(version.what(), '\n'), .options = {}};
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument, error.what());
  }
  QUOTED_TRY(Options options, validate(raw));
  return CommandLine{.information = {}, .options = std::move(options)};
}

}  // namespace quoted::pcs
