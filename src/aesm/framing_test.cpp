#include "aesm/framing.h"

#include <gtest/gtest.h>

namespace quoted::aesm {
namespace {

using base::ErrorCode;

constexpr std::uint32_t kMaxU32 = 0xFFFFFFFF;

TEST(Framing, PrefixIsLittleEndian) {
  constexpr std::array<std::byte, 4> kExpected{std::byte{0x04}, std::byte{0x03}, std::byte{0x02},
                                               std::byte{0x01}};
  EXPECT_EQ(encode_frame_prefix(0x01020304), kExpected);
  EXPECT_EQ(decode_frame_prefix(kExpected, kMaxU32), 0x01020304U);
}

TEST(Framing, EverySizeUpToTheLimitIsAccepted) {
  for (const std::uint32_t size : {0U, 1U, 255U, 256U, 65535U, 65536U}) {
    EXPECT_EQ(decode_frame_prefix(encode_frame_prefix(size), kMaxRequestSize), size);
  }
  EXPECT_EQ(decode_frame_prefix(encode_frame_prefix(0), 0), 0U);
  EXPECT_EQ(decode_frame_prefix(encode_frame_prefix(kMaxU32), kMaxU32), kMaxU32);
}

TEST(Framing, OneByteAboveTheLimitIsRefused) {
  for (const std::size_t limit : {std::size_t{0}, kMaxRequestSize, kMaxResponseSize}) {
    const auto above = static_cast<std::uint32_t>(limit + 1);
    const auto refused = decode_frame_prefix(encode_frame_prefix(above), limit);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kFrameTooLarge);
  }
}

TEST(Framing, RefusalNamesBothSizes) {
  const auto refused = decode_frame_prefix(encode_frame_prefix(kMaxU32), kMaxRequestSize);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "the frame announces 4294967295 bytes, at most 65536 are allowed");
}

}  // namespace
}  // namespace quoted::aesm
