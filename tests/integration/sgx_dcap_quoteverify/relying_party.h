// The C program relying_party.c, run on recorded cases.
#pragma once

#include <array>
#include <cstdio>

#include "base/text.h"
#include "library_test.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::test {

inline std::string path_of(const VectorCase& vector, const std::string& file) {
  const bool own = vector.base_directory.empty() || vector.has_file(file);
  return QUOTED_VECTORS_DIR "/" + (own ? vector.directory : vector.base_directory) + file;
}

inline std::string root_of(const VectorCase& vector) { return path_of(vector, "root.pem"); }

inline std::vector<std::string> question_of(const VectorCase& vector) {
  std::vector<std::string> out{RELYING_PARTY, std::to_string(vector.at.time_since_epoch().count()),
                               path_of(vector, "quote.bin")};
  for (const auto& part : collateral::kCollateralParts) {
    out.push_back(path_of(vector, std::string(part.file_names.front())));
  }
  return out;
}

// With the case's own root, where it has one.
inline Environment environment_of(const VectorCase& vector, const Environment& more) {
  Environment out = more;
  out.emplace("LD_LIBRARY_PATH", LIBRARY_DIRECTORY);
  out.emplace("QUOTED_TRUSTED_ROOT", vector.own_root ? root_of(vector) : std::string());
  return out;
}

inline ProcessResult run_relying_party(const VectorCase& vector, const Environment& more = {}) {
  return run(question_of(vector), environment_of(vector, more), std::chrono::minutes(5));
}

// "tee 0xE022 0xA006 1"
inline std::string answer_line(const char* entry, std::uint32_t code, std::uint32_t result,
                               std::uint32_t expired) {
  std::array<char, 64> line{};
  std::snprintf(line.data(), line.size(), "%s 0x%04X 0x%04X %u\n", entry, code, result, expired);
  return line.data();
}

}  // namespace quoted::test
