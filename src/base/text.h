// Builds a sentence from pieces. The client libraries depend on libc alone, so the modules they
// contain do not use a formatting library.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace quoted::base {

inline void append_piece(std::string& out, std::string_view piece) { out += piece; }
inline void append_piece(std::string& out, char piece) { out += piece; }
template <std::integral Number>
  requires(!std::same_as<Number, char> && !std::same_as<Number, bool>)
void append_piece(std::string& out, Number number) {
  out += std::to_string(number);
}

template <class... Pieces>
[[nodiscard]] std::string text(const Pieces&... pieces) {
  std::string out;
  (append_piece(out, pieces), ...);
  return out;
}

}  // namespace quoted::base
