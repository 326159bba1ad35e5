// Quotes of version 3, 4 and 5, for SGX and TDX: a value that cannot be malformed
// (quote-generation 1, quote-verification 2 and 20).
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/byte_reader.h"
#include "crypto/p256.h"
#include "quote/td_report.h"
#include "sgx/report.h"

namespace quoted::quote {

inline constexpr std::uint16_t kVersion3 = 3;
inline constexpr std::uint16_t kVersion4 = 4;
inline constexpr std::uint16_t kVersion5 = 5;
inline constexpr std::uint16_t kKeyTypeEcdsaP256 = 2;

using QeVendorId = base::FixedBytes<struct QeVendorIdTag, 16>;

// 939a7233-f79c-4ca9-940a-0db3957f0607, bytes in the order printed.
[[nodiscard]] QeVendorId intel_qe_vendor_id();

inline constexpr std::uint32_t kTeeTypeSgx = 0x00;
inline constexpr std::uint32_t kTeeTypeTdx = 0x81;

// 48 bytes.
struct Header {
  base::Le16 version;
  base::Le16 attestation_key_type;
  base::Le32 tee_type;  // version 3: reserved, zero, which is SGX
  base::Le16 qe_svn;    // reserved from version 4 on
  base::Le16 pce_svn;   // reserved from version 4 on
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

// Of version 3, and of version 4 for SGX.
inline constexpr std::size_t kSignedSize = sizeof(Header) + sizeof(sgx::ReportBody);  // 432
inline constexpr std::size_t kFixedSize = kSignedSize + 4;                            // 436
inline constexpr std::size_t kAuthenticationDataSize = 32;
// Everything but the certification data, with 32 bytes of authentication data.
inline constexpr std::size_t kSizeWithoutCertificationData = 1052;
inline constexpr std::size_t kMinPckChainSize = 500;
inline constexpr std::size_t kMaxCertificationDataSize = 12294;
inline constexpr std::size_t kMaxQuoteSize =
    kSizeWithoutCertificationData + kMaxCertificationDataSize;
// The smallest of version 3, with neither authentication nor certification data.
inline constexpr std::size_t kMinQuoteSize = 1020;

// Quotes larger than this are refused before anything is read.
inline constexpr std::size_t kMaxParsedQuoteSize = std::size_t{128} * 1024;

// From version 4 on the signature data end in certification data of this type, which hold QE report
// and the certification data proper.
inline constexpr std::uint16_t kOuterCertificationType = 6;

// What version 5 says of its body: type is the alternative of Body, counted from 1.
struct BodyDescriptor {
  base::Le16 type;
  base::Le32 size;
};
static_assert(sizeof(BodyDescriptor) == 6 && alignof(BodyDescriptor) == 1);

using Body = std::variant<sgx::ReportBody, TdReport, TdReport15>;

struct Quote {
  Header header;
  Body body;
  SignatureBlock signature;
  base::Bytes authentication_data;
  std::uint16_t certification_type = 0;
  base::Bytes certification_data;
  // What no length field accounts for. Intel's verifier passes over both.
  std::size_t trailing_bytes = 0;  // behind the quote
  std::size_t slack_bytes = 0;     // behind the certification data, inside the signature data

  // QuoteMalformed names field and offset; QuoteUnsupported for another version, key type or TEE.
  // The quote ends where its length fields say; bytes after that are refused unless
  // `trailing_bytes` is given, which then receives their number.
  [[nodiscard]] static base::Result<Quote> parse(base::ByteView bytes,
                                                 std::size_t* trailing_bytes = nullptr);

  // The same, but trailing and slack bytes are counted and not refused, and certification data may
  // have any type.
  [[nodiscard]] static base::Result<Quote> parse_leniently(base::ByteView bytes);

  [[nodiscard]] bool is_tdx() const { return header.tee_type == kTeeTypeTdx; }
  // The REPORT body of an SGX quote, the TD report of a TDX quote; else null.
  [[nodiscard]] const sgx::ReportBody* report_body() const {
    return std::get_if<sgx::ReportBody>(&body);
  }
  [[nodiscard]] const TdReport* td_report() const;

  // The enclave or TD can be debugged, so that its host reads its memory.
  [[nodiscard]] bool is_debug() const;

  // What the attestation key signs: everything up to the end of the body.
  [[nodiscard]] std::size_t signed_size() const;
  [[nodiscard]] base::Bytes signed_bytes() const;
};

}  // namespace quoted::quote
