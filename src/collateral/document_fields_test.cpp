#include "collateral/document_fields.h"

#include <gmock/gmock.h>

namespace quoted::collateral {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr QvlStatus kMissing = QvlStatus::kTcbInfoUnsupportedFormat;
constexpr QvlStatus kBad = QvlStatus::kTcbInfoInvalid;
constexpr FieldStatuses kStatuses{kMissing, kBad};

using Short = base::FixedBytes<struct ShortTag, 2>;

// One object with `value` as member "m", or without it when empty.
JsonValue object(const std::string& value) {
  return parse_json(value.empty() ? "{}" : "{\"m\":" + value + "}").value();
}

template <class T>
QvlStatus status_of(const Judged<T>& judged) {
  return judged ? QvlStatus::kOk : judged.error().status;
}

TEST(DocumentDate, IsSecondsSince1970) {
  const auto seconds = [](std::string_view date) {
    return parse_document_date(date).value().time_since_epoch().count();
  };
  EXPECT_EQ(seconds("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(seconds("2025-07-04T10:28:44Z"), 1'751'624'924);
  EXPECT_EQ(seconds("2024-02-29T23:59:59Z"), 1'709'251'199);
  EXPECT_EQ(seconds("2000-02-29T00:00:00Z"), 951'782'400);
  EXPECT_EQ(seconds("2050-01-01T00:00:00Z"), 2'524'608'000);
  EXPECT_EQ(seconds("9999-12-31T23:59:59Z"), 253'402'300'799);
  EXPECT_EQ(seconds("1969-12-31T23:59:59Z"), -1);
}

TEST(DocumentDate, HasOneShape) {
  for (const char* const wrong : {"",
                                  "2025-07-04",
                                  "2025-07-04T10:28:44",
                                  "2025-07-04T10:28:44z",
                                  "2025-07-04t10:28:44Z",
                                  "2025-07-04 10:28:44Z",
                                  "2025-07-04T10:28:44.0Z",
                                  "2025-07-04T10:28:44+0",
                                  "2025-07-04T10:28:44Z ",
                                  " 2025-07-04T10:28:44Z",
                                  "2025-7-04T10:28:44ZZ",
                                  "2025/07/04T10:28:44Z",
                                  "2025-07-04T10-28-44Z",
                                  "-025-07-04T10:28:44Z",
                                  "+025-07-04T10:28:44Z",
                                  "2025-+7-04T10:28:44Z",
                                  "2025-07- 4T10:28:44Z",
                                  "20a5-07-04T10:28:44Z",
                                  "2025-07-04T1x:28:44Z",
                                  "2025-07-04T10:28:4:Z"}) {
    EXPECT_FALSE(parse_document_date(wrong)) << wrong;
  }
}

TEST(DocumentDate, IsARealTime) {
  for (const char* const wrong :
       {"2025-00-04T10:28:44Z", "2025-13-04T10:28:44Z", "2025-07-00T10:28:44Z",
        "2025-07-32T10:28:44Z", "2025-04-31T10:28:44Z", "2025-02-29T10:28:44Z",
        "2100-02-29T10:28:44Z", "2024-02-30T10:28:44Z", "2025-07-04T24:00:00Z",
        "2025-07-04T10:60:44Z", "2025-07-04T10:28:60Z", "2025-07-04T99:99:99Z"}) {
    EXPECT_FALSE(parse_document_date(wrong)) << wrong;
  }
}

TEST(DocumentFields, DatesThatAreNoneAreShownCut) {
  EXPECT_EQ(status_of(date_field(object(""), "m", kStatuses)), kMissing);
  EXPECT_EQ(status_of(date_field(object("5"), "m", kStatuses)), kBad);
  EXPECT_EQ(date_field(object("\"x\""), "m", kStatuses).error().detail,
            "'m' is 'x', expected a time like 2025-07-04T10:28:44Z");
  const std::string detail =
      date_field(object('"' + std::string(5000, 'y') + '"'), "m", kStatuses).error().detail;
  EXPECT_LT(detail.size(), 200U);
  EXPECT_THAT(detail, HasSubstr("yyy...'"));
  EXPECT_EQ(date_field(object("\"1970-01-01T00:00:01Z\""), "m", kStatuses)->time_since_epoch(),
            std::chrono::seconds(1));
}

TEST(DocumentFields, UnsignedNumbersHave32Bits) {
  EXPECT_EQ(*unsigned_field(object("0"), "m", kStatuses), 0U);
  EXPECT_EQ(*unsigned_field(object("4294967295"), "m", kStatuses), 0xFFFFFFFFU);
  EXPECT_EQ(status_of(unsigned_field(object(""), "m", kStatuses)), kMissing);
  for (const char* const bad : {"4294967296", "18446744073709551616", "-1", "5.0", "1e3", "\"5\"",
                                "null", "true", "[5]", "{}"}) {
    EXPECT_EQ(status_of(unsigned_field(object(bad), "m", kStatuses)), kBad) << bad;
  }
}

TEST(DocumentFields, BytesAreHexadecimalOfTheirSize) {
  EXPECT_EQ(bytes_field<Short>(object("\"0aFF\""), "m", kStatuses)->hex(), "0aff");
  EXPECT_EQ(status_of(bytes_field<Short>(object(""), "m", kStatuses)), kMissing);
  for (const char* const bad : {"\"\"", "\"0a\"", "\"0aF\"", "\"0aFF0\"", "\"0aFF00\"", "\"0aFG\"",
                                "\"0xFF\"", "\" aFF\"", "2815", "null", "[\"0aFF\"]"}) {
    EXPECT_EQ(status_of(bytes_field<Short>(object(bad), "m", kStatuses)), kBad) << bad;
  }
}

TEST(DocumentFields, ArraysHaveElements) {
  EXPECT_EQ((*filled_array_field(object("[1]"), "m", kStatuses))->size(), 1U);
  EXPECT_EQ(status_of(filled_array_field(object(""), "m", kStatuses)), kMissing);
  for (const char* const bad : {"[]", "{}", "{\"0\":1}", "null", "1"}) {
    EXPECT_EQ(status_of(filled_array_field(object(bad), "m", kStatuses)), kBad) << bad;
  }
}

TEST(DocumentFields, AdvisoriesAreOptionalStrings) {
  const auto read = [](const char* json) {
    return advisories_field(parse_json(json).value(), kBad);
  };
  EXPECT_TRUE(read("{}")->empty());
  EXPECT_TRUE(read(R"({"advisoryIDs":[]})")->empty());
  EXPECT_THAT(*read(R"({"advisoryIDs":["b","a","b"]})"), ElementsAre("b", "a", "b"));
  for (const char* const bad : {R"({"advisoryIDs":null})", R"({"advisoryIDs":"a"})",
                                R"({"advisoryIDs":{}})", R"({"advisoryIDs":["a",1]})"}) {
    EXPECT_EQ(status_of(read(bad)), kBad) << bad;
  }
}

TEST(DocumentFields, OfWhatIsNoObjectEveryMemberIsMissing) {
  const JsonValue none = parse_json("[1]").value();
  EXPECT_EQ(status_of(field(none, "m", kMissing)), kMissing);
  EXPECT_EQ(status_of(string_field(none, "m", kStatuses)), kMissing);
  EXPECT_EQ(field(none, "m", kMissing).error().detail, "'m' is missing");
}

}  // namespace
}  // namespace quoted::collateral
