#include "collateral/json_value.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "test_support/vectors.h"

namespace quoted::collateral {
namespace {

using namespace std::string_literals;
using base::text;
using ::testing::HasSubstr;

JsonValue parsed(std::string_view json) {
  auto value = parse_json(json);
  if (!value) throw std::runtime_error(value.error().summary());
  return *std::move(value);
}

std::string compact(std::string_view json) { return compact_json(parsed(json)); }

std::string refusal(std::string_view json) {
  const auto value = parse_json(json);
  if (value) return "accepted";
  EXPECT_EQ(value.error().code(), base::ErrorCode::kMalformed);
  return value.error().message();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonValue, KindsAreToldApart) {
  const JsonValue value = parsed(R"({"n":null,"t":true,"s":"x","a":[1],"o":{},"u":5,"i":-5})");
  ASSERT_NE(value.object(), nullptr);
  EXPECT_EQ(value.array(), nullptr);
  EXPECT_EQ(value.string(), nullptr);
  EXPECT_EQ(value.number(), nullptr);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(value.member("n")->content()));
  EXPECT_TRUE(std::get<bool>(value.member("t")->content()));
  EXPECT_EQ(*value.member("s")->string(), "x");
  EXPECT_EQ(value.member("a")->array()->size(), 1U);
  EXPECT_TRUE(value.member("o")->object()->empty());
  EXPECT_EQ(*value.member("u")->number(), 5U);
  EXPECT_EQ(std::get<std::int64_t>(value.member("i")->content()), -5);
  EXPECT_EQ(value.member("none"), nullptr);
  EXPECT_EQ(value.member("t")->member("n"), nullptr);
}

TEST(JsonValue, OnlyUnsignedIntegersOf64BitsAreNumbers) {
  EXPECT_EQ(*parsed("0").number(), 0U);
  EXPECT_EQ(*parsed("4294967296").number(), std::uint64_t{1} << 32U);
  EXPECT_EQ(*parsed("18446744073709551615").number(), ~std::uint64_t{0});
  for (const char* const other :
       {"-1", "5.0", "1e3", "18446744073709551616", "-9223372036854775809", "1E40", "\"5\""}) {
    EXPECT_EQ(parsed(other).number(), nullptr) << other;
  }
  for (const char* const none : {"05", "+5", "0x5", "5.", ".5", "1e", "-", "NaN", "1E400"}) {
    EXPECT_THAT(refusal(none), HasSubstr("no JSON at")) << none;
  }
}

TEST(JsonValue, OnlyIntegersHaveACompactText) {
  for (const char* const number : {"-9223372036854775808", "-7", "18446744073709551615"}) {
    EXPECT_EQ(compact(number), number);
  }
  for (const char* const number : {"5.0", "1e3", "1E+03", "-0.50", "18446744073709551616"}) {
    EXPECT_EQ(compact(number), "");
    EXPECT_EQ(compact(std::string("{\"a\":[") + number + "]}"), "");
  }
}

TEST(JsonValue, MembersKeepOrderAndDuplicates) {
  const JsonValue value = parsed(R"({"b":1,"a":2,"b":3})");
  EXPECT_EQ(*value.member("b")->number(), 1U);
  ASSERT_EQ(value.object()->size(), 3U);
  EXPECT_EQ(compact_json(value), R"({"b":1,"a":2,"b":3})");
}

TEST(JsonValue, CompactTextHasNoWhiteSpace) {
  EXPECT_EQ(
      compact(" {\r\n\t\"a\" : [ 1 , { } , [ ] , null , true , false ] , \"b\" : \"x y\" } \n"),
      R"({"a":[1,{},[],null,true,false],"b":"x y"})");
  EXPECT_EQ(compact("[]"), "[]");
  EXPECT_EQ(compact("{}"), "{}");
  EXPECT_EQ(compact("null"), "null");
}

TEST(JsonValue, CompactTextEscapesNoMoreThanItMust) {
  EXPECT_EQ(compact(R"("\"\\\/\b\f\n\r\t")"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(compact(R"("\u0053\u0047\u0058")"), R"("SGX")");
  EXPECT_EQ(compact(R"("\u00e4\u20AC\uD83D\uDE00")"), "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  EXPECT_EQ(compact("\"\xC3\xA4\""), "\"\xC3\xA4\"");
  EXPECT_EQ(compact(R"("\u007F")"), "\"\x7F\"");
  EXPECT_EQ(compact(R"({"\u0041\n":1})"), R"({"A\n":1})");
}

TEST(JsonValue, CompactTextOfEveryControlCharacter) {
  for (unsigned code = 0; code < 0x20; ++code) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const std::string escaped = text("\"\\u00", kDigits[code >> 4U], kDigits[code & 0xFU], '"');
    const JsonValue value = parsed(escaped);
    EXPECT_EQ(*value.string(), std::string(1, static_cast<char>(code)));
    const std::string_view shorthand("........btn.fr", 14);
    const bool is_short = code < shorthand.size() && shorthand[code] != '.';
    EXPECT_EQ(compact_json(value), is_short ? text("\"\\", shorthand[code], '"') : escaped) << code;
    // As it is, it does not belong into a string.
    EXPECT_THAT(refusal(text('"', static_cast<char>(code), '"')), HasSubstr("at line")) << code;
  }
}

