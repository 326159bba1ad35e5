// quotectl verify: judges a quote against Intel's root, or against the one root that is named.
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "quotectl/commands.h"
#include "quotectl/describe_verdict.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/render.h"
#include "simulation/simulated_enclave.h"
#include "verification/verifier.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using verification::TrustedRoot;

constexpr std::size_t kMaxRootFileSize = std::size_t{64} * 1024;

struct VerifyOptions {
  std::string quote;
  std::optional<std::string> root;
  std::optional<std::string> time;
  bool json = false;
};

// What is known of the root's PKI goes with it: the signer of its Quoting Enclave.
TrustedRoot trusted(const crypto::Certificate& root, const std::string& name) {
  TrustedRoot out{name, root.public_key(), std::nullopt};
  const TrustedRoot intel = verification::intel_root();
  if (root.public_key().point() == intel.key.point()) {
    out.qe_mr_signer = intel.qe_mr_signer;
  } else if (collateral::is_marked_simulated(root)) {
    out.qe_mr_signer = simulation::simulated_signer();
  }
  return out;
}

Result<TrustedRoot> read_root(const std::string& path) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxRootFileSize));
  auto root = crypto::Certificate::parse_pem(base::as_text(content));
  if (!root) return fail(std::move(root).error().with_context(text("--root ", path)));
  if (!root->is_ca()) {
    return fail(ErrorCode::kBadCertificate,
                text("--root ", path, ": '", root->subject(), "' is not a CA"));
  }
  return trusted(*root, path);
}

Result<ExitCode> run(const VerifyOptions& options) {
  base::UnixTime at = base::SystemClock().now();
  if (options.time) {
    QUOTED_TRY(at, parse_time("--time", *options.time));
  }
  TrustedRoot root = verification::intel_root();
  if (options.root) {
    QUOTED_TRY(root, read_root(*options.root));
  }
  QUOTED_TRY(const base::Bytes quote, base::read_file(options.quote, quote::kMaxParsedQuoteSize));

  const verification::Verdict verdict = verification::Verifier({std::move(root)}).verify(quote, at);
  QUOTED_CHECK(print(options.json ? render_json(verdict_json(verdict)) : verdict_text(verdict)));
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
      "Exit code: 0 verified, 1 verified with warnings, 2 refused, 3 not carried out.\n"
      "Collateral (TCB level, revocation, QE identity) is not checked yet.");
  command->add_option("QUOTE", options->quote, "The quote")->type_name("")->required();
  command
      ->add_option("--root", options->root,
                   "Trust this root certificate and no other; without it Intel's")
      ->type_name("PEM");
  command
      ->add_option("--time", options->time,
                   "When the certificates must be valid: seconds since 1970 or RFC 3339; "
                   "without it now")
      ->type_name("TIME");
  command->add_flag("--json", options->json, "JSON instead of text");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
