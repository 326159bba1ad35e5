#include "quotectl/collateral_fetch.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "collateral/bundle.h"
#include "collateral/collateral_files.h"
#include "collateral/pck_certificate.h"
#include "quotectl/collateral_service.h"
#include "quotectl/describe_collateral.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using certification::PlatformLine;
using collateral::Collateral;
using SetAnswer = certification::Answer<Collateral>;
namespace fs = std::filesystem;

constexpr std::string_view kFetchedFile = "fetched.json";
constexpr std::size_t kMaxFetchedFile = 65536;

struct FetchOptions {
  SourceOptions from;
  std::string fmspc;
  std::string ca;
  std::string tee = "sgx";
  std::string out;
  bool json = false;
};

struct ImportOptions {
  SourceOptions to;
  std::string path;
};

Result<PlatformLine> line_of(const FetchOptions& options) {
  PlatformLine out;
  out.tee = options.tee == "tdx" ? collateral::Tee::kTdx : collateral::Tee::kSgx;
  QUOTED_TRY(out.fmspc, parse_identifier<sgx::Fmspc>("--fmspc", options.fmspc));
  out.ca = collateral::pck_ca_named(options.ca).value_or(out.ca);
  return out;
}

// What the sources gave, or the cache in their place.
struct Fetched {
  SetAnswer answer;
  bool out_of_cache = false;
};

Json describe_fetched(const Fetched& fetched) {
  const SetAnswer& answer = fetched.answer;
  return {{"from", answer.source},
          {"out_of_cache", fetched.out_of_cache},
          {"at", format_time(answer.fetched)},
          {"usable_until", format_time(answer.usable_until)},
          {"stale", answer.stale}};
}

Status write_directory(const fs::path& directory, const Fetched& fetched) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return fail(ErrorCode::kFileUnwritable,
                text("cannot make ", directory.string(), ": ", error.message()));
  }
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    // A file of another form would hold the same part a second time.
    for (const std::string_view other : part.file_names) {
      if (!other.empty() && other != part.file_names.front()) fs::remove(directory / other, error);
    }
    QUOTED_CHECK(write_output_file((directory / part.file_names.front()).string(),
                                   fetched.answer.value.*part.bytes));
  }
  return write_output_file((directory / kFetchedFile).string(),
                           base::as_bytes(render_json(describe_fetched(fetched))));
}

Status write_set(const std::string& out, const Fetched& fetched) {
  std::error_code ignored;
  if (out.ends_with('/') || fs::is_directory(out, ignored)) return write_directory(out, fetched);
  QUOTED_TRY(const std::string content, collateral::write_bundle(fetched.answer.value));
  return write_output_file(out, base::as_bytes(content));
}

// What a person wants to know of what came: from where, how long it is good, and of which world.
void tell(const SetAnswer& answer, std::string_view where) {
  const auto parts = collateral::ParsedCollateral::parse(answer.value);
  const Json expiries = describe_expiries(parts);
  std::string sentence = text("collateral from ", printable(answer.source), where);
  if (!expiries.empty()) {
    sentence += text("; good until ", expiries[0].at("until").get<std::string>(), ", when ",
                     printable(expiries[0].at("part").get<std::string>()), " ends");
  }
  note(sentence);
  if (answer.stale) note("this is past its date");
  if (!parts.tcb_info_issuer_chain) return;
  for (const crypto::Certificate& one : parts.tcb_info_issuer_chain->certificates()) {
    if (!collateral::is_marked_simulated(one)) continue;
    warn_simulated("this collateral is of a simulated world and proves nothing");
    break;
  }
}

Result<ExitCode> fetch(const FetchOptions& options) {
  QUOTED_TRY(const PlatformLine line, line_of(options));
  QUOTED_TRY(const certification::Settings settings, settings_of(options.from));
  const base::SystemClock clock;
  TellingObserver observer;
  QUOTED_TRY(const auto service, make_service(settings, clock, observer));
  Fetched fetched;
  QUOTED_TRY(fetched.answer, service->collateral(line, certification::Freshness::kRefresh));
  const SetAnswer& answer = fetched.answer;
  if (const auto missing = observer.missing()) {
    fetched.out_of_cache = true;
    note(text("OUT OF THE CACHE: no source gives ", printable(missing->document),
              " now; what was fetched before is used, the oldest part at ",
              format_time(answer.fetched)));
  }
  if (!observer.not_kept().empty()) {
    note(text("nothing is kept in the cache: ", printable(observer.not_kept())));
  }
  if (!options.out.empty()) {
    QUOTED_CHECK(write_set(options.out, fetched));
    tell(answer, text(", written to ", options.out));
    return ExitCode::kSuccess;
  }
  tell(answer, "");
  const Json out = describe_collateral(collateral::ParsedCollateral::parse(answer.value),
                                       describe_fetched(fetched));
  QUOTED_CHECK(print(options.json ? render_json(out) : render_text(out)));
  return ExitCode::kSuccess;
}

