// quotectl collateral: packs the documents of a platform into one file, and explains them.
// collateral_fetch.h has its commands that ask sources.
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "collateral/bundle.h"
#include "collateral/collateral_files.h"
#include "collateral/parsed_collateral.h"
#include "quotectl/collateral_fetch.h"
#include "quotectl/commands.h"
#include "quotectl/describe_collateral.h"
#include "quotectl/output.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

struct BundleOptions {
  std::string source;
  std::string out;
};

struct ShowOptions {
  std::string source;
  bool json = false;
};

Result<ExitCode> show(const ShowOptions& options) {
  QUOTED_TRY(const collateral::Collateral documents, collateral::read_collateral(options.source));
  const auto parts = collateral::ParsedCollateral::parse(documents);
  Json origin = {{"files", options.source}};
  if (const auto fetched = read_fetched(options.source)) origin.update(*fetched);
  const Json out = describe_collateral(parts, origin);
  note("these are the documents' own words: 'quotectl verify' checks their signatures");
  QUOTED_CHECK(print(options.json ? render_json(out) : render_text(out)));
  return ExitCode::kSuccess;
}

Result<ExitCode> bundle(const BundleOptions& options) {
  QUOTED_TRY(const collateral::Collateral documents, collateral::read_collateral(options.source));
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    if (base::all_zero(documents.*part.bytes)) {
      return fail(ErrorCode::kCollateralMissing,
                  text("'", part.name, "' of ", options.source, " is empty"));
    }
  }
  const auto parts = collateral::ParsedCollateral::parse(documents);
  if (!parts.unusable.empty()) {
    return fail(ErrorCode::kCollateralMissing,
                text("'", parts.unusable.front(), "' of ", options.source, " is cut by a NUL"));
  }
  QUOTED_TRY(const std::string content, collateral::write_bundle(documents));
  QUOTED_CHECK(write_output_file(options.out, base::as_bytes(content)));
  const Json expiries = describe_expiries(parts);
  note(text("bundle written to ", options.out,
            expiries.empty()
                ? std::string()
                : text("; good until ", expiries[0].at("until").get<std::string>(), ", when ",
                       printable(expiries[0].at("part").get<std::string>()), " ends")));
  return ExitCode::kSuccess;
}

}  // namespace

void add_collateral_command(CLI::App& app, Action& chosen) {
  CLI::App* const collateral =
      app.add_subcommand("collateral", "Fetch, pack and explain collateral");

  auto bundle_options = std::make_shared<BundleOptions>();
  CLI::App* const bundle_command =
      collateral->add_subcommand("bundle", "Pack the documents of a directory into one file");
  bundle_command->add_option("DIR", bundle_options->source, "Directory with the seven documents")
      ->type_name("")
      ->required();
  bundle_command->add_option("--out", bundle_options->out, "Where the bundle goes")
      ->type_name("FILE")
      ->required();
  bundle_command->callback(
      [bundle_options, &chosen] { chosen = [bundle_options] { return bundle(*bundle_options); }; });

  auto show_options = std::make_shared<ShowOptions>();
  CLI::App* const show_command =
      collateral->add_subcommand("show", "Say what is in a directory or bundle, and when it ends");
  show_command->add_option("SOURCE", show_options->source, "Directory or bundle")
      ->type_name("")
      ->required();
  show_command->add_flag("--json", show_options->json, "JSON instead of text");
  show_command->callback(
      [show_options, &chosen] { chosen = [show_options] { return show(*show_options); }; });

  add_collateral_fetch_commands(*collateral, chosen);
  add_probe_command(*collateral, chosen);
}

}  // namespace quoted::quotectl
