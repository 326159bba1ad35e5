#include "config/table_reader.h"

#include <gmock/gmock.h>

#include "config/toml_text.h"

namespace quoted::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Id = base::FixedBytes<struct IdTag, 2>;

// A document that is read as a test says, and its mistakes.
class Reading {
 public:
  explicit Reading(std::string_view text) : table_(parse_toml(text, mistakes)) {
    EXPECT_TRUE(table_) << mistakes.lines("f");
  }
  TableReader top() { return {*table_, {}, "", mistakes}; }
  [[nodiscard]] std::string said() const { return mistakes.lines("f"); }

  Mistakes mistakes;

 private:
  std::optional<Table> table_;
};

TEST(TableReader, AbsentKeysAreNoMistakes) {
  Reading reading("");
  TableReader top = reading.top();
  EXPECT_FALSE(top.has("a"));
  EXPECT_FALSE(top.string("a", 10));
  EXPECT_FALSE(top.integer("a", 0, 1));
  EXPECT_FALSE(top.boolean("a"));
  EXPECT_FALSE(top.duration("a"));
  EXPECT_FALSE(top.date("a"));
  EXPECT_FALSE(top.bits("a"));
  EXPECT_FALSE(top.strings("a"));
  EXPECT_FALSE(top.fixed<Id>("a"));
  EXPECT_THAT(top.fixed_list<Id>("a"), IsEmpty());
  EXPECT_FALSE(top.table("a"));
  EXPECT_THAT(top.tables("a"), IsEmpty());
  top.finish();
  EXPECT_EQ(reading.said(), "");
}

TEST(TableReader, ReadsEveryKind) {
  Reading reading(
      "name = 'x'\ncount = 7\nyes = true\nspan = '12h'\nday = 2025-07-04\n"
      "time = '2025-07-04T10:28:44Z'\nsmall = 0x05\nlarge = '0x8000000000000000'\n"
      "one = 'a'\nmany = ['a', 'b']\nid = 'A1b2'\nids = ['0001', '0002']\n"
      "[table]\nx = 1\n[[tables]]\n[[tables]]\nx = 2\n");
  TableReader top = reading.top();
  EXPECT_EQ(top.string("name", 10), "x");
  EXPECT_EQ(top.integer("count", 7, 7), 7);
  EXPECT_EQ(top.boolean("yes"), true);
  EXPECT_EQ(top.duration("span"), std::chrono::hours(12));
  EXPECT_EQ(top.date("day")->time_since_epoch().count(), 1751587200);
  EXPECT_EQ(top.date("time")->time_since_epoch().count(), 1751624924);
  EXPECT_EQ(top.bits("small"), 5U);
  EXPECT_EQ(top.bits("large"), std::uint64_t{1} << 63U);
  EXPECT_EQ(top.strings("one")->front().text, "a");
  EXPECT_EQ(top.strings("many")->back().place, (Place{10, 14}));
  EXPECT_EQ(top.fixed<Id>("id")->hex(), "a1b2");
  EXPECT_EQ(top.fixed_list<Id>("ids").size(), 2U);
  auto table = top.table("table");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->name_of("x"), "table.x");
  EXPECT_EQ(table->integer("x", 0, 9), 1);
  auto tables = top.tables("tables");
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[1].name_of("x"), "tables[1].x");
  EXPECT_EQ(tables[1].place(), (Place{16, 1}));
  EXPECT_EQ(tables[1].place_of("x"), (Place{17, 1}));
  EXPECT_EQ(tables[1].place_of("absent"), (Place{16, 1}));
  EXPECT_EQ(tables[1].integer("x", 0, 9), 2);
  top.finish();
  EXPECT_EQ(reading.said(), "");
}

