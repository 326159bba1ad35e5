#include "config/toml_text.h"

#include <gmock/gmock.h>

#include "config/nesting.h"

namespace quoted::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string repeat(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

// "line:column: message" of the one mistake, empty when there is none.
std::string mistake_in(std::string_view text) {
  Mistakes mistakes;
  const auto table = parse_toml(text, mistakes);
  EXPECT_EQ(table.has_value(), mistakes.empty());
  const std::string lines = mistakes.lines("f");
  return lines.empty() ? lines : lines.substr(2);
}

const Value* at(const Table& table, std::string_view key) {
  for (const Member& member : table) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

TEST(TomlText, KeepsKindsAndPlaces) {
  Mistakes mistakes;
  const auto table = parse_toml(
      "# comment\n"
      "text = 'x'\n"
      "number = 0x10\n"
      "yes = true\n"
      "day = 2025-07-04\n"
      "time = 2025-07-04T12:28:44.5+02:00\n"
      "local = 2025-07-04T12:28:44\n"
      "noon = 12:00:00\n"
      "real = 1.5\n"
      "list = [ 1,\n  'a' ]\n"
      "[table]\n"
      "inner = 1\n"
      "[[many]]\n"
      "[[many]]\n",
      mistakes);
  ASSERT_TRUE(table) << mistakes.lines("f");
  EXPECT_EQ(std::get<std::string>(at(*table, "text")->content), "x");
  EXPECT_EQ(at(*table, "text")->place, (Place{2, 8}));
  EXPECT_EQ(std::get<std::int64_t>(at(*table, "number")->content), 16);
  EXPECT_TRUE(std::get<bool>(at(*table, "yes")->content));
  EXPECT_EQ(std::get<base::UnixTime>(at(*table, "day")->content).time_since_epoch().count(),
            1751587200);
  EXPECT_EQ(std::get<base::UnixTime>(at(*table, "time")->content).time_since_epoch().count(),
            1751624924);
  EXPECT_EQ(kind_name(*at(*table, "local")), "a time without a zone");
  EXPECT_EQ(kind_name(*at(*table, "noon")), "a time of day");
  EXPECT_EQ(kind_name(*at(*table, "real")), "a number with a fraction");
  const auto& list = std::get<Array>(at(*table, "list")->content);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].place, (Place{11, 3}));
  EXPECT_EQ(std::get<Table>(at(*table, "table")->content).front().place, (Place{13, 1}));
  EXPECT_EQ(std::get<Array>(at(*table, "many")->content)[1].place, (Place{15, 1}));
  EXPECT_EQ(table->front().key, "text");
  EXPECT_EQ(table->back().key, "many");
}

TEST(TomlText, NamesThePlaceOfTheFirstError) {
  EXPECT_THAT(mistake_in("a = 1\nb =\n"), StartsWith("2:4: not TOML: "));
  EXPECT_THAT(mistake_in("a = \"open\n"), StartsWith("1:10: not TOML: "));
  EXPECT_THAT(mistake_in("a = 0xFFFFFFFFFFFFFFFFF"), HasSubstr("not representable in 64 bits"));
  EXPECT_THAT(mistake_in("a = \"\xff\""), HasSubstr("invalid utf-8"));
  EXPECT_THAT(mistake_in(std::string_view("a = 1\0b = 2", 11)), StartsWith("1:6: not TOML: "));
  EXPECT_THAT(mistake_in("d = 2025-02-30"), HasSubstr("not TOML: "));
}

// Where the library asserts.
TEST(TomlText, SurvivesWhatTheLibraryDoesNotExpect) {
  for (const char* const text : {"[#]\n", "[ # a\n", "[[#]]\n", "[=]\n", "[.a]\n", "[{}]\n"}) {
    EXPECT_THAT(mistake_in(text), HasSubstr("not TOML: ")) << text;
  }
  EXPECT_THAT(mistake_in("a = 1\nb\xc2\x8a = 1\n"),
              StartsWith("2:2: not TOML: a character outside"));
  EXPECT_THAT(mistake_in("a = \xe2\x80\x9cquoted\xe2\x80\x9d\n"), StartsWith("1:5: not TOML"));
  EXPECT_EQ(mistake_in("\xEF\xBB\xBF# \xc3\xa9\na = '\xc3\xa9' # \xc3\xa9\n"), "");
}

TEST(TomlText, RefusesWhatStandsTwice) {
  for (const char* const text : {"a = 1\na = 2\n", "[a]\n[a]\n", "[[a]]\n[a]\n", "a = 1\n[a]\n",
                                 "[a]\n[[a]]\n", "t = { a = 1, a = 2 }\n"}) {
    EXPECT_THAT(mistake_in(text), HasSubstr("cannot redefine")) << text;
    EXPECT_THAT(mistake_in(text), HasSubstr("stands once")) << text;
  }
}

TEST(TomlText, BoundsSizeAndNesting) {
  EXPECT_EQ(mistake_in("# " + std::string(kMaxTextSize - 2, 'x')), "");
  EXPECT_THAT(mistake_in("# " + std::string(kMaxTextSize - 1, 'x')), HasSubstr("1048577 bytes"));
  EXPECT_EQ(mistake_in("a = " + repeat("[", 15) + repeat("]", 15)), "");
  EXPECT_THAT(mistake_in("a = " + repeat("[", 100000)), HasSubstr("nested value depth"));
  EXPECT_THAT(mistake_in("a = " + repeat("{a=", 100000)), HasSubstr("nested value depth"));
}

TEST(TomlText, BoundsThePartsOfAKey) {
  EXPECT_EQ(mistake_in("a" + repeat(".a", kMaxKeyDots) + " = 1"), "");
  EXPECT_THAT(mistake_in("x = 1\na" + repeat(".a", 17) + " = 1"),
              StartsWith("2:34: a key of more than 17 parts"));
  EXPECT_THAT(mistake_in("[a" + repeat(".a", 300000) + "]"), StartsWith("1:35: "));
  EXPECT_THAT(mistake_in("x = { a" + repeat(" . a", 17) + " = 1 }"), HasSubstr("17 parts"));
  EXPECT_THAT(mistake_in("\"a\"" + repeat(".\"a\"", 17) + " = 1"), HasSubstr("17 parts"));
  EXPECT_THAT(mistake_in("x = '''\n'''''\na" + repeat(".a", 17) + " = 1"), HasSubstr("17 parts"));
  EXPECT_THAT(mistake_in("x = \"\"\"\n\\\"\"\"\"\na" + repeat(".a", 17) + " = 1"),
              HasSubstr("17 parts"));
}

TEST(TomlText, DotsElsewhereAreNoParts) {
  const std::string dots(100, '.');
  EXPECT_EQ(mistake_in("# " + dots + "\n"), "");
  EXPECT_EQ(mistake_in("a = '" + dots + "'\n"), "");
  EXPECT_EQ(mistake_in("a = \"\\\"" + dots + "\"\n"), "");
  EXPECT_EQ(mistake_in("a = '''\n" + dots + "\n'" + dots + "'''''\n"), "");
  EXPECT_EQ(mistake_in("a = \"\"\"\n" + dots + "\\\"\"\" " + dots + "\"\"\"\n"), "");
  EXPECT_EQ(mistake_in("a = [" + repeat("1.0,", 100) + "]\n"), "");
  EXPECT_EQ(mistake_in("a = '' # " + dots + "\n"), "");
}

}  // namespace
}  // namespace quoted::config
