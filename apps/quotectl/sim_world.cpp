#include "quotectl/sim_world.h"

#include "base/file.h"
#include "base/text.h"
#include "base/wipe.h"
#include "quotectl/output.h"

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

std::filesystem::path authority_directory(const std::string& state_dir) {
  return std::filesystem::path(state_dir) / kAuthorityDirectory;
}

}  // namespace

void add_seed_option(CLI::App& command, WorldOptions& options) {
  command
      .add_option("--seed-file", options.seed_file,
                  "Master seed of the world: 32 raw bytes or 64 hexadecimal digits; without it "
                  "the public development seed")
      ->type_name("FILE");
}

void add_world_options(CLI::App& command, WorldOptions& options,
                       const std::string& state_dir_help) {
  add_seed_option(command, options);
  command.add_option("--state-dir", options.state_dir, state_dir_help)->type_name("DIR");
}

Result<MasterSeed> read_seed(const WorldOptions& options) {
  if (!options.seed_file) return MasterSeed::development();
  QUOTED_TRY(base::Bytes content, base::read_file(*options.seed_file, kMaxSeedFileSize));
  auto seed = MasterSeed::parse(content);
  base::wipe(content);
  if (!seed) return fail(std::move(seed).error().with_context(*options.seed_file));
  return seed;
}

Result<CertificateAuthority> derived_authority(const MasterSeed& seed, base::UnixTime now) {
  const CertificateStore nothing_kept({}, [](const std::string&) {});
  return CertificateAuthority::create(seed, now, nothing_kept);
}

Result<crypto::Certificate> stored_root(const std::string& state_dir) {
  const auto directory = authority_directory(state_dir);
  std::string trouble = "there is none";
  const CertificateStore store(directory, [&trouble](const std::string& why) { trouble = why; });
  auto root = store.load(kRootName);
  if (!root) {
    return fail(ErrorCode::kFileUnreadable, text("no root certificate of a simulated daemon in ",
                                                 directory.string(), ": ", trouble));
  }
  return *std::move(root);
}

base::Status check_same_world(const WorldOptions& options, const crypto::Certificate& stored,
                              const CertificateAuthority& derived) {
  if (stored.public_key().point() == derived.root().public_key().point()) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      text("the root in ", options.state_dir.value_or(""), " is not ",
           options.seed_file ? text("the one of the seed in ", *options.seed_file)
                             : "that of the development seed; give the daemon's --seed-file"));
}

Result<CertificateAuthority> chosen_authority(const WorldOptions& options, const MasterSeed& seed,
                                              base::UnixTime now) {
  QUOTED_TRY(CertificateAuthority derived, derived_authority(seed, now));
  if (!options.state_dir) return derived;
  QUOTED_TRY(const crypto::Certificate root, stored_root(*options.state_dir));
  QUOTED_CHECK(check_same_world(options, root, derived));
  const CertificateStore store(authority_directory(*options.state_dir), note,
                               CertificateStore::Saving::kOnlyAdd);
  QUOTED_TRY(CertificateAuthority stored, CertificateAuthority::create(seed, now, store));
  if (!base::equal(stored.root().der(), root.der())) {
    return fail(ErrorCode::kInvalidArgument,
                text("the root in ", *options.state_dir,
                     " has the key of this world but not its other values; let the daemon replace "
                     "it by a restart"));
  }
  return stored;
}

std::string_view development_seed_warning(const WorldOptions& options) {
  return options.seed_file || options.state_dir
             ? ""
             : "; everybody knows the development seed it is made of";
}

}  // namespace quoted::quotectl
