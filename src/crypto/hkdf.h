// HKDF with SHA-256 (RFC 5869), by which the keys of a simulated world derive from one seed.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace quoted::crypto {

// `size` is at most 255 * 32 bytes.
[[nodiscard]] base::Result<base::SecretBytes> hkdf_sha256(base::ByteView secret,
                                                          std::string_view salt,
                                                          std::string_view info, std::size_t size);

}  // namespace quoted::crypto
