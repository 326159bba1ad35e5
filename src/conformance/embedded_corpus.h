// The files of tests/vectors/wire, as the build put them into the program. Private.
#pragma once

#include <span>
#include <string_view>

namespace quoted::conformance {

struct EmbeddedClient {
  std::string_view name;  // of the file
  std::string_view content;
};

[[nodiscard]] std::span<const EmbeddedClient> embedded_corpus();

}  // namespace quoted::conformance