// The line that documents are for, by their own words; whether these count the service finds out.
Result<PlatformLine> line_in(const std::string& path) {
  QUOTED_TRY(const Collateral documents, collateral::read_collateral(path));
  const auto parts = collateral::ParsedCollateral::parse(documents);
  if (!parts.tcb_info) {
    return fail(ErrorCode::kCollateralUnreadable, text(path, ": ", parts.tcb_info.error().detail));
  }
  if (!parts.pck_crl) {
    return fail(ErrorCode::kCollateralUnreadable, text(path, ": ", parts.pck_crl.error().detail));
  }
  const bool processor =
      parts.pck_crl->issuer().printable.find(collateral::kProcessorCaCn) != std::string::npos;
  return PlatformLine{parts.tcb_info->tee, parts.tcb_info->fmspc,
                      processor ? collateral::PckCa::kProcessor : collateral::PckCa::kPlatform};
}

Result<ExitCode> import(const ImportOptions& options) {
  QUOTED_TRY(const PlatformLine line, line_in(options.path));
  SourceOptions from = options.to;
  from.sources = {text("files=", options.path)};
  QUOTED_TRY(const certification::Settings settings, settings_of(from));
  if (settings.cache_dir.value.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no cache to import into; name one with --cache-dir, or with cache_dir in "
                "the file of --config");
  }
  const base::SystemClock clock;
  TellingObserver observer;
  QUOTED_TRY(const auto service, make_service(settings, clock, observer));
  QUOTED_TRY(const SetAnswer answer, service->collateral(line, certification::Freshness::kRefresh));
  // What the cache had before is an answer as well, but none to this command.
  if (auto missing = observer.missing()) {
    return fail(std::move(missing->why)
                    .with_context(text(printable(options.path), " was not imported, for its part ",
                                       printable(missing->document))));
  }
  if (!observer.not_kept().empty()) {
    return fail(ErrorCode::kCacheUnusable, printable(observer.not_kept()));
  }
  tell(answer, text(", kept in ", settings.cache_dir.value.string()));
  return ExitCode::kSuccess;
}

Result<ExitCode> sources(const SourceOptions& options) {
  QUOTED_TRY(const certification::Settings settings, settings_of(options));
  QUOTED_CHECK(print(settings.explain()));
  return ExitCode::kSuccess;
}

void add_fetch(CLI::App& collateral, Action& chosen) {
  auto options = std::make_shared<FetchOptions>();
  CLI::App* const command = collateral.add_subcommand(
      "fetch", "Get the documents of a platform line from a service, and verify them");
  command->add_option("--fmspc", options->fmspc, "Platform line, 12 hexadecimal digits")
      ->type_name("HEX")
      ->required();
  command->add_option("--ca", options->ca, "CA of the PCK certificates: platform or processor")
      ->check(CLI::IsMember({"platform", "processor"}))
      ->required();
  command->add_option("--tee", options->tee, "sgx or tdx")
      ->check(CLI::IsMember({"sgx", "tdx"}))
      ->capture_default_str();
  command
      ->add_option("--out", options->out,
                   "Where they go: a directory (also with '/' at its end), else a bundle; without "
                   "it they are shown")
      ->type_name("FILE|DIR");
  command->add_flag("--json", options->json, "JSON instead of text")->excludes("--out");
  add_source_options(*command, options->from, SourceFlags::kAll);
  command->callback([options, &chosen] { chosen = [options] { return fetch(*options); }; });
}

void add_import(CLI::App& collateral, Action& chosen) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* const command = collateral.add_subcommand(
      "import", "Verify a directory or bundle and put it into the cache, for machines offline");
  command->add_option("SOURCE", options->path, "Directory or bundle")->type_name("")->required();
  add_source_options(*command, options->to, SourceFlags::kWithoutSources);
  command->callback([options, &chosen] { chosen = [options] { return import(*options); }; });
}

void add_sources(CLI::App& collateral, Action& chosen) {
  auto options = std::make_shared<SourceOptions>();
  CLI::App* const command = collateral.add_subcommand(
      "sources", "Say which sources and settings count, and where each was set");
  add_source_options(*command, *options, SourceFlags::kAll);
  command->callback([options, &chosen] { chosen = [options] { return sources(*options); }; });
}

}  // namespace

void add_collateral_fetch_commands(CLI::App& collateral, Action& chosen) {
  add_fetch(collateral, chosen);
  add_import(collateral, chosen);
  add_sources(collateral, chosen);
}

std::optional<Json> read_fetched(const std::string& directory) {
  const auto content = base::read_file(fs::path(directory) / kFetchedFile, kMaxFetchedFile);
  if (!content) return std::nullopt;
  Json out = Json::parse(base::as_text(*content), nullptr, false);
  if (!out.is_object()) return std::nullopt;
  // Only our own members, and none of them deep: whatever else stands there is not ours.
  Json known = Json::object();
  for (const char* const name : {"from", "at", "usable_until"}) {
    const auto found = out.find(name);
    if (found != out.end() && found->is_string()) known[name] = *found;
  }
  return known;
}

}  // namespace quoted::quotectl
