// The command line of the relying party.
#pragma once

#include <filesystem>
#include <string>

#include "common/channel.h"
#include "relying_party/appraisal.h"

namespace quoted::sample {

struct RelyingPartyOptions {
  std::filesystem::path socket;
  Policy policy;
  std::string secret;
  Milliseconds max_age{};
  Milliseconds timeout{};
  long sessions = 1;
};

// The options, or what to print instead of a run: the help.
struct RelyingPartyCommandLine {
  std::string information;
  RelyingPartyOptions options;
};

[[nodiscard]] base::Result<RelyingPartyCommandLine> parse_relying_party_command_line(
    int argc, const char* const* argv);

}  // namespace quoted::sample
