// What hosts have kept for them by name, and what they have removed from the cache
// (quote-generation 7.2).
#pragma once

#include "dcap_quoteprov/call.h"

namespace quoted::quoteprov {

// With no buffer the size is told; PersistentStorageError where nothing is kept under this name.
[[nodiscard]] Answer<void> read_kept(std::uint8_t* buffer, std::uint32_t* size, const char* label);
[[nodiscard]] Answer<void> write_kept(const std::uint8_t* buffer, std::uint32_t size,
                                      const char* label);

[[nodiscard]] Answer<void> clear_cache(std::uint32_t kinds);

}  // namespace quoted::quoteprov
