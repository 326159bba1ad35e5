// What makes quotes in this process: Intel's quoting logic on a machine with SGX, or the simulated
// platform. One of them is chosen at the first call and stays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/bytes.h"
#include "drop_in/answer.h"
#include "sgx/report.h"

namespace quoted::inproc {

using drop_in::Answer;

enum class LoadPolicy : std::uint32_t { kPersistent = 0, kEphemeral = 1 };

// aesm-protocol 7.4
enum class PathType : std::uint32_t { kQe3 = 0, kPce = 1, kQpl = 2, kIde = 3 };

// From any thread. Refusals carry the code of aesm-protocol 7.7 and a sentence with the remedy.
class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual Answer<void> set_load_policy(LoadPolicy policy) = 0;

  // Loads what has to be loaded, certifies the attestation key.
  [[nodiscard]] virtual Answer<sgx::TargetInfo> target_info() = 0;

  // Both need a target_info() before, or a key that was kept: else 0xE00F.
  [[nodiscard]] virtual Answer<std::uint32_t> quote_size() = 0;
  // A `quote` that is larger keeps its tail.
  [[nodiscard]] virtual Answer<void> quote(const sgx::Report& report,
                                           std::span<std::uint8_t> quote) = 0;

  // `path` was looked at already: it exists, is no directory and not too long.
  [[nodiscard]] virtual Answer<void> set_path(PathType type, const std::filesystem::path& path) = 0;
};

}  // namespace quoted::inproc
