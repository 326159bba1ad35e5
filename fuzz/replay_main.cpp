// Runs a fuzz target over one file; or over every file of a directory, and over prefixes of them:
// the committed corpus as an ordinary test, without a fuzzing engine.
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "fuzz.h"

namespace {

constexpr std::size_t kMaxSize = std::size_t{1} << 20U;
constexpr std::size_t kPrefixesBelow = 6000;

// Of all files of a corpus together, so that a large corpus does not take longer than a small one
// with more prefixes.
constexpr std::size_t kMostPrefixes = 6000;

void run(quoted::base::ByteView input) {
  // An exact copy, so that reading past the end is seen by the sanitizers.
  const quoted::base::Bytes copy = quoted::base::to_bytes(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size());
}

// False when the file cannot be read.
bool run_file(const std::filesystem::path& path, std::size_t prefixes) {
  const auto content = quoted::base::read_file(path, kMaxSize);
  if (!content) {
    std::fprintf(stderr, "%s\n", content.error().summary().c_str());
    return false;
  }
  const quoted::base::ByteView bytes = *content;
  run(bytes);
  if (prefixes == 0 || bytes.size() >= kPrefixesBelow) return true;
  const std::size_t step = 1 + (bytes.size() / prefixes);
  for (std::size_t size = 0; size < bytes.size(); size += step) run(bytes.first(size));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: fuzz_TARGET FILE|CORPUS_DIRECTORY\n", stderr);
    return 3;
  }
  if (!std::filesystem::is_directory(argv[1])) return run_file(argv[1], 0) ? 0 : 1;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    files.push_back(entry.path());
  }
  for (const auto& file : files) {
    if (!run_file(file, kMostPrefixes / files.size())) return 1;
  }
  std::printf("%zu files replayed\n", files.size());
  return files.empty() ? 1 : 0;
}
