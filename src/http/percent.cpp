#include "http/percent.h"

#include "base/hex.h"
#include "base/text.h"

namespace quoted::http {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  }
  return out;
}

base::Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || c > '~' || c == '+') {
      return base::fail(base::ErrorCode::kMalformed,
                        base::text("position ", i, " has a character that must be escaped (byte ",
                                   base::hex_number(static_cast<unsigned char>(c), 2), ")"));
    }
    if (c != '%') {
      out += c;
      continue;
    }
    const auto byte = base::from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) {
      return base::fail(base::ErrorCode::kMalformed,
                        base::text("the escape at position ", i, " is none"));
    }
    out += static_cast<char>(byte->front());
    i += 2;
  }
  return out;
}

}  // namespace quoted::http