TEST(JsonValue, HalfASurrogatePairIsRefused) {
  for (const char* const half :
       {R"("\uD83D")", R"("\uDE00")", R"("\uD83Dx")", R"("\uD83D\u0041")", R"("\uDE00\uD83D")"}) {
    EXPECT_THAT(refusal(half), HasSubstr("no JSON at")) << half;
  }
  EXPECT_THAT(refusal(R"("\u12G4")"), HasSubstr("no JSON at"));
  EXPECT_THAT(refusal(R"("\x41")"), HasSubstr("no JSON at"));
}

TEST(JsonValue, OnlyUtf8IsAccepted) {
  for (const char* const bytes : {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_THAT(refusal(text('"', bytes, '"')), HasSubstr("no JSON at"));
  }
}

TEST(JsonValue, NothingStandsAroundIt) {
  EXPECT_EQ(refusal("\xEF\xBB\xBF{}"), "a byte order mark stands before the JSON");
  EXPECT_EQ(refusal("{}\0"s), "a NUL byte in the JSON at line 1, column 3");
  EXPECT_EQ(refusal("{\n \"a\0b\":1}"s), "a NUL byte in the JSON at line 2, column 4");
  EXPECT_EQ(refusal("{}\n}"), "no JSON at line 2, column 1");
  EXPECT_THAT(refusal("{}{}"), HasSubstr("no JSON at line 1, column 3"));
  EXPECT_THAT(refusal("{} //"), HasSubstr("no JSON at"));
  for (const char* const none : {"", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "'a'",
                                 "nul", "tru", "\"", "[1 2]", "{\"a\" 1}", "\f{}"}) {
    EXPECT_THAT(refusal(none), HasSubstr("no JSON at line 1")) << none;
  }
}

TEST(JsonValue, DepthIsBounded) {
  EXPECT_EQ(compact(nested(kMaxJsonDepth)), nested(kMaxJsonDepth));
  EXPECT_EQ(refusal(nested(kMaxJsonDepth + 1)), "the JSON is nested deeper than 256 levels");
  std::string objects;
  for (std::size_t i = 0; i <= kMaxJsonDepth; ++i) objects += "{\"a\":";
  EXPECT_EQ(refusal(objects), "the JSON is nested deeper than 256 levels");
  EXPECT_EQ(refusal(std::string(kMaxJsonSize, '[')), "the JSON is nested deeper than 256 levels");
}

TEST(JsonValue, SizeIsBounded) {
  EXPECT_EQ(compact(std::string(kMaxJsonSize - 1, ' ') + "1"), "1");
  EXPECT_EQ(refusal(std::string(kMaxJsonSize, ' ') + "1"),
            "a JSON document of 1048577 bytes is larger than 1048576");
}

TEST(JsonValue, DuplicateMembersAreNamedByTheirPath) {
  EXPECT_EQ(duplicate_member(parsed(R"({"a":1,"b":{"a":1}})")), "");
  EXPECT_EQ(duplicate_member(parsed(R"({"a":1,"a":1})")), "a");
  EXPECT_EQ(duplicate_member(parsed(R"({"a":{"b":[0,{"c":1,"\u0063":2}]}})")), "a.b.c");
  EXPECT_EQ(duplicate_member(parsed(R"([{"x":1},{"x":1,"x":1}])")), "x");
  EXPECT_EQ(duplicate_member(parsed("7")), "");
}

TEST(MemberText, IsTheExactBytesOfTheValue) {
  const std::string_view json =
      "\n{ \"a\" : [1, {\"want\": 2}] ,\r\n\"b\\\"{\":\"}\\\\\\\"{\", \"want\"\t: { \"x\" : "
      "\"}]\\\"\" } }";
  ASSERT_TRUE(parse_json(json));
  EXPECT_EQ(member_text(json, "a"), "[1, {\"want\": 2}]");
  const std::string_view plain =
      R"( {"s":"}{\"][", "want" : { "x" : "}]\"" , "y":[ ] } ,"z":-1.5e3 })";
  ASSERT_TRUE(parse_json(plain));
  EXPECT_EQ(member_text(plain, "s"), R"("}{\"][")");
  EXPECT_EQ(member_text(plain, "want"), R"({ "x" : "}]\"" , "y":[ ] })");
  EXPECT_EQ(member_text(plain, "z"), "-1.5e3");
  EXPECT_EQ(member_text(plain, "x"), "");
}

