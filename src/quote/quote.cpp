#include "quote/quote.h"

#include <array>
#include <bit>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::quote {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::uint32_t kTeeTypeTdx = 0x81;

// A reader's complaint already names field and offset; only its code is too general for a quote.
base::Error as_quote_error(base::Error error) {
  if (error.code() != ErrorCode::kTruncated) return error;
  return {ErrorCode::kQuoteMalformed, error.message()};
}

// Before anything else, so that a quote of another kind is never called damaged.
Status check_version(ByteView bytes) {
  ByteReader reader(bytes);
  QUOTED_TRY(const std::uint16_t version, reader.take_le<std::uint16_t>("quote version"));
  if (version == kVersion3) return {};
  std::string message =
      text("quote version ", version, ", while only version ", kVersion3, " is supported");
  if (version == 4 || version == 5) message += "; support for versions 4 and 5 is not there yet";
  if (version == 1 || version == 2) message += "; versions 1 and 2 are EPID quotes";
  return fail(ErrorCode::kQuoteUnsupported, std::move(message));
}

Status check_header(const Header& header) {
  if (header.attestation_key_type != kKeyTypeEcdsaP256) {
    return fail(ErrorCode::kQuoteUnsupported,
                text("attestation key type ", std::uint16_t{header.attestation_key_type},
                     ", while only type ", kKeyTypeEcdsaP256, " (ECDSA P-256) is supported"));
  }
  // The word that names the TEE from version 4 on (quote-generation 1.5).
  if (header.reserved != 0) {
    return fail(ErrorCode::kQuoteUnsupported,
                text("the TEE word of the header is ", base::hex_number(header.reserved, 2),
                     header.reserved == kTeeTypeTdx ? " (TDX)" : "",
                     ", while only 0x00 (SGX) is supported"));
  }
  if (header.qe_vendor_id != intel_qe_vendor_id()) {
    return fail(ErrorCode::kQuoteUnsupported,
                text("the QE vendor id is ", header.qe_vendor_id.hex(), ", while only ",
                     intel_qe_vendor_id().hex(), " is supported"));
  }
  return {};
}

Result<Quote> read_quote(ByteView bytes, std::size_t* trailing_bytes) {
  if (bytes.size() > kMaxParsedQuoteSize) {
    return fail(
        ErrorCode::kQuoteMalformed,
        text(bytes.size(), " bytes are no quote, whose limit here is ", kMaxParsedQuoteSize));
  }
  QUOTED_CHECK(check_version(bytes));
  ByteReader reader(bytes);
  Quote out;
  QUOTED_TRY(out.header, reader.take_struct<Header>("quote header"));
  QUOTED_CHECK(check_header(out.header));
  QUOTED_TRY(out.report_body, reader.take_struct<sgx::ReportBody>("report body"));
  QUOTED_TRY(const std::uint32_t signature_data_size,
             reader.take_le<std::uint32_t>("signature data length"));
  if (signature_data_size > reader.remaining()) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the signature data length at offset ", kSignedSize, " is ",
                     signature_data_size, ", but only ", reader.remaining(), " bytes follow"));
  }
  const std::size_t excess = reader.remaining() - signature_data_size;
  if (trailing_bytes == nullptr && excess != 0) {
    return fail(ErrorCode::kQuoteMalformed,
                text(excess, " bytes follow the quote, which ends at offset ",
                     kFixedSize + signature_data_size));
  }

  // From here on the end is the quote's own, but offsets still count from its first byte.
  ByteReader inner(bytes.first(kFixedSize + signature_data_size));
  QUOTED_CHECK(inner.take(kFixedSize, "header and report body"));
  QUOTED_TRY(out.signature, inner.take_struct<SignatureBlock>("signature data"));
  QUOTED_TRY(const std::uint16_t authentication_size,
             inner.take_le<std::uint16_t>("authentication data size"));
  QUOTED_TRY(const ByteView authentication, inner.take(authentication_size, "authentication data"));
  QUOTED_TRY(out.certification_type, inner.take_le<std::uint16_t>("certification data type"));
  QUOTED_TRY(const std::uint32_t certification_size,
             inner.take_le<std::uint32_t>("certification data size"));
  QUOTED_TRY(const ByteView certification, inner.take(certification_size, "certification data"));
  if (inner.remaining() != 0) {
    return fail(
        ErrorCode::kQuoteMalformed,
        text("the certification data ends at offset ", inner.offset(), ", ", inner.remaining(),
             " bytes before the end that the length at offset ", kSignedSize, " announces"));
  }
  out.authentication_data = base::to_bytes(authentication);
  out.certification_data = base::to_bytes(certification);
  if (trailing_bytes != nullptr) *trailing_bytes = excess;
  return out;
}

}  // namespace

QeVendorId intel_qe_vendor_id() {
  static constexpr std::array<unsigned char, QeVendorId::kSize> kId{
      0x93, 0x9A, 0x72, 0x33, 0xF7, 0x9C, 0x4C, 0xA9,
      0x94, 0x0A, 0x0D, 0xB3, 0x95, 0x7F, 0x06, 0x07};
  return QeVendorId(std::bit_cast<std::array<std::byte, QeVendorId::kSize>>(kId));
}

Result<Quote> Quote::parse(ByteView bytes, std::size_t* trailing_bytes) {
  return read_quote(bytes, trailing_bytes).map_error(as_quote_error);
}

base::Bytes Quote::signed_bytes() const {
  base::Bytes out;
  out.reserve(kSignedSize);
  base::append(out, base::struct_bytes(header));
  base::append(out, base::struct_bytes(report_body));
  return out;
}

}  // namespace quoted::quote
