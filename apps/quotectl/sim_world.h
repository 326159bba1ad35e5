// Which simulated world a `quotectl sim` command is about: that of a seed, or that of a daemon.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "simulation/authority/certificate_authority.h"

namespace quoted::quotectl {

struct WorldOptions {
  std::optional<std::string> seed_file;
  std::optional<std::string> state_dir;
};

// --seed-file and --state-dir; `state_dir_help` says what the latter does for the command.
void add_world_options(CLI::App& command, WorldOptions& options, const std::string& state_dir_help);

// --seed-file alone.
void add_seed_option(CLI::App& command, WorldOptions& options);

// The seed of the file, else the public development seed.
[[nodiscard]] base::Result<simulation::MasterSeed> read_seed(const WorldOptions& options);

// The world of a seed, kept nowhere. Keys and names are always the same; the signatures of
// certificates are not.
[[nodiscard]] base::Result<simulation::CertificateAuthority> derived_authority(
    const simulation::MasterSeed& seed, base::UnixTime now);

// The root certificate that the daemon of a state directory issued. Only looks.
[[nodiscard]] base::Result<crypto::Certificate> stored_root(const std::string& state_dir);

// InvalidArgument unless `stored`, out of the state directory, has the key of the seed's root.
[[nodiscard]] base::Status check_same_world(const WorldOptions& options,
                                            const crypto::Certificate& stored,
                                            const simulation::CertificateAuthority& derived);

// The world of the options. With a state directory the certificates are those that lie in it; what
// is missing there is added if this user may, and nothing is replaced.
[[nodiscard]] base::Result<simulation::CertificateAuthority> chosen_authority(
    const WorldOptions& options, const simulation::MasterSeed& seed, base::UnixTime now);

// For the warning about what a command wrote; empty when the world is not that of everybody.
[[nodiscard]] std::string_view development_seed_warning(const WorldOptions& options);

}  // namespace quoted::quotectl
