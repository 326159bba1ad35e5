// quotectl sim: what concerns the simulated manufacturer.
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "quotectl/commands.h"
#include "quotectl/output.h"
#include "simulation/authority/certificate_authority.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using simulation::CertificateAuthority;
using simulation::CertificateStore;
using simulation::MasterSeed;

constexpr std::size_t kMaxSeedFileSize = 4096;

// Where quoted keeps, below its state directory, the certificates it issued.
constexpr std::string_view kAuthorityDirectory = "authority";
constexpr std::string_view kRootName = "root-ca";

struct RootOptions {
  std::optional<std::string> seed_file;
  std::optional<std::string> state_dir;
  std::string out;
};

Result<MasterSeed> read_seed(const RootOptions& options) {
  if (!options.seed_file) return MasterSeed::development();
  QUOTED_TRY(base::Bytes content, base::read_file(*options.seed_file, kMaxSeedFileSize));
  auto seed = MasterSeed::parse(content);
  explicit_bzero(content.data(), content.size());
  if (!seed) return fail(std::move(seed).error().with_context(*options.seed_file));
  return seed;
}

// The root of the seed's world. Keys and names are always the same; the certificate's own signature
// is not, and no verifier looks at it.
Result<crypto::Certificate> derived_root(const RootOptions& options) {
  QUOTED_TRY(const MasterSeed seed, read_seed(options));
  const CertificateStore nothing_kept({}, [](const std::string&) {});
  QUOTED_TRY(const CertificateAuthority authority,
             CertificateAuthority::create(seed, base::SystemClock().now(), nothing_kept));
  return authority.root();
}

// Only looks: issuing what is missing is the daemon's business.
Result<crypto::Certificate> stored_root(const std::string& state_dir) {
  const auto directory = std::filesystem::path(state_dir) / kAuthorityDirectory;
  std::string trouble = "there is none";
  const CertificateStore store(directory, [&trouble](const std::string& why) { trouble = why; });
  auto root = store.load(kRootName);
  if (!root) {
    return fail(ErrorCode::kFileUnreadable, text("no root certificate of a simulated daemon in ",
                                                 directory.string(), ": ", trouble));
  }
  return *std::move(root);
}

Result<crypto::Certificate> wanted_root(const RootOptions& options) {
  if (!options.state_dir) return derived_root(options);
  QUOTED_TRY(crypto::Certificate stored, stored_root(*options.state_dir));
  if (!options.seed_file) return stored;
  QUOTED_TRY(const crypto::Certificate derived, derived_root(options));
  if (stored.public_key().point() != derived.public_key().point()) {
    return fail(ErrorCode::kInvalidArgument,
                text("the root in ", *options.state_dir, " is not the one of the seed in ",
                     *options.seed_file));
  }
  return stored;
}

Result<ExitCode> run(const RootOptions& options) {
  QUOTED_TRY(const crypto::Certificate root, wanted_root(options));
  QUOTED_CHECK(write_output_file(options.out, base::as_bytes(root.pem())));
  warn_simulated(text("root certificate of a simulated world written to ", options.out,
                      options.seed_file || options.state_dir
                          ? ""
                          : "; everybody knows the development seed it is made of"));
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_command(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<RootOptions>();
  CLI::App* const sim = app.add_subcommand("sim", "The simulated manufacturer");
  CLI::App* const root =
      sim->add_subcommand("root", "Write the root certificate of a simulated world");
  root->add_option("--seed-file", options->seed_file,
                   "Master seed of the world: 32 raw bytes or 64 hexadecimal digits; without it "
                   "the public development seed")
      ->type_name("FILE");
  root->add_option("--state-dir", options->state_dir,
                   "Take the certificate that the daemon of this state directory issued")
      ->type_name("DIR");
  root->add_option("--out", options->out, "Where the PEM goes")->type_name("FILE")->required();
  root->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
