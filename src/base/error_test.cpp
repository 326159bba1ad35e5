#include "base/error.h"

#include <gmock/gmock.h>

#include <set>

#include "base/result.h"

namespace quoted::base {
namespace {

using ::testing::HasSubstr;

TEST(ErrorTable, IdsAndNamesAreUniqueAndTextsAreWhole) {
  std::set<std::string_view> ids;
  std::set<std::string_view> names;
  for (const ErrorEntry& row : error_table()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_THAT(row.sentence, ::testing::EndsWith(".")) << row.id;
    EXPECT_FALSE(row.cause.empty()) << row.id;
    EXPECT_FALSE(row.remedy.empty()) << row.id;
    EXPECT_NE(row.aesm, 0U) << row.id << ": an error must not read as success on the wire";
    EXPECT_NE(row.sdk, 0U) << row.id;
  }
}

TEST(ErrorTable, CodesThatClientsMatchOnAreThoseOfTheProtocol) {
  EXPECT_EQ(error_entry(ErrorCode::kUnsupportedAttestationKey).aesm, 38U);
  EXPECT_EQ(error_entry(ErrorCode::kAttestationKeyNotInitialized).aesm, 42U);
  EXPECT_EQ(error_entry(ErrorCode::kQeInvalidReport).aesm, 47U);
  EXPECT_EQ(error_entry(ErrorCode::kQeInvalidReport).sdk, 0x3001U);
  EXPECT_EQ(error_entry(ErrorCode::kMissingField).aesm, 1U);
  EXPECT_EQ(aesm_error_name(47), "AESM_INVALID_REPORT");
  EXPECT_EQ(aesm_error_name(51), "AESM_CONFIG_UNSUPPORTED");
  EXPECT_EQ(aesm_error_name(4000), "unknown");
}

TEST(Error, KeepsTheFirstCauseLastInTheSummary) {
  const Error error = Error(ErrorCode::kWrongSize, "expected 432 bytes, got 3")
                          .with_context("reading report.bin")
                          .with_context("asking for a quote");
  EXPECT_EQ(error.summary(), "asking for a quote: reading report.bin: expected 432 bytes, got 3");
  EXPECT_THAT(error.explanation(), HasSubstr("remedy: "));
  EXPECT_THAT(error.explanation(), HasSubstr("QD1005 WRONG_SIZE"));
}

TEST(Error, KeepsTheCodeOfThePeerUnderItsContexts) {
  EXPECT_EQ(Error(ErrorCode::kServiceRefused, "refused").peer_code(), std::nullopt);
  const Error error = Error(ErrorCode::kServiceRefused, "refused")
                          .with_peer_code(42)
                          .with_context("asking for a quote");
  EXPECT_EQ(error.peer_code(), 42U);
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  QUOTED_TRY(const int first, half(value));
  QUOTED_TRY(const int second, half(first));
  return second;
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message(), "odd");
}

}  // namespace
}  // namespace quoted::base
