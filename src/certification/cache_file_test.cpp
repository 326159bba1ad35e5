#include "certification/cache_file.h"

#include <gtest/gtest.h>

namespace quoted::certification {
namespace {

using base::ErrorCode;

CacheRecord record() {
  const auto time = [](int seconds) { return base::UnixTime(std::chrono::seconds(seconds)); };
  return {"identity/qe", "a source",
          time(3),       time(1),
          time(2),       base::Bytes(18, std::byte{9}),
          "a chain",     base::Bytes(100, std::byte{0x7F})};
}

ErrorCode read_code(base::ByteView content) {
  const auto read = read_cache_file(content);
  return read ? ErrorCode::kInternal : read.error().code();
}

TEST(CacheFile, ComesBackAsItWas) {
  const auto content = write_cache_file(record()).value();
  EXPECT_EQ(read_cache_file(content).value(), record());
  const CacheRecord empty;
  EXPECT_EQ(read_cache_file(write_cache_file(empty).value()).value(), empty);
}

TEST(CacheFile, EveryBitCounts) {
  const auto content = write_cache_file(record()).value();
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    base::Bytes flipped = content;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    ASSERT_EQ(read_code(flipped), ErrorCode::kCacheDamaged) << bit;
  }
}

TEST(CacheFile, EveryLengthButTheOwnIsDamage) {
  const auto content = write_cache_file(record()).value();
  for (std::size_t size = 0; size < content.size(); ++size) {
    ASSERT_EQ(read_code(base::ByteView(content).first(size)), ErrorCode::kCacheDamaged) << size;
  }
  base::Bytes longer = content;
  longer.push_back(std::byte{0});
  EXPECT_EQ(read_code(longer), ErrorCode::kCacheDamaged);
}

TEST(CacheFile, WhatItCannotHoldIsNotWritten) {
  const auto refused = [](const CacheRecord& one) {
    const auto written = write_cache_file(one);
    return !written && written.error().code() == ErrorCode::kInvalidArgument;
  };
  CacheRecord one = record();
  one.key.resize(kMaxCacheText + 1);
  EXPECT_TRUE(refused(one));
  one = record();
  one.body.resize(kMaxCacheFile);
  EXPECT_TRUE(refused(one));
  one = record();
  one.valid_from = base::UnixTime(std::chrono::seconds(-1));
  EXPECT_TRUE(refused(one));
  one = record();
  one.valid_until = base::UnixTime::max();
  EXPECT_TRUE(refused(one));
}

}  // namespace
}  // namespace quoted::certification
