// The checks that requests share, each one step of the order of aesm-protocol 3: available (30),
// parameters (3), key id known (38), certified.
#pragma once

#include "aesm/messages.h"
#include "base/result.h"
#include "quoting/platform.h"

namespace quoted::service {

// ServiceUnavailable while the platform as a whole is not started: then no key id exists either.
[[nodiscard]] base::Status check_available(const quoting::PlatformSnapshot& snapshot);

// BadParameter when absent or shorter than 256 bytes.
[[nodiscard]] base::Status check_key_id_shape(const aesm::OptionalBytes& key_id);

// UnsupportedAttestationKey unless the 158 bytes that identify a key are the platform's; the
// rest is the client's own business. Called after check_key_id_shape.
[[nodiscard]] base::Status check_key_id_known(const aesm::OptionalBytes& key_id,
                                              const quoting::PlatformSnapshot& snapshot);

// The platform's own reason while it cannot make quotes.
[[nodiscard]] base::Status check_certified(const quoting::PlatformSnapshot& snapshot);

// True when the first 158 bytes of `entry`, which has at least as many, are those of the
// platform's key id.
[[nodiscard]] bool is_platform_key(base::ByteView entry,
                                   const quoting::PlatformSnapshot& snapshot);

// The platform's entry as clients see it in a list: nothing beyond the 158 bytes.
[[nodiscard]] sgx::AttestationKeyId platform_key_entry(const quoting::PlatformSnapshot& snapshot);

}  // namespace quoted::service
