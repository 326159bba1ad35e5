// What every fuzz target shares.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace quoted::fuzz {

inline base::ByteView input(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

// A broken promise of the code under test ends the run, as a crash does.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace quoted::fuzz
