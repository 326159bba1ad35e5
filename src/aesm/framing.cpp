#include "aesm/framing.h"

#include <algorithm>
#include <bit>

#include "base/little_endian.h"
#include "base/text.h"

namespace quoted::aesm {

using base::ErrorCode;
using base::fail;
using base::Le32;
using base::text;

using Prefix = std::array<std::byte, kFramePrefixSize>;

base::Result<std::size_t> decode_frame_prefix(std::span<const std::byte, kFramePrefixSize> prefix,
                                              std::size_t limit) {
  Prefix bytes{};
  std::ranges::copy(prefix, bytes.begin());
  const std::uint32_t size = std::bit_cast<Le32>(bytes);
  if (size > limit) {
    return fail(ErrorCode::kFrameTooLarge,
                text("the frame announces ", size, " bytes, at most ", limit, " are allowed"));
  }
  return size;
}

Prefix encode_frame_prefix(std::uint32_t size) { return std::bit_cast<Prefix>(Le32(size)); }

}  // namespace quoted::aesm
