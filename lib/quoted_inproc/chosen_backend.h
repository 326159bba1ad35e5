// The backend of this process: chosen by the first call that needs one, and kept.
#pragma once

#include "quoted_inproc/backend.h"

namespace quoted::inproc {

// A refusal is not kept: the next call tries again.
[[nodiscard]] Answer<Backend*> chosen_backend();

}  // namespace quoted::inproc
