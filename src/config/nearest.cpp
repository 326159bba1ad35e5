#include "config/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.h"

namespace quoted::config {
namespace {

// Longer words are nobody's typing error, and comparing costs the product of the lengths.
constexpr std::size_t kMaxLength = 64;
constexpr std::size_t kMinPart = 4;

std::string letters(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == '_' || c == '-' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// How many letters must be changed, added or taken away.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > kMaxLength) return {};
  const std::string wanted = letters(word);
  std::string_view best;
  std::size_t best_distance = 1 + std::max<std::size_t>(1, wanted.size() / 3);
  for (const std::string_view candidate : known) {
    const std::size_t changes = distance(wanted, letters(candidate));
    if (changes < best_distance) {
      best = candidate;
      best_distance = changes;
    }
  }
  if (!best.empty() || wanted.size() < kMinPart) return best;
  // A part of the name: "isv_svn" for "min_isv_svn".
  const auto found = std::ranges::find_if(known, [&](std::string_view candidate) {
    return letters(candidate).find(wanted) != std::string::npos;
  });
  return found == known.end() ? std::string_view() : *found;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  if (const std::string_view near = nearest(word, known); !near.empty()) {
    return base::text("did you mean '", near, "'?");
  }
  std::string out = "expected one of: ";
  for (std::size_t i = 0; i < known.size(); ++i) out += base::text(i == 0 ? "" : ", ", known[i]);
  return out;
}

}  // namespace quoted::config
