#include "crypto/der.h"

#include "base/hex.h"
#include "base/text.h"

namespace quoted::crypto {
namespace {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kShortFormLimit = 0x80;

unsigned value_at(ByteView bytes, std::size_t index) {
  return std::to_integer<unsigned>(bytes[index]);
}

}  // namespace

Result<DerElement> DerReader::next() {
  if (rest_.size() < 2) return fail(ErrorCode::kMalformed, "DER element ends in its header");
  const auto tag = static_cast<std::uint8_t>(value_at(rest_, 0));
  if ((tag & 0x1FU) == 0x1FU) return fail(ErrorCode::kMalformed, "DER tag of more than one byte");
  std::size_t length = value_at(rest_, 1);
  std::size_t header = 2;
  if (length >= kShortFormLimit) {
    const std::size_t count = length & 0x7FU;
    if (count == 0 || count > 4 || rest_.size() < 2 + count) {
      return fail(ErrorCode::kMalformed, "DER length is indefinite, too long or cut off");
    }
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8U) | value_at(rest_, 2 + i);
    if (length < kShortFormLimit || value_at(rest_, 2) == 0) {
      return fail(ErrorCode::kMalformed, "DER length is not minimal");
    }
    header += count;
  }
  if (length > rest_.size() - header) {
    return fail(ErrorCode::kMalformed, base::text("DER element of ", length, " bytes has only ",
                                                  rest_.size() - header, " left"));
  }
  const DerElement out{tag, rest_.subspan(header, length)};
  rest_ = rest_.subspan(header + length);
  return out;
}

Result<ByteView> DerReader::next(std::uint8_t tag) {
  QUOTED_TRY(const DerElement element, next());
  if (element.tag != tag) {
    return fail(ErrorCode::kMalformed,
                base::text("DER tag ", base::hex_number(tag, 2), " expected, got ",
                           base::hex_number(element.tag, 2)));
  }
  return element.content;
}

Result<std::uint32_t> der_unsigned(ByteView content) {
  if (content.empty() || content.size() > 5) {
    return fail(ErrorCode::kMalformed, base::text("DER integer of ", content.size(), " bytes"));
  }
  if ((value_at(content, 0) & 0x80U) != 0) {
    return fail(ErrorCode::kMalformed, "DER integer is negative");
  }
  if (content.size() > 1 && value_at(content, 0) == 0 && (value_at(content, 1) & 0x80U) == 0) {
    return fail(ErrorCode::kMalformed, "DER integer is not minimal");
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < content.size(); ++i) value = (value << 8U) | value_at(content, i);
  if (value > UINT32_MAX) return fail(ErrorCode::kMalformed, "DER integer above 32 bits");
  return static_cast<std::uint32_t>(value);
}

Result<bool> der_boolean(ByteView content) {
  if (content.size() != 1 || (value_at(content, 0) != 0 && value_at(content, 0) != 0xFF)) {
    return fail(ErrorCode::kMalformed, "DER boolean is neither 00 nor FF");
  }
  return value_at(content, 0) == 0xFF;
}

base::Bytes der_element(std::uint8_t tag, ByteView content) {
  base::Bytes out{std::byte{tag}};
  if (content.size() < kShortFormLimit) {
    out.push_back(static_cast<std::byte>(content.size()));
  } else {
    base::Bytes length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8U) {
      length.insert(length.begin(), static_cast<std::byte>(rest & 0xFFU));
    }
    out.push_back(static_cast<std::byte>(kShortFormLimit | length.size()));
    base::append(out, length);
  }
  base::append(out, content);
  return out;
}

base::Bytes der_sequence(std::initializer_list<ByteView> elements) {
  base::Bytes content;
  for (const ByteView element : elements) base::append(content, element);
  return der_element(der_tag::kSequence, content);
}

base::Bytes der_unsigned_element(std::uint8_t tag, std::uint32_t value) {
  base::Bytes content;
  do {
    content.insert(content.begin(), static_cast<std::byte>(value & 0xFFU));
    value >>= 8U;
  } while (value != 0);
  if ((std::to_integer<unsigned>(content.front()) & 0x80U) != 0) {
    content.insert(content.begin(), std::byte{0});
  }
  return der_element(tag, content);
}

}  // namespace quoted::crypto
