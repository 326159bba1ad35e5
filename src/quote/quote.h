// Quote version 3 for SGX: a value that cannot be malformed (quote-generation 1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"
#include "crypto/p256.h"
#include "sgx/report.h"

namespace quoted::quote {

inline constexpr std::uint16_t kVersion3 = 3;
inline constexpr std::uint16_t kKeyTypeEcdsaP256 = 2;

using QeVendorId = base::FixedBytes<struct QeVendorIdTag, 16>;

// 939a7233-f79c-4ca9-940a-0db3957f0607, bytes in the order printed.
[[nodiscard]] QeVendorId intel_qe_vendor_id();

// 48 bytes.
struct Header {
  base::Le16 version;
  base::Le16 attestation_key_type;
  base::Le32 reserved;
  base::Le16 qe_svn;
  base::Le16 pce_svn;
  QeVendorId qe_vendor_id;
  base::FixedBytes<struct QuoteUserDataTag, 20> user_data;  // QE_ID, then 4 zero bytes
};
static_assert(sizeof(Header) == 48 && alignof(Header) == 1);
static_assert(offsetof(Header, qe_svn) == 8);
static_assert(offsetof(Header, qe_vendor_id) == 12);
static_assert(offsetof(Header, user_data) == 28);

// The 576 bytes of signature data whose size does not vary.
struct SignatureBlock {
  crypto::P256Signature quote_signature;  // by the attestation key, over quote bytes 0..431
  crypto::P256Point attestation_key;
  sgx::ReportBody qe_report;
  crypto::P256Signature qe_report_signature;  // by the PCK key, over the QE report body
};
static_assert(sizeof(SignatureBlock) == 576 && alignof(SignatureBlock) == 1);
static_assert(offsetof(SignatureBlock, qe_report) == 128);
static_assert(offsetof(SignatureBlock, qe_report_signature) == 512);

inline constexpr std::size_t kSignedSize = sizeof(Header) + sizeof(sgx::ReportBody);  // 432
inline constexpr std::size_t kFixedSize = kSignedSize + 4;                            // 436
inline constexpr std::size_t kAuthenticationDataSize = 32;
// Everything but the certification data, with 32 bytes of authentication data.
inline constexpr std::size_t kSizeWithoutCertificationData = 1052;
inline constexpr std::size_t kMinPckChainSize = 500;
inline constexpr std::size_t kMaxCertificationDataSize = 12294;
inline constexpr std::size_t kMaxQuoteSize =
    kSizeWithoutCertificationData + kMaxCertificationDataSize;

// Quotes larger than this are refused before anything is read.
inline constexpr std::size_t kMaxParsedQuoteSize = std::size_t{128} * 1024;

struct Quote {
  Header header;
  sgx::ReportBody report_body;
  SignatureBlock signature;
  base::Bytes authentication_data;
  std::uint16_t certification_type = 0;
  base::Bytes certification_data;

  // QuoteMalformed names field and offset; QuoteUnsupported for another version, key type or TEE.
  // The quote ends where its length field says; bytes after that are refused unless
  // `trailing_bytes` is given, which then receives their number.
  [[nodiscard]] static base::Result<Quote> parse(base::ByteView bytes,
                                                 std::size_t* trailing_bytes = nullptr);

  // The 432 bytes under the attestation signature.
  [[nodiscard]] base::Bytes signed_bytes() const;
};

}  // namespace quoted::quote
