#include "telemetry/log_line.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace quoted::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::sys_days kDay = std::chrono::year{2026} / 11 / 3;

std::string format(LogFormat format, std::string_view message, std::vector<Field> fields = {},
                   std::uint64_t suppressed = 0) {
  LineBuffer buffer;
  return std::string(format_line({.time = kDay + 4h + 5min + 6s + 78ms,
                                  .level = Level::kWarning,
                                  .event = "something_happened",
                                  .message = message,
                                  .fields = fields,
                                  .suppressed = suppressed},
                                 format, buffer));
}

std::string json_value_of(std::string_view value) {
  const std::string line = format(LogFormat::kJson, "m", {Field("k", value)});
  const std::string start = "\"k\":";
  return line.substr(line.find(start) + start.size(),
                     line.rfind('}') - line.find(start) - start.size());
}

TEST(LogLine, JsonHasTimeLevelEventMessageAndTypedFields) {
  EXPECT_EQ(format(LogFormat::kJson, "A thing", {{"name", "x y"}, {"pid", 12}, {"neg", -3}}),
            "{\"time\":\"2026-11-03T04:05:06.078Z\",\"level\":\"warning\","
            "\"event\":\"something_happened\",\"message\":\"A thing\","
            "\"name\":\"x y\",\"pid\":12,\"neg\":-3}\n");
}

TEST(LogLine, TextQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(format(LogFormat::kText, "A thing",
                   {{"name", "x y"}, {"path", "/run/a.sock"}, {"empty", ""}, {"pid", 12U}}),
            "2026-11-03T04:05:06.078Z warning something_happened: A thing "
            "name=\"x y\" path=/run/a.sock empty=\"\" pid=12\n");
}

TEST(LogLine, NamesTheRepeatsThatWereNotWritten) {
  EXPECT_THAT(format(LogFormat::kJson, "m", {}, 7), EndsWith(",\"suppressed\":7}\n"));
  EXPECT_THAT(format(LogFormat::kText, "m", {}, 7), EndsWith("m suppressed=7\n"));
}

TEST(LogLine, HoldsTheLargestNumbers) {
  const std::string line = format(LogFormat::kJson, "m", {{"u", UINT64_MAX}, {"i", INT64_MIN}});
  EXPECT_THAT(line, HasSubstr("\"u\":18446744073709551615,\"i\":-9223372036854775808"));
}

TEST(LogLine, EscapesWhatCouldForgeALineOrDriveATerminal) {
  EXPECT_EQ(json_value_of("a\"b\\c\nd\re\tf"), R"("a\"b\\c\nd\re\tf")");
  EXPECT_EQ(json_value_of(std::string_view("\x00\x1b[2J\x7f", 6)), R"("\u0000\u001b[2J\u007f")");
  EXPECT_EQ(json_value_of("\xC2\x9B"
                          "2J"),
            R"("\u009b2J")");
  EXPECT_THAT(format(LogFormat::kText, "one\ntwo\x1b", {{"k", "a\nb"}}),
              EndsWith("one\\ntwo\\u001b k=\"a\\nb\"\n"));
}

TEST(LogLine, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(json_value_of("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x91"),
            "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x91\"");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(json_value_of("\xFF"), '"' + bad + '"');
  EXPECT_EQ(json_value_of("\xC3"), '"' + bad + '"');
  EXPECT_EQ(json_value_of("\xC0\xAF"), '"' + bad + bad + '"');            // overlong
  EXPECT_EQ(json_value_of("\xED\xA0\x80"), '"' + bad + bad + bad + '"');  // surrogate
  EXPECT_EQ(json_value_of("\xE0\x80\x80"), '"' + bad + bad + bad + '"');  // overlong
  EXPECT_EQ(json_value_of("\xF4\x90\x80\x80"), '"' + bad + bad + bad + bad + '"');
  EXPECT_EQ(json_value_of("\xE2\x82z"), '"' + bad + bad + "z\"");
}

TEST(LogLine, CutsALongMessageAndKeepsTheFields) {
  const std::string line =
      format(LogFormat::kJson, std::string(5000, 'x'), {{"pid", 1}, {"v", std::string(900, 'y')}});
  EXPECT_LE(line.size(), kMaxLineSize);
  EXPECT_THAT(line, HasSubstr("xx...\",\"pid\":1"));
  EXPECT_THAT(line, EndsWith("yy...\"}\n"));
}

TEST(LogLine, DropsFieldsWithoutRoomButStaysWhole) {
  const std::string value(768, '\x01');  // each byte becomes six
  const std::vector<Field> fields(9, Field("v", value));
  for (const LogFormat kind : {LogFormat::kJson, LogFormat::kText}) {
    const std::string line = format(kind, std::string(9000, '\x02'), fields, UINT64_MAX);
    EXPECT_LE(line.size(), kMaxLineSize);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_THAT(line, HasSubstr("truncated"));
    EXPECT_THAT(line, HasSubstr("18446744073709551615"));
    EXPECT_THAT(line, EndsWith(kind == LogFormat::kJson ? "1}\n" : "=1\n"));
  }
}

TEST(LogLine, SaysNothingOfTruncationWhenAllIsThere) {
  EXPECT_THAT(format(LogFormat::kJson, "m", {{"a", "b"}}), Not(HasSubstr("truncated")));
}

}  // namespace
}  // namespace quoted::telemetry
