#include "config/nesting.h"

#include <algorithm>

#include "base/text.h"

namespace quoted::config {
namespace {

constexpr unsigned char kFirstBeyondAscii = 0x80;
constexpr std::size_t kQuotesOfBlock = 3;  // """ and '''

bool starts_block(std::string_view text, std::size_t at) {
  const char quote = text[at];
  return at + 2 < text.size() && text[at + 1] == quote && text[at + 2] == quote;
}

// Past the string of several lines whose opening quotes stand at `at`.
std::size_t end_of_block(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + kQuotesOfBlock; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote && starts_block(text, i)) {
      // Up to two quotes right before the closing ones belong to the content.
      i += kQuotesOfBlock;
      for (int extra = 0; extra < 2 && i < text.size() && text[i] == quote; ++extra) ++i;
      return i;
    }
  }
  return text.size();
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (starts_block(text, at)) return end_of_block(text, at);
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\n') return i;  // not TOML
    if (text[i] == quote) return i + 1;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\n') ++i;
  }
  return text.size();
}

Place place_of(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::size_t line_end = before.rfind('\n');
  const std::size_t start = line_end == std::string_view::npos ? 0 : line_end + 1;
  return {static_cast<std::uint32_t>(1 + std::ranges::count(before, '\n')),
          static_cast<std::uint32_t>(at - start + 1)};
}

}  // namespace

std::optional<Mistake> find_hostile(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  constexpr std::string_view kEndsOfKey = "\n,=[]{}";
  std::size_t dots = 0;
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '"' || c == '\'') {
      at = end_of_string(text, at);
      continue;
    }
    if (kEndsOfKey.find(c) != std::string_view::npos) dots = 0;
    if (c == '.' && ++dots > kMaxKeyDots) {
      return Mistake{place_of(text, at),
                     base::text("a key of more than ", kMaxKeyDots + 1, " parts joined by dots")};
    }
    if (static_cast<unsigned char>(c) >= kFirstBeyondAscii) {
      return Mistake{place_of(text, at),
                     "not TOML: a character outside ASCII, expected those in strings and comments "
                     "only"};
    }
    ++at;
  }
  return std::nullopt;
}

}  // namespace quoted::config
