// Runs a fuzz target over every file of a directory, and over every prefix of short ones: the
// committed corpus as an ordinary test, without a fuzzing engine.
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "fuzz.h"

namespace {

constexpr std::size_t kMaxSize = std::size_t{1} << 20U;
constexpr std::size_t kAllPrefixesBelow = 6000;

void run(quoted::base::ByteView input) {
  // An exact copy, so that reading past the end is seen by the sanitizers.
  const quoted::base::Bytes copy = quoted::base::to_bytes(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: fuzz_TARGET CORPUS_DIRECTORY\n", stderr);
    return 3;
  }
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    const auto content = quoted::base::read_file(entry.path(), kMaxSize);
    if (!content) {
      std::fprintf(stderr, "%s\n", content.error().summary().c_str());
      return 1;
    }
    const quoted::base::ByteView bytes = *content;
    run(bytes);
    ++inputs;
    if (bytes.size() >= kAllPrefixesBelow) continue;
    // Steps grow with the size: parsing a quote with its certificates costs a millisecond.
    const std::size_t step = 1 + bytes.size() / 200;
    for (std::size_t size = 0; size < bytes.size(); size += step, ++inputs) run(bytes.first(size));
  }
  std::printf("%zu inputs replayed\n", inputs);
  return inputs > 0 ? 0 : 1;
}
