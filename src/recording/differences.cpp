#include "recording/differences.h"

#include <algorithm>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::recording {
namespace {

using base::ByteView;
using base::text;

// As many as identify a measurement or a key, and fit a line.
constexpr std::size_t kShown = 32;

std::string excerpt(ByteView bytes, std::size_t from) {
  if (bytes.size() <= kShown) return bytes.empty() ? "no bytes" : base::to_hex(bytes);
  const ByteView shown = bytes.subspan(from, std::min(kShown, bytes.size() - from));
  return text(base::to_hex(shown), " at offset ", from, " of ", bytes.size());
}

}  // namespace

void Differences::compare(std::string_view field, ByteView expected, ByteView observed) {
  if (expected.size() != observed.size()) {
    return add(std::string(field), text(expected.size(), " bytes"),
               text(observed.size(), " bytes"));
  }
  const auto [different, ignored] = std::ranges::mismatch(expected, observed);
  if (different == expected.end()) return;
  const auto offset = static_cast<std::size_t>(different - expected.begin());
  add(std::string(field), excerpt(expected, offset), excerpt(observed, offset));
}

}  // namespace quoted::recording
