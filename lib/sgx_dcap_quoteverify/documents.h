// The caller's collateral, looked at with the suspicion that a relying party's input deserves.
#pragma once

#include <array>

#include "base/bytes.h"
#include "collateral/collateral.h"
#include "sgx_dcap_quoteverify/call.h"

namespace quoted::quoteverify {

// More than the largest CRL as hexadecimal text.
inline constexpr std::size_t kMaxPartSize = std::size_t{32} * 1024 * 1024 + 1;

// In the order of kCollateralParts; texts without the NUL that ends them.
using Documents = std::array<base::ByteView, collateral::kCollateralParts.size()>;

// The parts of an sgx_ql_qve_collateral_t at `collateral`. InvalidParameter unless each is there
// and has the size that it says, CollateralVersionNotSupported for an unknown version
// (quote-verification 17). Views into the caller's memory.
[[nodiscard]] Answer<Documents> read_documents(const void* collateral);

[[nodiscard]] bool same_bytes(const Documents& documents, const collateral::Collateral& kept);
[[nodiscard]] collateral::Collateral copy_of(const Documents& documents);

}  // namespace quoted::quoteverify
