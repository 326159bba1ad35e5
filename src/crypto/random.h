// Random bytes from OpenSSL's generator.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::crypto {

[[nodiscard]] base::Status fill_random(std::span<std::byte> out);

}  // namespace quoted::crypto
