#include "relying_party/options.h"

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/text.h"
#include "collateral/collateral_files.h"
#include "common/command_line.h"
#include "simulation/simulated_enclave.h"
#include "verification/root_file.h"

namespace quoted::sample {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr long kDefaultMaxAge = 10000;

struct RawOptions {
  std::string root;
  std::string collateral;
  std::string mr_enclave;
  std::string mr_signer;
  std::optional<std::uint16_t> product_id;
  std::optional<std::uint16_t> min_svn;
  long max_age = kDefaultMaxAge;
  long timeout = kDefaultTimeout.count();
};

void declare(CLI::App& app, RawOptions& raw, RelyingPartyOptions& options) {
  app.add_option("--listen", options.socket, "Where the attester connects; must not exist yet")
      ->type_name("PATH")
      ->required();
  app.add_option("--secret", options.secret,
                 "What the right enclave gets. For demonstration: a real secret does not belong "
                 "on a command line")
      ->type_name("TEXT")
      ->required();
  app.add_option("--root", raw.root, "Trust this root certificate and no other; without it Intel's")
      ->type_name("PEM");
  app.add_option("--collateral", raw.collateral,
                 "What the manufacturer says of the platform; without it the TCB level, "
                 "revocation and the QE identity are not checked")
      ->type_name("DIR|BUNDLE");
  app.add_option("--mrenclave", raw.mr_enclave, "The one build of the enclave that is expected")
      ->type_name("HEX");
  app.add_option("--mrsigner", raw.mr_signer, "The signer that is expected, with --product-id")
      ->type_name("HEX");
  app.add_option("--product-id", raw.product_id, "Which product of that signer");
  app.add_option("--min-svn", raw.min_svn,
                 "The lowest security version of that product; without it any will do");
  app.add_option("--max-age", raw.max_age, "How long a challenge may be answered")
      ->type_name("MS")
      ->capture_default_str();
  add_timeout_option(app, raw.timeout);
  app.add_option("--sessions", options.sessions, "How many attesters to serve, one after another")
      ->check(CLI::Range(1L, 1000000L))
      ->capture_default_str();
}

Result<Policy> policy(const RawOptions& raw) {
  Policy out{verification::intel_root(), {}, {}, {}};
  if (!raw.root.empty()) {
    QUOTED_TRY(out.root, verification::read_trusted_root(raw.root, simulation::simulated_signer()));
  }
  if (!raw.collateral.empty()) {
    QUOTED_TRY(const collateral::Collateral documents, collateral::read_collateral(raw.collateral));
    out.collateral = collateral::ParsedCollateral::parse(documents);
  }
  if (!raw.mr_enclave.empty()) {
    QUOTED_TRY(out.mr_enclave, parse_measurement<sgx::MrEnclave>("--mrenclave", raw.mr_enclave));
  }
  if (raw.mr_signer.empty() != !raw.product_id) {
    return fail(ErrorCode::kInvalidArgument,
                "--mrsigner and --product-id go together: a signer may have many products, and "
                "product ids mean nothing without a signer");
  }
  if (raw.min_svn && !raw.product_id) {
    return fail(ErrorCode::kInvalidArgument,
                "--min-svn needs --product-id and --mrsigner: it is the security version of that "
                "product, and nothing else is judged by it");
  }
  if (raw.product_id) {
    Product product{.signer = {}, .id = *raw.product_id, .min_svn = raw.min_svn.value_or(0)};
    QUOTED_TRY(product.signer, parse_measurement<sgx::MrSigner>("--mrsigner", raw.mr_signer));
    out.product = product;
  }
  if (!out.mr_enclave && !out.product) {
    return fail(ErrorCode::kInvalidArgument,
                "no enclave is expected; give --mrenclave, or --mrsigner with --product-id");
  }
  return out;
}

}  // namespace

Result<RelyingPartyCommandLine> parse_relying_party_command_line(int argc,
                                                                 const char* const* argv) {
  RawOptions raw;
  // Its policy is replaced before anybody sees it.
  RelyingPartyCommandLine out{
      {}, {.socket = {}, .policy = {verification::intel_root(), {}, {}, {}}, .secret = {}}};
  CLI::App app("Gives a secret to the one enclave that proves what it is, and to nobody else.",
               "relying-party");
  declare(app, raw, out.options);
  QUOTED_TRY(out.information, parse_or_help(app, argc, argv));
  if (!out.information.empty()) return out;
  RelyingPartyOptions& options = out.options;
  QUOTED_TRY(options.policy, policy(raw));
  QUOTED_TRY(options.max_age, parse_timeout("--max-age", raw.max_age));
  QUOTED_TRY(options.timeout, parse_timeout("--timeout", raw.timeout));
  if (options.secret.empty() || options.secret.size() > kMaxSecretSize) {
    return fail(ErrorCode::kInvalidArgument, text("--secret takes 1 to ", kMaxSecretSize,
                                                  " bytes, got ", options.secret.size()));
  }
  return out;
}

}  // namespace quoted::sample
