#include "http/percent.h"

#include <gmock/gmock.h>

namespace quoted::http {
namespace {

using ::testing::HasSubstr;

TEST(Percent, EncodesAsTheServiceDoes) {
  EXPECT_EQ(percent_encoded("aZ09-_.~"), "aZ09-_.~");
  EXPECT_EQ(percent_encoded(" \n+/=%&:\x80"), "%20%0A%2B%2F%3D%25%26%3A%80");
}

TEST(Percent, DecodesItsOwnEscapesInEitherCase) {
  EXPECT_EQ(percent_decoded("a%2Fb%2fc%0A").value(), "a/b/c\n");
  EXPECT_EQ(percent_decoded("").value(), "");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decoded(percent_encoded(all)).value(), all);
}

TEST(Percent, RefusesBrokenEscapes) {
  for (const std::string_view bad : {"a%", "a%2", "a%2x", "a%x2", "a%%41"}) {
    const auto decoded = percent_decoded(bad);
    ASSERT_FALSE(decoded) << bad;
    EXPECT_EQ(decoded.error().code(), base::ErrorCode::kMalformed);
    EXPECT_THAT(decoded.error().message(), HasSubstr("position 1"));
  }
}

TEST(Percent, RefusesWhatNoEncoderLeaves) {
  for (const std::string_view bad : {"a+b", "a b", "a\nb", "a\tb", "a\x7F", "a\xC3\xA4"}) {
    const auto decoded = percent_decoded(bad);
    ASSERT_FALSE(decoded) << bad;
    EXPECT_THAT(decoded.error().message(), HasSubstr("position 1"));
  }
}

}  // namespace
}  // namespace quoted::http
