// The command line of the attester.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "common/channel.h"
#include "simulation/cpu/cpu.h"

namespace quoted::sample {

// What an attack or an accident looks like. Each is refused by a check of the relying party.
enum class Misbehaviour : std::uint8_t {
  kNone,
  kWrongNonce,    // quote and answer are for a nonce of our own
  kSwappedKey,    // the host puts a key of its own in the place of the enclave's
  kDebug,         // the enclave has the DEBUG attribute, so that the host can read its memory
  kOtherEnclave,  // some enclave, but not the expected one
  kStale,         // the answer comes after the nonce has ceased to be good
  kReplay,        // evidence recorded earlier is sent again
};

struct AttesterOptions {
  std::filesystem::path relying_party;
  std::filesystem::path simulated_cpu;
  simulation::Secs identity;
  Milliseconds timeout{};
  Misbehaviour misbehaviour = Misbehaviour::kNone;
  std::filesystem::path recording;  // written, or read by kReplay; empty for none
};

// The options, or what to print instead of a run: the help.
struct AttesterCommandLine {
  std::string information;
  AttesterOptions options;
};

[[nodiscard]] base::Result<AttesterCommandLine> parse_attester_command_line(
    int argc, const char* const* argv);

}  // namespace quoted::sample
