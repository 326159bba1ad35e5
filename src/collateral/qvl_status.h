// Status numbers of Intel's Quote Verification Library, by which its steps say what is wrong
// (quote-verification 15). Numbers that no step gives are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace quoted::collateral {

enum class QvlStatus : std::uint8_t {
  kOk = 0,
  kUnsupportedCertFormat = 1,
  kRootCaMissing = 2,
  kRootCaInvalidExtensions = 4,
  kRootCaInvalidIssuer = 5,
  kIntermediateCaMissing = 7,
  kIntermediateCaInvalidExtensions = 9,
  kIntermediateCaInvalidIssuer = 10,
  kIntermediateCaRevoked = 11,
  kPckMissing = 12,
  kPckInvalidExtensions = 14,
  kPckInvalidIssuer = 15,
  kPckRevokedInChain = 16,
  kTrustedRootCaInvalid = 17,
  kPckCertChainUntrusted = 18,
  kTcbInfoUnsupportedFormat = 19,
  kTcbInfoInvalid = 20,
  kTcbInfoInvalidSignature = 21,
  kTcbSigningCertMissing = 22,
  kTcbSigningCertInvalidExtensions = 24,
  kTcbSigningCertInvalidIssuer = 25,
  kTcbSigningCertChainUntrusted = 26,
  kTcbSigningCertRevoked = 27,
  kCrlUnsupportedFormat = 28,
  kCrlUnknownIssuer = 29,
  kCrlInvalidExtensions = 31,
  kCrlInvalidSignature = 32,
  kTrustedRootCaUnsupportedFormat = 35,
  kMissingParameters = 36,
  kUnsupportedQuoteFormat = 37,
  kUnsupportedPckCertFormat = 38,
  kInvalidPckCert = 39,
  kUnsupportedPckRlFormat = 40,
  kInvalidPckCrl = 41,
  kUnsupportedTcbInfoFormat = 42,
  kPckRevoked = 43,
  kTcbInfoMismatch = 44,
  kTcbOutOfDate = 45,
  kTcbRevoked = 46,
  kTcbConfigurationNeeded = 47,
  kTcbOutOfDateConfigurationNeeded = 48,
  kTcbNotSupported = 49,
  kTcbUnrecognizedStatus = 50,
  kInvalidQeReportSignature = 55,
  kInvalidQeReportData = 56,
  kInvalidQuoteSignature = 57,
  kEnclaveIdentityUnsupportedFormat = 62,
  kEnclaveIdentityInvalid = 63,
  kEnclaveIdentityUnsupportedVersion = 64,
  kUnsupportedQeIdentityFormat = 72,
  kQeIdentityMismatch = 74,
  kTcbInfoExpired = 75,
  kEnclaveIdentityInvalidSignature = 76,
  kPckCertChainExpired = 78,
  kCrlExpired = 79,
  kSigningCertChainExpired = 80,
  kEnclaveIdentityExpired = 81,
  kTcbSwHardeningNeeded = 82,
  kTcbConfigurationAndSwHardeningNeeded = 83,
  kTdxModuleMismatch = 85,
  kTcbTdRelaunchAdvised = 87,
  kTcbTdRelaunchAdvisedConfigurationNeeded = 88,
};

// "TCB_OUT_OF_DATE".
[[nodiscard]] std::string_view qvl_status_name(QvlStatus status);

// Why a part of the collateral is not what it should be: the number, and a sentence with the values
// observed and expected.
struct Flaw {
  QvlStatus status;
  std::string detail;
};

template <class T>
using Judged = tl::expected<T, Flaw>;

inline tl::unexpected<Flaw> flaw(QvlStatus status, std::string detail) {
  return tl::unexpected<Flaw>(Flaw{status, std::move(detail)});
}

}  // namespace quoted::collateral
