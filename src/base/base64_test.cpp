#include "base/base64.h"

#include <gmock/gmock.h>

namespace quoted::base {
namespace {

struct Pair {
  std::string_view bytes;
  std::string_view text;
};

// RFC 4648 section 10, and the last two characters of the alphabet.
constexpr Pair kPairs[] = {{"", ""},
                           {"f", "Zg=="},
                           {"fo", "Zm8="},
                           {"foo", "Zm9v"},
                           {"foob", "Zm9vYg=="},
                           {"fooba", "Zm9vYmE="},
                           {"foobar", "Zm9vYmFy"},
                           {"\xFB\xFF\xFE", "+//+"}};

TEST(Base64, BothWays) {
  for (const auto& [bytes, text] : kPairs) {
    EXPECT_EQ(to_base64(as_bytes(bytes)), text);
    const auto back = from_base64(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(as_text(*back), bytes);
  }
}

TEST(Base64, EveryByteSurvives) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));
  EXPECT_EQ(from_base64(to_base64(all)).value(), all);
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  using namespace std::string_view_literals;
  for (const auto text :
       {"Zg"sv, "Zg="sv, "Zg==="sv, "Z==="sv, "===="sv, "Zh=="sv, "Zm9="sv, "Zm 9"sv, "Zm9v\n"sv,
        "Zm9\n"sv, "Zg==Zg=="sv, "Zm-_"sv, "=Zg="sv, "Zm\0v"sv, "Zm9\xFF"sv}) {
    const auto refused = from_base64(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code(), ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace quoted::base