TEST(MemberText, BareValuesEndWhereTheyShould) {
  EXPECT_EQ(member_text(R"({"a":1})", "a"), "1");
  EXPECT_EQ(member_text(R"({"a":true ,"b":null})", "a"), "true");
  EXPECT_EQ(member_text(R"({"a":true ,"b":null})", "b"), "null");
  EXPECT_EQ(member_text(R"({"a":12,"b":[]})", "b"), "[]");
  EXPECT_EQ(member_text(R"({"a":""})", "a"), R"("")");
}

TEST(MemberText, IsEmptyWhenThereIsNone) {
  for (const char* const json : {"{}", "{ }", "[\"a\",1]", "1", "\"a\"", "", "{\"b\":{\"a\":1}}"}) {
    EXPECT_EQ(member_text(json, "a"), "") << json;
  }
}

// The values that are read are those of the first member of the name; so must the bytes be that are
// checked.
TEST(MemberText, ComesFromTheFirstMemberOrNone) {
  EXPECT_EQ(member_text(R"({"a":1,"a":2})", "a"), "1");
  EXPECT_EQ(member_text(R"({"\u0061":1,"a":2})", "a"), "");
  EXPECT_EQ(member_text(R"({"a":1,"\u0061":2})", "a"), "1");
}

// Of every genuine document, written anew, the same bytes come out that Intel signed.
TEST(MemberText, OfGenuineDocumentsIsTheirCompactText) {
  for (const auto& [file, member] :
       {std::pair{"tcbinfo-v3-sgx-00606A000000.json", "tcbInfo"},
        std::pair{"tcbinfo-v3-sgx-00606a000000-eval19.json", "tcbInfo"},
        std::pair{"tcbinfo-v2-pcs-v3-body.json", "tcbInfo"},
        std::pair{"qe-identity-v2-pcs-body.json", "enclaveIdentity"},
        std::pair{"qve-identity-v2-pcs-body.json", "enclaveIdentity"}}) {
    const std::string json = test::read_text_vector(std::string("real-collateral/") + file);
    const JsonValue value = parsed(json);
    EXPECT_GT(member_text(json, member).size(), 100U) << file;
    EXPECT_EQ(member_text(json, member), compact_json(*value.member(member))) << file;
  }
}

}  // namespace
}  // namespace quoted::collateral
