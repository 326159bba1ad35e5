// All parts of a collateral in one file for offline use: JSON with "format", "version" and one
// member for each part, texts as strings and CRLs as hexadecimal digits. docs/verification.md shows
// one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "collateral/collateral.h"

namespace quoted::collateral {

inline constexpr std::size_t kMaxBundleSize = std::size_t{48} * 1024 * 1024;

// Malformed when reading it would not give back the same bytes: a text is not UTF-8, or the bundle
// would be larger than kMaxBundleSize.
[[nodiscard]] base::Result<std::string> write_bundle(const Collateral& collateral);

// CollateralUnreadable when `text` is no bundle, CollateralMissing when a part is not in it.
[[nodiscard]] base::Result<Collateral> read_bundle(std::string_view text);

}  // namespace quoted::collateral
