// Comparison whose time does not depend on where two values differ, for MACs and secrets.
#pragma once

#include "base/bytes.h"

namespace quoted::crypto {

// False for different sizes; sizes are not secret.
[[nodiscard]] bool constant_time_equal(base::ByteView a, base::ByteView b);

}  // namespace quoted::crypto
