// Overwrites a secret that a plain buffer held, in a way that no optimiser leaves out.
#pragma once

#include <cstring>
#include <span>

namespace quoted::base {

inline void wipe(std::span<std::byte> secret) {
  // An empty buffer may have no address, and the C library wants one.
  if (!secret.empty()) ::explicit_bzero(secret.data(), secret.size());
}

}  // namespace quoted::base
