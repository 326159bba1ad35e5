#include "verification/result_codes.h"

namespace quoted::verification {

using base::ErrorCode;
using collateral::QvlStatus;

std::string_view qv_result_name(QvResult result) {
  switch (result) {
    case QvResult::kOk:
      return "OK";
    case QvResult::kConfigNeeded:
      return "CONFIG_NEEDED";
    case QvResult::kOutOfDate:
      return "OUT_OF_DATE";
    case QvResult::kOutOfDateConfigNeeded:
      return "OUT_OF_DATE_CONFIG_NEEDED";
    case QvResult::kSwHardeningNeeded:
      return "SW_HARDENING_NEEDED";
    case QvResult::kConfigAndSwHardeningNeeded:
      return "CONFIG_AND_SW_HARDENING_NEEDED";
    case QvResult::kTdRelaunchAdvised:
      return "TD_RELAUNCH_ADVISED";
    case QvResult::kTdRelaunchAdvisedConfigNeeded:
      return "TD_RELAUNCH_ADVISED_CONFIG_NEEDED";
    case QvResult::kUnspecified:
      break;
  }
  return "UNSPECIFIED";
}

bool is_expiration(QvlStatus status) {
  return status == QvlStatus::kTcbInfoExpired || status == QvlStatus::kPckCertChainExpired ||
         status == QvlStatus::kCrlExpired || status == QvlStatus::kSigningCertChainExpired ||
         status == QvlStatus::kEnclaveIdentityExpired;
}

bool is_terminal(QvlStatus status) {
  return !is_expiration(status) && result_of(status) == QvResult::kUnspecified;
}

QvResult result_of(QvlStatus status) {
  switch (status) {
    case QvlStatus::kOk:
      return QvResult::kOk;
    case QvlStatus::kTcbConfigurationNeeded:
      return QvResult::kConfigNeeded;
    case QvlStatus::kTcbOutOfDate:
      return QvResult::kOutOfDate;
    case QvlStatus::kTcbOutOfDateConfigurationNeeded:
      return QvResult::kOutOfDateConfigNeeded;
    case QvlStatus::kTcbSwHardeningNeeded:
      return QvResult::kSwHardeningNeeded;
    case QvlStatus::kTcbConfigurationAndSwHardeningNeeded:
      return QvResult::kConfigAndSwHardeningNeeded;
    case QvlStatus::kTcbTdRelaunchAdvised:
      return QvResult::kTdRelaunchAdvised;
    case QvlStatus::kTcbTdRelaunchAdvisedConfigurationNeeded:
      return QvResult::kTdRelaunchAdvisedConfigNeeded;
    default:
      return QvResult::kUnspecified;
  }
}

QvReturn return_of(QvlStatus status) {
  if (!is_terminal(status)) return QvReturn::kSuccess;
  switch (status) {
    case QvlStatus::kMissingParameters:
      return QvReturn::kInvalidParameter;
    case QvlStatus::kUnsupportedQuoteFormat:
      return QvReturn::kQuoteFormatUnsupported;
    case QvlStatus::kInvalidQeReportSignature:
      return QvReturn::kQeReportInvalidSignature;
    case QvlStatus::kUnsupportedCertFormat:
    case QvlStatus::kUnsupportedPckCertFormat:
      return QvReturn::kPckCertUnsupportedFormat;
    case QvlStatus::kPckCertChainUntrusted:
    case QvlStatus::kInvalidPckCert:
      return QvReturn::kPckCertChainError;
    case QvlStatus::kTcbInfoUnsupportedFormat:
    case QvlStatus::kTcbInfoInvalid:
    case QvlStatus::kUnsupportedTcbInfoFormat:
      return QvReturn::kTcbInfoUnsupportedFormat;
    case QvlStatus::kTcbInfoMismatch:
      return QvReturn::kTcbInfoMismatch;
    case QvlStatus::kQeIdentityMismatch:
      return QvReturn::kQeIdentityMismatch;
    case QvlStatus::kIntermediateCaRevoked:
    case QvlStatus::kPckRevokedInChain:
    case QvlStatus::kTcbSigningCertRevoked:
    case QvlStatus::kPckRevoked:
      return QvReturn::kPckRevoked;
    case QvlStatus::kTcbRevoked:
      return QvReturn::kTcbRevoked;
    case QvlStatus::kEnclaveIdentityUnsupportedFormat:
    case QvlStatus::kEnclaveIdentityInvalid:
    case QvlStatus::kEnclaveIdentityUnsupportedVersion:
    case QvlStatus::kUnsupportedQeIdentityFormat:
    case QvlStatus::kEnclaveIdentityInvalidSignature:
      return QvReturn::kQeIdentityChainError;
    case QvlStatus::kTcbInfoInvalidSignature:
    case QvlStatus::kTcbSigningCertChainUntrusted:
      return QvReturn::kTcbInfoChainError;
    case QvlStatus::kTdxModuleMismatch:
      return QvReturn::kTdxModuleMismatch;
    case QvlStatus::kTcbNotSupported:
      return QvReturn::kTcbNotSupported;
    case QvlStatus::kCrlInvalidSignature:
    case QvlStatus::kInvalidQuoteSignature:
      return QvReturn::kResultInvalidSignature;
    default:
      return QvReturn::kUnexpected;
  }
}

QvReturn strict_return_of_expiration(QvlStatus status) {
  switch (status) {
    case QvlStatus::kPckCertChainExpired:
      return QvReturn::kPckCertChainExpired;
    case QvlStatus::kCrlExpired:
      return QvReturn::kCrlExpired;
    case QvlStatus::kSigningCertChainExpired:
      return QvReturn::kSigningCertChainExpired;
    case QvlStatus::kEnclaveIdentityExpired:
      return QvReturn::kEnclaveIdentityExpired;
    default:
      return QvReturn::kTcbInfoExpired;
  }
}

std::string_view tcb_status_of(QvlStatus status) {
  switch (status) {
    case QvlStatus::kOk:
      return "UpToDate";
    case QvlStatus::kTcbConfigurationNeeded:
      return "ConfigurationNeeded";
    case QvlStatus::kTcbOutOfDate:
      return "OutOfDate";
    case QvlStatus::kTcbOutOfDateConfigurationNeeded:
      return "OutOfDateConfigurationNeeded";
    case QvlStatus::kTcbSwHardeningNeeded:
      return "SWHardeningNeeded";
    case QvlStatus::kTcbConfigurationAndSwHardeningNeeded:
      return "ConfigurationAndSWHardeningNeeded";
    case QvlStatus::kTcbTdRelaunchAdvised:
      return "TDRelaunchAdvised";
    case QvlStatus::kTcbTdRelaunchAdvisedConfigurationNeeded:
      return "TDRelaunchAdvisedConfigurationNeeded";
    case QvlStatus::kTcbRevoked:
      return "Revoked";
    default:
      return "";
  }
}

ErrorCode error_code_of(QvlStatus status) {
  switch (status) {
    case QvlStatus::kUnsupportedQuoteFormat:
      return ErrorCode::kQuoteMalformed;
    case QvlStatus::kInvalidQuoteSignature:
      return ErrorCode::kQuoteSignatureInvalid;
    case QvlStatus::kInvalidQeReportSignature:
      return ErrorCode::kQeReportSignatureInvalid;
    case QvlStatus::kInvalidQeReportData:
      return ErrorCode::kQeReportNotBound;
    case QvlStatus::kMissingParameters:
      return ErrorCode::kCollateralMissing;
    case QvlStatus::kTcbInfoUnsupportedFormat:
    case QvlStatus::kTcbInfoInvalid:
    case QvlStatus::kUnsupportedTcbInfoFormat:
    case QvlStatus::kTcbUnrecognizedStatus:
      return ErrorCode::kTcbInfoInvalid;
    case QvlStatus::kTcbInfoInvalidSignature:
      return ErrorCode::kTcbInfoSignatureInvalid;
    case QvlStatus::kEnclaveIdentityUnsupportedFormat:
    case QvlStatus::kEnclaveIdentityInvalid:
    case QvlStatus::kEnclaveIdentityUnsupportedVersion:
    case QvlStatus::kUnsupportedQeIdentityFormat:
      return ErrorCode::kQeIdentityInvalid;
    case QvlStatus::kEnclaveIdentityInvalidSignature:
      return ErrorCode::kQeIdentitySignatureInvalid;
    case QvlStatus::kTcbSigningCertMissing:
    case QvlStatus::kTcbSigningCertInvalidExtensions:
    case QvlStatus::kTcbSigningCertInvalidIssuer:
    case QvlStatus::kTcbSigningCertChainUntrusted:
      return ErrorCode::kIssuerChainInvalid;
    case QvlStatus::kCrlUnsupportedFormat:
    case QvlStatus::kCrlUnknownIssuer:
    case QvlStatus::kCrlInvalidExtensions:
    case QvlStatus::kCrlInvalidSignature:
    case QvlStatus::kUnsupportedPckRlFormat:
    case QvlStatus::kInvalidPckCrl:
      return ErrorCode::kCrlInvalid;
    case QvlStatus::kIntermediateCaRevoked:
    case QvlStatus::kPckRevokedInChain:
    case QvlStatus::kTcbSigningCertRevoked:
    case QvlStatus::kPckRevoked:
      return ErrorCode::kCertificateRevoked;
    case QvlStatus::kTcbInfoMismatch:
      return ErrorCode::kCollateralMismatch;
    case QvlStatus::kQeIdentityMismatch:
      return ErrorCode::kQeIdentityMismatch;
    case QvlStatus::kTdxModuleMismatch:
      return ErrorCode::kTdxModuleMismatch;
    case QvlStatus::kTcbRevoked:
      return ErrorCode::kTcbRevoked;
    case QvlStatus::kTcbNotSupported:
      return ErrorCode::kTcbNotSupported;
    case QvlStatus::kTcbInfoExpired:
    case QvlStatus::kPckCertChainExpired:
    case QvlStatus::kCrlExpired:
    case QvlStatus::kSigningCertChainExpired:
    case QvlStatus::kEnclaveIdentityExpired:
      return ErrorCode::kCollateralExpired;
    default:
      return ErrorCode::kChainInvalid;
  }
}

}  // namespace quoted::verification
