#include "conformance/wire_fields.h"

#include <gmock/gmock.h>

#include "test_support/vectors.h"

namespace quoted::conformance {
namespace {

using test::unhex;
using ::testing::HasSubstr;

TEST(WireFields, ReadsEveryType) {
  const auto message = unhex(
      "089601"
      "1203aabbcc"
      "1d01020304"
      "210102030405060708");
  const auto fields = read_fields(message).value();
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].number, 1U);
  EXPECT_EQ(fields[0].value, 150U);
  EXPECT_TRUE(base::equal(fields[1].bytes, unhex("aabbcc")));
  EXPECT_EQ(fields[2].bytes.size(), 4U);
  EXPECT_EQ(fields[3].bytes.size(), 8U);
  EXPECT_EQ(fields[3].number, 4U);
}

TEST(WireFields, ReadsTheLargestNumber) {
  EXPECT_EQ(read_fields(unhex("08ffffffffffffffffff01")).value().front().value, ~0ULL);
}

TEST(WireFields, RefusesMoreFieldsThanAnyMessageHas) {
  base::Bytes message;
  for (std::size_t i = 0; i < kMaxFields; ++i) base::append(message, unhex("0801"));
  EXPECT_EQ(read_fields(message).value().size(), kMaxFields);
  base::append(message, unhex("0801"));
  const auto fields = read_fields(message);
  ASSERT_FALSE(fields);
  EXPECT_THAT(fields.error().message(), HasSubstr("more than 64 fields"));
}

TEST(WireFields, RefusesWhatIsNoMessage) {
  struct Case {
    const char* message;
    const char* why;
  };
  for (const auto& [message, why] : {
           Case{"08", "cut short"},
           Case{"0896", "cut short"},
           Case{"1203aabb", "2 are left"},
           Case{"1d010203", "cut short"},
           Case{"0801ff", "cut short"},
           Case{"08ffffffffffffffffff02", "64 bits"},
           Case{"08ffffffffffffffffffff01", "64 bits"},
           Case{"0001", "no field number 0"},
           Case{"0b0c", "wire type 3"},
           Case{"12ffffffffffffffffff01", "are left"},
       }) {
    const auto fields = read_fields(unhex(message));
    ASSERT_FALSE(fields) << message;
    EXPECT_EQ(fields.error().code(), base::ErrorCode::kMalformedMessage) << message;
    EXPECT_THAT(fields.error().message(), HasSubstr(why)) << message;
  }
}

}  // namespace
}  // namespace quoted::conformance