TEST(TableReader, SaysWhatItSawAndWhatItExpects) {
  struct Row {
    const char* value;
    void (*read)(TableReader&);
    const char* mistake;
  };
  const auto as_string = [](TableReader& t) { EXPECT_FALSE(t.string("k", 3)); };
  const auto as_integer = [](TableReader& t) { EXPECT_FALSE(t.integer("k", 1, 9)); };
  const auto as_boolean = [](TableReader& t) { EXPECT_FALSE(t.boolean("k")); };
  const auto as_duration = [](TableReader& t) { EXPECT_FALSE(t.duration("k")); };
  const auto as_date = [](TableReader& t) { EXPECT_FALSE(t.date("k")); };
  const auto as_bits = [](TableReader& t) { EXPECT_FALSE(t.bits("k")); };
  const auto as_id = [](TableReader& t) { EXPECT_FALSE(t.fixed<Id>("k")); };
  const auto as_ids = [](TableReader& t) { static_cast<void>(t.fixed_list<Id>("k")); };
  const auto as_strings = [](TableReader& t) { EXPECT_FALSE(t.strings("k")); };
  const auto as_table = [](TableReader& t) { EXPECT_FALSE(t.table("k")); };
  const auto as_tables = [](TableReader& t) { EXPECT_THAT(t.tables("k"), IsEmpty()); };
  for (const Row& row : {
           Row{"1", as_string, "f:1:5: k: an integer, expected a string"},
           Row{"''", as_string, "f:1:1: k: a string of 0 bytes, expected 1 to 3"},
           Row{"'abcd'", as_string, "f:1:1: k: a string of 4 bytes, expected 1 to 3"},
           Row{"'1'", as_integer, "f:1:5: k: a string, expected an integer from 1 to 9"},
           Row{"0", as_integer, "f:1:1: k: 0, expected an integer from 1 to 9"},
           Row{"10", as_integer, "f:1:1: k: 10, expected an integer from 1 to 9"},
           Row{"1.5", as_integer, "a number with a fraction, expected an integer"},
           Row{"'true'", as_boolean, "f:1:5: k: a string, expected true or false"},
           Row{"30", as_duration, "k: an integer, expected a whole number and a unit"},
           Row{"'1y'", as_duration, "k: '1y', expected a whole number and a unit"},
           Row{"'0d'", as_duration, "k: '0d', which is no time at all"},
           Row{"2025-07-04T10:28:44", as_date, "k: a time without a zone, expected a date"},
           Row{"'4 July'", as_date, "k: '4 July', expected a date"},
           Row{"\"1\\ny = 2\"", as_date, "k: '1\\x0ay = 2', expected a date"},
           Row{"-1", as_bits, "k: -1, expected 64 bits"},
           Row{"'05'", as_bits, "k: '05', expected 64 bits"},
           Row{"'0x10000000000000000'", as_bits, "expected 64 bits"},
           Row{"'0x-1'", as_bits, "expected 64 bits"},
           Row{"true", as_bits, "k: a boolean, expected 64 bits"},
           Row{"'abc'", as_id, "k: 'abc' is not plain hexadecimal, expected 2 bytes, which are 4"},
           Row{"'0xab'", as_id, "'0xab' is not plain hexadecimal"},
           Row{"'aabbcc'", as_id, "f:1:5: k: 3 bytes, expected 2 bytes, which are 4"},
           Row{"[]", as_ids, "f:1:1: k: an empty list matches nothing"},
           Row{"['00aa', '00AA']", as_ids, "f:1:14: k: '00AA' stands in the list twice"},
           Row{"['00aa', 1]", as_ids, "f:1:14: k: an integer in the list"},
           Row{"['a', 'a']", as_strings, "f:1:11: k: 'a' stands in the list twice"},
           Row{"{ a = 1 }", as_strings, "f:1:5: k: a table, expected a list of strings"},
           Row{"[]", as_table, "k: an empty list, expected a table, written [k]"},
           Row{"{ a = 1 }", as_tables, "k: a table, expected a list of tables, each written [[k]]"},
           Row{"[1]", as_tables, "k: an integer, expected a list of tables"},
       }) {
    Reading reading(std::string("k = ") + row.value + '\n');
    TableReader top = reading.top();
    row.read(top);
    EXPECT_THAT(reading.said(), HasSubstr(row.mistake)) << row.value;
    EXPECT_EQ(reading.mistakes.count(), 1U) << reading.said();
  }
}

TEST(TableReader, UnknownKeysAreMistakesWithAGuess) {
  Reading reading("versoin = 1\n[platform]\ncolour = 1\n");
  TableReader top = reading.top();
  static_cast<void>(top.integer("version", 1, 1));
  auto platform = top.table("platform");
  static_cast<void>(platform->boolean("allow_simulated"));
  platform->finish();
  top.finish();
  EXPECT_EQ(reading.said(),
            "f:1:1: unknown key 'versoin'; did you mean 'version'?\n"
            "f:3:1: unknown key 'colour' in platform; expected one of: allow_simulated");
}

TEST(TableReader, CollectsAllMistakes) {
  Reading reading("a = 1\nb = 2\nc = 'x'\n");
  TableReader top = reading.top();
  EXPECT_FALSE(top.string("a", 9));
  EXPECT_FALSE(top.boolean("b"));
  EXPECT_EQ(top.string("c", 9), "x");
  top.mistake("d", "is missing");
  top.finish();
  std::vector<std::uint32_t> lines;
  for (const Mistake& mistake : reading.mistakes.all()) lines.push_back(mistake.place.line);
  EXPECT_THAT(lines, ElementsAre(1, 1, 2));
}

TEST(TableReader, ManyUnknownKeysAreCounted) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "key" + std::to_string(i) + " = 1\n";
  Reading reading(text);
  TableReader top = reading.top();
  static_cast<void>(top.boolean("key"));
  top.finish();
  EXPECT_THAT(reading.said(), HasSubstr("and 19950 more mistakes"));
}

}  // namespace
}  // namespace quoted::config
