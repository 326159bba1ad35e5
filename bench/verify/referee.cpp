#include "verify/referee.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "base/file.h"
#include "base/text.h"

namespace quoted::bench {
namespace {

constexpr int kCount = 20;

void write(const std::filesystem::path& path, base::ByteView content) {
  const auto written = base::write_file(path, content, 0600);
  if (!written) throw std::runtime_error(written.error().summary());
}

struct Directory {
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qb-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path = pattern;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string out;
  for (int c = pipe ? std::fgetc(pipe.get()) : EOF; c != EOF; c = std::fgetc(pipe.get())) {
    out += static_cast<char>(c);
  }
  return out;
}

}  // namespace

RefereeTime ask_referee(const std::string& command,
                        const verification::testing::VectorCase& vector) {
  const Directory world;
  const collateral::Collateral documents = vector.collateral();
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    write(world.path / part.file_names[0], documents.*part.bytes);
  }
  write(world.path / "quote.bin", vector.file("quote.bin"));
  write(world.path / "root.pem", base::as_bytes(vector.root().pem()));
  write(world.path / "time",
        base::as_bytes(std::to_string(vector.at.time_since_epoch().count())));
  std::istringstream answer(
      output_of(base::text(command, ' ', world.path.string(), ' ', kCount)));
  RefereeTime out;
  if (!(answer >> out.microseconds) || !std::getline(answer >> std::ws, out.name)) {
    throw std::runtime_error(base::text("'", command, "' names no time"));
  }
  return out;
}

}  // namespace quoted::bench
