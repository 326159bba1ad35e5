// The one table of error codes. Messages of logs and commands, the AESM and SDK codes on the
// wire and docs/errors.md all come from here. Ids are stable: never renumber, never reuse.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace quoted::base {

enum class ErrorCode : std::uint8_t {
  // General
  kInternal,
  kInvalidArgument,
  kBadHex,
  kFileUnreadable,
  kFileUnwritable,
  kWrongSize,
  kTruncated,
  kMalformed,
  kConfigurationInvalid,
  // Cryptography
  kCryptoFailure,
  kBadKey,
  kBadSignature,
  kBadCertificate,
  kBadCrl,
  // The AESM wire
  kFrameTooLarge,
  kMalformedMessage,
  kUnknownRequest,
  kMissingField,
  kBadParameter,
  kUnsupportedAttestationKey,
  kServiceUnavailable,
  kPeerClosed,
  kPeerTimeout,
  kUnexpectedResponse,
  kServiceRefused,
  kDeniedByRule,
  kRateLimited,
  kOverloaded,
  kConnectionEvicted,
  // Sockets, directories and start-up
  kSocketPathTooLong,
  kSocketDirectoryMissing,
  kSocketDirectoryNotWritable,
  kNotASocket,
  kSocketInUse,
  kSocketMissing,
  kConnectionRefused,
  kSocketPermission,
  kSocketFailure,
  kStateDirectoryUnusable,
  kStateCorrupted,
  kSeedUnusable,
  kDescriptorsExhausted,
  kConnectFailed,
  // HTTP
  kAddressUnusable,
  kHttpMalformed,
  kHttpUnsupported,
  kHttpTooLarge,
  kHttpTimeout,
  kHttpNotFound,
  kHttpMethodNotAllowed,
  kHttpMediaType,
  kHttpLengthRequired,
  kHttpOverloaded,
  kHttpForbidden,
  kServerResources,
  // Endpoints of others, as our HTTP client meets them
  kUrlInvalid,
  kHostNotFound,
  kEndpointRefused,
  kProxyFailed,
  kTlsFailed,
  kTlsNotTrusted,
  kTransferTimeout,
  kTransferBroken,
  kReplyTooLarge,
  kRedirectRefused,
  // The simulated CPU (EGETKEY results)
  kCpuInvalidAttribute,
  kCpuInvalidCpuSvn,
  kCpuInvalidIsvSvn,
  kCpuInvalidKeyName,
  kCpuGeneralProtection,
  // QE3 entry points
  kQeUnexpected,
  kQeInvalidParameter,
  kQeOutOfMemory,
  kQeInvalidBlob,
  kQeCrypto,
  kQeKeyGeneration,
  kQeWrongState,
  kQeInvalidReport,
  kQeReportGeneration,
  // PCE entry points
  kPceUnexpected,
  kPceInvalidParameter,
  kPceOutOfEpc,
  kPceInterfaceUnavailable,
  kPceInvalidReport,
  kPceCrypto,
  kPceInvalidPrivilege,
  kPceInvalidTcb,
  // Quoting
  kAttestationKeyNotInitialized,
  kQuoteBufferTooSmall,
  // In-process quoting: what a process needs that hosts QE and PCE itself
  kLibraryMissing,
  kLibraryForeign,
  kReleaseMismatch,
  kNoPlatform,
  kProvisioningRefused,
  kEnclaveFileUnusable,
  kOutOfEpc,
  kEnclaveLost,
  kUnsupportedMode,
  kUnsupportedLoadPolicy,
  // Preflight: a candidate for the service, judged before it serves
  kPreflightFailed,
  kIncompatibleAnswer,
  kSvnDowngrade,
  // Verification
  kQuoteMalformed,
  kQuoteUnsupported,
  kCertificationDataUnsupported,
  kQuoteSignatureInvalid,
  kQeReportSignatureInvalid,
  kQeReportNotBound,
  kChainInvalid,
  kChainExpired,
  kRootNotTrusted,
  kSimulatedRootNotTrusted,
  kDebugEnclave,
  kPolicyRefused,
  // Collateral
  kCollateralMissing,
  kCollateralUnreadable,
  kTcbInfoInvalid,
  kTcbInfoSignatureInvalid,
  kQeIdentityInvalid,
  kQeIdentitySignatureInvalid,
  kIssuerChainInvalid,
  kCrlInvalid,
  kCertificateRevoked,
  kCollateralExpired,
  kCollateralNotYetValid,
  kCollateralMismatch,
  kQeIdentityMismatch,
  kTdxModuleMismatch,
  kTcbRevoked,
  kTcbNotSupported,
  // Certification: what sources of PCK certificates and collateral answer
  kNoCollateralSource,
  kReplyNotUnderstood,
  kNotACertificationService,
  kApiVersionRetired,
  kApiKeyRefused,
  kPlatformUnknown,
  kNoPckForTcb,
  kNotFoundAtSource,
  kSourceBusy,
  kSourceFailed,
  kSourceSuspended,
  kPckSelectionFailed,
  kCacheUnusable,
  kCacheDamaged,
  kNotInCache,
  kUncertified,
};

// What clients are told. `aesm` is aesm_error_t (aesm-protocol 4.1); `sdk` is the sgx_status_t
// that libsgx_quote_ex makes of it on sgx_get_quote_ex (4.4); `native` is the code of the
// enclave, instruction or quoting library where the error has one of its own (quote-generation
// 3.1, 4.3, 11.1, sgx-cpu-model 4.1), else 0.
struct ErrorEntry {
  ErrorCode code;
  std::string_view id;
  std::string_view name;
  std::string_view sentence;
  std::string_view cause;
  std::string_view remedy;
  std::uint32_t aesm;
  std::uint32_t sdk;
  std::uint32_t native;
};

[[nodiscard]] const ErrorEntry& error_entry(ErrorCode code);
[[nodiscard]] std::span<const ErrorEntry> error_table();

// The name of an aesm_error_t value, or "unknown".
[[nodiscard]] std::string_view aesm_error_name(std::uint32_t aesm);

}  // namespace quoted::base
