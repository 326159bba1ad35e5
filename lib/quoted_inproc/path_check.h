// Which paths are taken for the files of the quoting logic (aesm-protocol 7.4).
#pragma once

#include <cstdint>

#include "quoted_inproc/backend.h"

namespace quoted::inproc {

struct ChosenPath {
  PathType type;
  std::filesystem::path path;
};

// InvalidParameter with what is wrong; `path` may be NULL.
[[nodiscard]] Answer<ChosenPath> check_path(std::uint32_t type, const char* path);

}  // namespace quoted::inproc
