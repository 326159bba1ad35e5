// Whether this process quotes by itself or asks the service of the node (aesm-protocol 7.3).
#pragma once

namespace quoted::dcap_ql {

enum class Mode { kInProcess, kOutOfProcess };

// As the environment said when the library was loaded. Never looked at again, because callers tell
// the mode by what they knew then.
[[nodiscard]] Mode mode();

}  // namespace quoted::dcap_ql
