// What a number depends on beside the code, to be printed with it.
#pragma once

#include <string>

namespace quoted::bench {

// Lines "  name: value": machine, kernel, load, compiler, build, OpenSSL.
[[nodiscard]] std::string describe_environment();

}  // namespace quoted::bench
