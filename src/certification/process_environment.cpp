// Alone in its file: libraries that live in programs with more rights than their caller read the
// environment in another way.
#include <cstdlib>

#include "certification/settings.h"

namespace quoted::certification {

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

}  // namespace quoted::certification
