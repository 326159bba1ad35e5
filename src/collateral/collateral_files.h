// Collateral in files: a directory with one file for each part, or one bundle of all of them.
#pragma once

#include <string>

#include "base/result.h"
#include "collateral/collateral.h"

namespace quoted::collateral {

// `path` is a directory with the files of kCollateralParts, or a bundle file. CollateralMissing
// names the part that is not there, FileUnreadable the file, CollateralUnreadable the bundle.
[[nodiscard]] base::Result<Collateral> read_collateral(const std::string& path);

}  // namespace quoted::collateral
