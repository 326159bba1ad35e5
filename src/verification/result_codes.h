// The numbers by which Intel's one-call verification answers (quote-verification 16).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error_table.h"
#include "collateral/qvl_status.h"

namespace quoted::verification {

// quote3_error_t, as far as verification returns it.
enum class QvReturn : std::uint32_t {
  kSuccess = 0,
  kUnexpected = 0xE001,
  kInvalidParameter = 0xE002,
  kCertificationDataUnsupported = 0xE01C,
  kQuoteFormatUnsupported = 0xE01D,
  kQeReportInvalidSignature = 0xE01F,
  kQeReportUnsupportedFormat = 0xE020,
  kPckCertUnsupportedFormat = 0xE021,
  kPckCertChainError = 0xE022,
  kTcbInfoUnsupportedFormat = 0xE023,
  kTcbInfoMismatch = 0xE024,
  kQeIdentityUnsupportedFormat = 0xE025,
  kQeIdentityMismatch = 0xE026,
  kTcbInfoExpired = 0xE02C,
  kPckCertChainExpired = 0xE02D,
  kCrlExpired = 0xE02E,
  kSigningCertChainExpired = 0xE02F,
  kEnclaveIdentityExpired = 0xE030,
  kPckRevoked = 0xE031,
  kTcbRevoked = 0xE032,
  kCrlUnsupportedFormat = 0xE038,
  kQeIdentityChainError = 0xE039,
  kTcbInfoChainError = 0xE03A,
  kTdxModuleMismatch = 0xE060,
  kTcbNotSupported = 0xE066,
  kResultInvalidSignature = 0xE068,
};

// sgx_ql_qv_result_t.
enum class QvResult : std::uint32_t {
  kOk = 0,
  kConfigNeeded = 0xA001,
  kOutOfDate = 0xA002,
  kOutOfDateConfigNeeded = 0xA003,
  kUnspecified = 0xA006,
  kSwHardeningNeeded = 0xA007,
  kConfigAndSwHardeningNeeded = 0xA008,
  kTdRelaunchAdvised = 0xA009,
  kTdRelaunchAdvisedConfigNeeded = 0xA00A,
};

// "OUT_OF_DATE", without the prefix SGX_QL_QV_RESULT_.
[[nodiscard]] std::string_view qv_result_name(QvResult result);

// True for a status that ends the verification: the call fails.
[[nodiscard]] bool is_terminal(collateral::QvlStatus status);
// 75, 78, 79, 80, 81: ends a step, but not the call.
[[nodiscard]] bool is_expiration(collateral::QvlStatus status);
[[nodiscard]] QvReturn return_of(collateral::QvlStatus status);
// Of a status that is not terminal.
[[nodiscard]] QvResult result_of(collateral::QvlStatus status);
// What the strict verifier returns for an expiration.
[[nodiscard]] QvReturn strict_return_of_expiration(collateral::QvlStatus status);
// "UpToDate", "TDRelaunchAdvised"; empty for a status that is no TCB level.
[[nodiscard]] std::string_view tcb_status_of(collateral::QvlStatus status);
// The row of the error table that explains the status.
[[nodiscard]] base::ErrorCode error_code_of(collateral::QvlStatus status);

}  // namespace quoted::verification
