#include "base/byte_reader.h"

#include <gmock/gmock.h>

#include "base/hex.h"

namespace quoted::base {
namespace {

using ::testing::HasSubstr;

TEST(ByteReader, ReadsIntegersLittleEndianAndCountsOffsets) {
  const Bytes bytes = from_hex("0102030405060708").value();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.take_le<std::uint16_t>("a").value(), 0x0201);
  EXPECT_EQ(reader.take_le<std::uint32_t>("b").value(), 0x06050403U);
  EXPECT_EQ(reader.offset(), 6U);
  EXPECT_EQ(reader.remaining(), 2U);
}

TEST(ByteReader, NamesFieldOffsetAndShortage) {
  const Bytes bytes(5);
  ByteReader reader(bytes);
  ASSERT_TRUE(reader.take(3, "head"));
  const auto short_read = reader.take(0xFFFFFFFFU, "certification data");
  ASSERT_FALSE(short_read);
  EXPECT_EQ(short_read.error().code(), ErrorCode::kTruncated);
  EXPECT_THAT(short_read.error().message(), HasSubstr("certification data at offset 3"));
  EXPECT_EQ(reader.offset(), 3U) << "a failed read must not move the cursor";
}

TEST(LittleEndian, StoresTheLowByteFirst) {
  const Le64 value(0x0102030405060708U);
  EXPECT_EQ(to_hex(struct_bytes(value)), "0807060504030201");
  EXPECT_EQ(static_cast<std::uint64_t>(value), 0x0102030405060708U);
}

}  // namespace
}  // namespace quoted::base
