// Collateral and PCK certificates in files, for machines without a network.
//
// `path` is a directory or a bundle as collateral::read_collateral takes them. A directory may hold
// PCK certificates beside the seven documents, in PEM form: those of one platform for one or more
// TCBs, then their CA, then the root. The first of these names that exists counts:
//   pck_certificates_<QE id, 32 digits>_<PCE id, 4 digits as in requests>.pem   (lower case)
//   pck_certificates.pem
#pragma once

#include <memory>
#include <string>

#include "certification/source.h"

namespace quoted::certification {

// Files are read anew for every request, so that they may be replaced at any time. Beside the codes
// of Source: CollateralUnreadable. A directory without such a file gives no certificates.
[[nodiscard]] std::unique_ptr<Source> make_file_source(std::string path);

}  // namespace quoted::certification
