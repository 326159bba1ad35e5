// Certificates of the SGX PKI as JSON with every field, the SGX extension included.
#pragma once

#include <vector>

#include "collateral/sgx_extension.h"
#include "crypto/certificate.h"
#include "quotectl/describe_sgx.h"

namespace quoted::quotectl {

[[nodiscard]] Json describe_certificate(const crypto::Certificate& certificate);
[[nodiscard]] Json describe_certificates(const std::vector<crypto::Certificate>& certificates);
[[nodiscard]] Json describe_sgx_extension(const collateral::SgxExtension& extension);

}  // namespace quoted::quotectl
