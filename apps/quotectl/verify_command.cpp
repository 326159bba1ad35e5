// quotectl verify: judges a quote against Intel's root, or against the one root that is named.
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "collateral/collateral_files.h"
#include "quotectl/commands.h"
#include "quotectl/describe_verdict.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/policy_verify.h"
#include "quotectl/render.h"
#include "quotectl/serve_command.h"
#include "simulation/simulated_enclave.h"
#include "verification/root_file.h"
#include "verification/verifier.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using verification::TrustedRoot;

struct VerifyOptions {
  std::string quote;
  std::optional<std::string> root;
  std::optional<std::string> time;
  std::vector<std::string> collateral;  // several with --serve only
  std::optional<std::string> compat;
  std::optional<std::string> policy;
  bool allow_debug = false;
  bool json = false;
  bool verbose = false;
  ServeOptions serve;
};

// Flags that would be without effect are mistakes.
base::Status check_flags(const VerifyOptions& options) {
  const bool serves = !options.serve.addresses.empty();
  if (!serves && options.quote.empty()) {
    return fail(ErrorCode::kInvalidArgument, "QUOTE is required");
  }
  if (!serves && options.collateral.size() > 1) {
    return fail(ErrorCode::kInvalidArgument, "--collateral may be given once without --serve");
  }
  if (serves && (!options.quote.empty() || options.time || options.json || options.verbose)) {
    return fail(ErrorCode::kInvalidArgument,
                "--serve goes without QUOTE, --time, --json and --verbose: requests bring quotes");
  }
  const bool client_collateral = options.serve.allow_client_collateral;
  if (options.collateral.empty() && !client_collateral && (options.compat || options.allow_debug)) {
    return fail(ErrorCode::kInvalidArgument,
                text(options.compat ? "--compat" : "--allow-debug", " needs --collateral"));
  }
  if (options.compat && options.allow_debug) {
    return fail(ErrorCode::kInvalidArgument,
                "--allow-debug goes without --compat intel, which lets every debug enclave pass");
  }
  return {};
}

Result<verification::Verdict> judge(const VerifyOptions& options, const base::Bytes& quote,
                                    TrustedRoot root, base::UnixTime at, bool allow_debug) {
  const verification::Verifier verifier({std::move(root)});
  if (options.collateral.empty()) return verifier.verify(quote, at);
  QUOTED_TRY(const collateral::Collateral documents,
             collateral::read_collateral(options.collateral.front()));
  return verifier.verify(
      quote, collateral::ParsedCollateral::parse(documents), at,
      {.mode = options.compat ? verification::Mode::kIntel : verification::Mode::kStrict,
       .allow_debug = allow_debug});
}

Result<ExitCode> run(const VerifyOptions& options) {
  QUOTED_CHECK(check_flags(options));
  QUOTED_TRY(const std::optional<appraisal::Policy> policy,
             policy_for_verify(options.policy, {.collateral = !options.collateral.empty() ||
                                                              options.serve.allow_client_collateral,
                                                .compat = options.compat.has_value(),
                                                .allow_debug = options.allow_debug}));
  if (!options.serve.addresses.empty()) {
    return serve_verification(options.serve, {.root = options.root,
                                              .collateral = options.collateral,
                                              .policy = options.policy,
                                              .intel_compat = options.compat.has_value(),
                                              .allow_debug = options.allow_debug});
  }
  base::UnixTime at = base::SystemClock().now();
  if (options.time) {
    QUOTED_TRY(at, parse_time("--time", *options.time));
  }
  TrustedRoot root = verification::intel_root();
  if (options.root) {
    QUOTED_TRY(root,
               verification::read_trusted_root(*options.root, simulation::simulated_signer()));
  }
  QUOTED_TRY(const base::Bytes quote, base::read_file(options.quote, quote::kMaxParsedQuoteSize));

  QUOTED_TRY(const verification::Verdict verdict,
             judge(options, quote, std::move(root), at,
                   options.allow_debug || (policy && policy->allows_debug())));
  if (policy) {
    return print_appraised(*policy, *options.policy, verdict,
                           {.json = options.json, .verbose = options.verbose});
  }
  QUOTED_CHECK(print(options.json ? render_json(verdict_json(verdict))
                                  : verdict_text(verdict, options.verbose)));
  switch (verdict.decision) {
    case verification::Decision::kVerified:
      return ExitCode::kSuccess;
    case verification::Decision::kVerifiedWithWarnings:
      return ExitCode::kVerifiedWithWarnings;
    case verification::Decision::kRefused:
      break;
  }
  return ExitCode::kRefused;
}

}  // namespace

void add_verify_command(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* const command = app.add_subcommand("verify", "Judge a quote");
  command->footer(
      "Exit code: 0 verified, 1 verified with warnings, 2 refused, 3 not carried out;\n"
      "with --policy: 0 accepted, whatever the verifier warns of, 2 refused by either, 3 as "
      "before;\n"
      "with --serve: 0 after an orderly stop.\n"
      "Without --collateral neither TCB level, revocation nor QE identity are checked.");
  command->add_option("QUOTE", options->quote, "The quote")->type_name("");
  command
      ->add_option("--root", options->root,
                   "Trust this root certificate and no other; without it Intel's")
      ->type_name("PEM");
  command
      ->add_option("--collateral", options->collateral,
                   "Directory with the seven documents of the platform, or a bundle of them; with "
                   "--serve one "
                   "for each platform")
      ->type_name("DIR|BUNDLE")
      ->allow_extra_args(false);
  command
      ->add_option("--compat", options->compat,
                   "Answer exactly as this verifier does, also where it is lax")
      ->type_name("intel")
      ->check(CLI::IsMember({"intel"}));
  command
      ->add_option(
          "--policy", options->policy,
          "Accept what this policy accepts (docs/policy.md), and name the rules by which it "
          "refuses; 'quotectl policy check' looks for mistakes in it")
      ->type_name("TOML");
  command->add_flag("--allow-debug", options->allow_debug,
                    "Take an enclave or TD that can be debugged for a warning, not a refusal");
  command
      ->add_option(
          "--time", options->time,
          "When certificates and collateral must be valid: seconds since 1970 or RFC 3339; "
          "without it now")
      ->type_name("TIME");
  command->add_flag("-v,--verbose", options->verbose, "Show every check, also those that passed");
  command->add_flag("--json", options->json, "JSON instead of text");
  add_serve_options(*command, options->serve);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
