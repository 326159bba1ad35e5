// The mapping tables of quote-verification 14 and 16.
#include "verification/result_codes.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace quoted::verification {
namespace {

using collateral::QvlStatus;

std::vector<QvlStatus> all_statuses() {
  std::vector<QvlStatus> out;
  for (unsigned i = 0; i <= 255; ++i) {
    const auto status = static_cast<QvlStatus>(i);
    if (qvl_status_name(status) != "UNKNOWN") out.push_back(status);
  }
  return out;
}

unsigned number(QvlStatus status) { return static_cast<unsigned>(status); }

struct Level {
  std::uint32_t result;
  const char* result_name;
  const char* tcb_status;
};

const std::map<unsigned, Level>& levels() {
  static const std::map<unsigned, Level> out = {
      {0, {0, "OK", "UpToDate"}},
      {47, {0xA001, "CONFIG_NEEDED", "ConfigurationNeeded"}},
      {45, {0xA002, "OUT_OF_DATE", "OutOfDate"}},
      {48, {0xA003, "OUT_OF_DATE_CONFIG_NEEDED", "OutOfDateConfigurationNeeded"}},
      {82, {0xA007, "SW_HARDENING_NEEDED", "SWHardeningNeeded"}},
      {83, {0xA008, "CONFIG_AND_SW_HARDENING_NEEDED", "ConfigurationAndSWHardeningNeeded"}},
      {87, {0xA009, "TD_RELAUNCH_ADVISED", "TDRelaunchAdvised"}},
      {88, {0xA00A, "TD_RELAUNCH_ADVISED_CONFIG_NEEDED", "TDRelaunchAdvisedConfigurationNeeded"}}};
  return out;
}

const std::set<unsigned> kExpirations = {75, 78, 79, 80, 81};

// What a failing status returns; all others 0xE001.
const std::map<unsigned, std::uint32_t> kReturns = {
    {36, 0xE002}, {37, 0xE01D}, {55, 0xE01F}, {1, 0xE021},  {38, 0xE021}, {18, 0xE022},
    {39, 0xE022}, {19, 0xE023}, {20, 0xE023}, {42, 0xE023}, {44, 0xE024}, {74, 0xE026},
    {11, 0xE031}, {16, 0xE031}, {27, 0xE031}, {43, 0xE031}, {46, 0xE032}, {62, 0xE039},
    {63, 0xE039}, {64, 0xE039}, {72, 0xE039}, {76, 0xE039}, {21, 0xE03A}, {26, 0xE03A},
    {85, 0xE060}, {49, 0xE066}, {32, 0xE068}, {57, 0xE068}};

TEST(ResultCodes, LevelsAreResults) {
  for (const QvlStatus status : all_statuses()) {
    const auto level = levels().find(number(status));
    if (level == levels().end()) {
      EXPECT_EQ(result_of(status), QvResult::kUnspecified) << number(status);
      continue;
    }
    EXPECT_EQ(static_cast<std::uint32_t>(result_of(status)), level->second.result);
    EXPECT_EQ(qv_result_name(result_of(status)), level->second.result_name);
    EXPECT_EQ(tcb_status_of(status), level->second.tcb_status);
  }
  EXPECT_EQ(static_cast<std::uint32_t>(QvResult::kUnspecified), 0xA006U);
  EXPECT_EQ(qv_result_name(QvResult::kUnspecified), "UNSPECIFIED");
}

TEST(ResultCodes, WhatEndsTheCall) {
  for (const QvlStatus status : all_statuses()) {
    EXPECT_EQ(is_expiration(status), kExpirations.contains(number(status))) << number(status);
    EXPECT_EQ(is_terminal(status),
              !kExpirations.contains(number(status)) && !levels().contains(number(status)))
        << number(status);
  }
}

TEST(ResultCodes, ReturnsOfFailures) {
  for (const QvlStatus status : all_statuses()) {
    const auto found = kReturns.find(number(status));
    const std::uint32_t expected = !is_terminal(status)      ? 0U
                                   : found == kReturns.end() ? 0xE001U
                                                             : found->second;
    EXPECT_EQ(static_cast<std::uint32_t>(return_of(status)), expected) << number(status);
  }
}

TEST(ResultCodes, StrictReturnsOfExpirations) {
  const auto strict = [](unsigned status) {
    return static_cast<std::uint32_t>(strict_return_of_expiration(static_cast<QvlStatus>(status)));
  };
  EXPECT_EQ(strict(75), 0xE02CU);
  EXPECT_EQ(strict(78), 0xE02DU);
  EXPECT_EQ(strict(79), 0xE02EU);
  EXPECT_EQ(strict(80), 0xE02FU);
  EXPECT_EQ(strict(81), 0xE030U);
}

TEST(ResultCodes, OnlyLevelsAreTcbStatuses) {
  for (const QvlStatus status : all_statuses()) {
    if (status == QvlStatus::kTcbRevoked) {
      EXPECT_EQ(tcb_status_of(status), "Revoked");
    } else if (!levels().contains(number(status))) {
      EXPECT_EQ(tcb_status_of(status), "") << number(status);
    }
  }
}

TEST(ResultCodes, EveryFailureHasItsRowOfTheErrorTable) {
  using base::ErrorCode;
  const std::map<unsigned, ErrorCode> expected = {{1, ErrorCode::kChainInvalid},
                                                  {16, ErrorCode::kCertificateRevoked},
                                                  {20, ErrorCode::kTcbInfoInvalid},
                                                  {21, ErrorCode::kTcbInfoSignatureInvalid},
                                                  {25, ErrorCode::kIssuerChainInvalid},
                                                  {32, ErrorCode::kCrlInvalid},
                                                  {36, ErrorCode::kCollateralMissing},
                                                  {37, ErrorCode::kQuoteMalformed},
                                                  {44, ErrorCode::kCollateralMismatch},
                                                  {46, ErrorCode::kTcbRevoked},
                                                  {49, ErrorCode::kTcbNotSupported},
                                                  {55, ErrorCode::kQeReportSignatureInvalid},
                                                  {56, ErrorCode::kQeReportNotBound},
                                                  {57, ErrorCode::kQuoteSignatureInvalid},
                                                  {63, ErrorCode::kQeIdentityInvalid},
                                                  {74, ErrorCode::kQeIdentityMismatch},
                                                  {76, ErrorCode::kQeIdentitySignatureInvalid},
                                                  {79, ErrorCode::kCollateralExpired},
                                                  {85, ErrorCode::kTdxModuleMismatch}};
  for (const auto& [status, code] : expected) {
    EXPECT_EQ(error_code_of(static_cast<QvlStatus>(status)), code) << status;
  }
  for (const QvlStatus status : all_statuses()) {
    if (is_terminal(status)) {
      EXPECT_TRUE(base::error_entry(error_code_of(status)).id.starts_with("QD8"));
    }
  }
}

}  // namespace
}  // namespace quoted::verification
