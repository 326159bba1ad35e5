#include "base/hex.h"

#include "base/text.h"

namespace quoted::base {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    const auto value = std::to_integer<unsigned>(b);
    out += kDigits[value >> 4U];
    out += kDigits[value & 0xFU];
  }
  return out;
}

std::string hex_number(std::uint64_t value, int digits) {
  std::string out;
  for (; value != 0 || digits > 0; value >>= 4U, --digits) out.insert(0, 1, kDigits[value & 0xFU]);
  return "0x" + out;
}

Result<Bytes> from_hex(std::string_view digits) {
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digit_value(digits[i]) < 0) {
      return fail(ErrorCode::kBadHex,
                  text("character ", i + 1, " of ", digits.size(), " is not a hexadecimal digit"));
    }
  }
  if (digits.size() % 2 != 0) {
    return fail(ErrorCode::kBadHex, text("an odd number of hexadecimal digits (", digits.size(),
                                         ") is not whole bytes"));
  }
  Bytes out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    out.push_back(
        static_cast<std::byte>((digit_value(digits[i]) << 4) | digit_value(digits[i + 1])));
  }
  return out;
}

}  // namespace quoted::base
