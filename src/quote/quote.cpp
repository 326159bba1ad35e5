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

// A reader's complaint already names field and offset; only its code is too general for a quote.
base::Error as_quote_error(base::Error error) {
  if (error.code() != ErrorCode::kTruncated) return error;
  return {ErrorCode::kQuoteMalformed, error.message()};
}

// Before anything else, so that a quote of another kind is never called damaged.
Status check_version(ByteView bytes) {
  ByteReader reader(bytes);
  QUOTED_TRY(const std::uint16_t version, reader.take_le<std::uint16_t>("quote version"));
  if (version >= kVersion3 && version <= kVersion5) return {};
  std::string message = text("quote version ", version, ", while versions ", kVersion3, " to ",
                             kVersion5, " are supported");
  if (version == 1 || version == 2) message += "; versions 1 and 2 are EPID quotes";
  return fail(ErrorCode::kQuoteUnsupported, std::move(message));
}

Status check_tee_type(const Header& header) {
  if (header.tee_type == kTeeTypeSgx) return {};
  if (header.tee_type == kTeeTypeTdx && header.version != kVersion3) return {};
  return fail(ErrorCode::kQuoteUnsupported,
              text("the TEE word of the header is ", base::hex_number(header.tee_type, 2),
                   header.tee_type == kTeeTypeTdx ? " (TDX)" : "", ", while only ",
                   header.version == kVersion3 ? "0x00 (SGX) stands in version 3"
                                               : "0x00 (SGX) and 0x81 (TDX) are supported"));
}

Status check_header(const Header& header) {
  if (header.attestation_key_type != kKeyTypeEcdsaP256) {
    return fail(ErrorCode::kQuoteUnsupported,
                text("attestation key type ", std::uint16_t{header.attestation_key_type},
                     ", while only type ", kKeyTypeEcdsaP256, " (ECDSA P-256) is supported"));
  }
  QUOTED_CHECK(check_tee_type(header));
  if (header.qe_vendor_id != intel_qe_vendor_id()) {
    return fail(ErrorCode::kQuoteUnsupported,
                text("the QE vendor id is ", header.qe_vendor_id.hex(), ", while only ",
                     intel_qe_vendor_id().hex(), " is supported"));
  }
  return {};
}

template <class T>
Result<Body> read_body_of(ByteReader& reader, std::string_view name) {
  QUOTED_TRY(T body, reader.take_struct<T>(name));
  return Body(body);
}

// Version 5 says what stands in the quote and how large it is (quote-verification 2).
Result<Body> read_described_body(const Header& header, ByteReader& reader) {
  const std::size_t offset = reader.offset();
  QUOTED_TRY(const std::uint16_t type, reader.take_le<std::uint16_t>("body type"));
  QUOTED_TRY(const std::uint32_t size, reader.take_le<std::uint32_t>("body size"));
  constexpr std::array kSizes{sizeof(sgx::ReportBody), sizeof(TdReport), sizeof(TdReport15)};
  if (type < 1 || type > kSizes.size()) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the body type at offset ", offset, " is ", type, ", expected 1 to 3"));
  }
  if (size != kSizes[type - 1U]) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the body size at offset ", offset + sizeof(type), " is ", size,
                     ", while a body of type ", type, " has ", kSizes[type - 1U]));
  }
  if ((type == 1) != (header.tee_type == kTeeTypeSgx)) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the body at offset ", offset, " is of type ", type,
                     ", which does not go with TEE ", base::hex_number(header.tee_type, 2)));
  }
  if (type == 1) return read_body_of<sgx::ReportBody>(reader, "report body");
  if (type == 2) return read_body_of<TdReport>(reader, "TD report");
  return read_body_of<TdReport15>(reader, "TD report");
}

Result<Body> read_body(const Header& header, ByteReader& reader) {
  if (header.version == kVersion5) return read_described_body(header, reader);
  if (header.tee_type == kTeeTypeTdx) return read_body_of<TdReport>(reader, "TD report");
  return read_body_of<sgx::ReportBody>(reader, "report body");
}

// QE report, its signature, authentication and certification data: the tail of the signature data
// in version 3, the content of the outer certification data from version 4 on.
Status read_certification(ByteReader& reader, Quote& out) {
  QUOTED_TRY(out.signature.qe_report, reader.take_struct<sgx::ReportBody>("QE report"));
  QUOTED_TRY(out.signature.qe_report_signature,
             reader.take_struct<crypto::P256Signature>("QE report signature"));
  QUOTED_TRY(const std::uint16_t authentication_size,
             reader.take_le<std::uint16_t>("authentication data size"));
  QUOTED_TRY(const ByteView authentication,
             reader.take(authentication_size, "authentication data"));
  QUOTED_TRY(out.certification_type, reader.take_le<std::uint16_t>("certification data type"));
  QUOTED_TRY(const std::uint32_t certification_size,
             reader.take_le<std::uint32_t>("certification data size"));
  QUOTED_TRY(const ByteView certification, reader.take(certification_size, "certification data"));
  out.authentication_data = base::to_bytes(authentication);
  out.certification_data = base::to_bytes(certification);
  return {};
}

Status read_signature_data(ByteReader& reader, ByteView bytes, Quote& out) {
  QUOTED_TRY(out.signature.quote_signature,
             reader.take_struct<crypto::P256Signature>("quote signature"));
  QUOTED_TRY(out.signature.attestation_key,
             reader.take_struct<crypto::P256Point>("attestation key"));
  if (out.header.version == kVersion3) return read_certification(reader, out);

  const std::size_t offset = reader.offset();
  QUOTED_TRY(const std::uint16_t type, reader.take_le<std::uint16_t>("outer certification type"));
  if (type != kOuterCertificationType) {
    return fail(
        ErrorCode::kQuoteMalformed,
        text("the certification data at offset ", offset, " is of type ", type, ", expected type ",
             kOuterCertificationType, " in version ", std::uint16_t{out.header.version}));
  }
  QUOTED_TRY(const std::uint32_t size, reader.take_le<std::uint32_t>("outer certification size"));
  const std::size_t start = reader.offset();
  QUOTED_CHECK(reader.take(size, "outer certification data"));
  ByteReader inner(bytes.first(start + size));
  QUOTED_CHECK(inner.take(start, "bytes before the outer certification data"));
  QUOTED_CHECK(read_certification(inner, out));
  if (inner.remaining() != 0) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the inner certification data ends at offset ", inner.offset(), ", ",
                     inner.remaining(), " bytes before the end of the outer one"));
  }
  return {};
}

Result<Quote> read_quote(ByteView bytes) {
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
  QUOTED_TRY(out.body, read_body(out.header, reader));
  const std::size_t length_offset = reader.offset();
  QUOTED_TRY(const std::uint32_t signature_data_size,
             reader.take_le<std::uint32_t>("signature data length"));
  if (signature_data_size > reader.remaining()) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the signature data length at offset ", length_offset, " is ",
                     signature_data_size, ", but only ", reader.remaining(), " bytes follow"));
  }
  out.trailing_bytes = reader.remaining() - signature_data_size;

  // From here on the end is the quote's own, but offsets still count from its first byte.
  const ByteView own = bytes.first(bytes.size() - out.trailing_bytes);
  ByteReader inner(own);
  QUOTED_CHECK(inner.take(reader.offset(), "header and body"));
  QUOTED_CHECK(read_signature_data(inner, own, out));
  out.slack_bytes = inner.remaining();
  return out;
}

Status check_exact(const Quote& quote, ByteView bytes, bool trailing_allowed) {
  const std::size_t end = bytes.size() - quote.trailing_bytes;
  if (quote.trailing_bytes != 0 && !trailing_allowed) {
    return fail(ErrorCode::kQuoteMalformed,
                text(quote.trailing_bytes, " bytes follow the quote, which ends at offset ", end));
  }
  if (quote.slack_bytes != 0) {
    return fail(ErrorCode::kQuoteMalformed,
                text("the certification data ends at offset ", end - quote.slack_bytes, ", ",
                     quote.slack_bytes, " bytes before the end that the length at offset ",
                     quote.signed_size(), " announces"));
  }
  return {};
}

}  // namespace

QeVendorId intel_qe_vendor_id() {
  static constexpr std::array<unsigned char, QeVendorId::kSize> kId{
      0x93, 0x9A, 0x72, 0x33, 0xF7, 0x9C, 0x4C, 0xA9,
      0x94, 0x0A, 0x0D, 0xB3, 0x95, 0x7F, 0x06, 0x07};
  return QeVendorId(std::bit_cast<std::array<std::byte, QeVendorId::kSize>>(kId));
}

Result<Quote> Quote::parse_leniently(ByteView bytes) {
  return read_quote(bytes).map_error(as_quote_error);
}

Result<Quote> Quote::parse(ByteView bytes, std::size_t* trailing_bytes) {
  QUOTED_TRY(Quote out, parse_leniently(bytes));
  QUOTED_CHECK(check_exact(out, bytes, trailing_bytes != nullptr));
  if (trailing_bytes != nullptr) *trailing_bytes = out.trailing_bytes;
  return out;
}

const TdReport* Quote::td_report() const {
  if (const auto* extended = std::get_if<TdReport15>(&body)) return &extended->base;
  return std::get_if<TdReport>(&body);
}

bool Quote::is_debug() const {
  if (const auto* const report = td_report()) return quote::is_debug(*report);
  return report_body()->attributes.has(sgx::flags::kDebug);
}

std::size_t Quote::signed_size() const {
  const std::size_t size = std::visit([](const auto& value) { return sizeof(value); }, body);
  return sizeof(Header) + (header.version == kVersion5 ? sizeof(BodyDescriptor) : 0) + size;
}

base::Bytes Quote::signed_bytes() const {
  base::Bytes out;
  out.reserve(signed_size());
  base::append(out, base::struct_bytes(header));
  const ByteView content =
      std::visit([](const auto& value) { return base::struct_bytes(value); }, body);
  if (header.version == kVersion5) {
    const BodyDescriptor descriptor{base::Le16(static_cast<std::uint16_t>(body.index() + 1)),
                                    base::Le32(static_cast<std::uint32_t>(content.size()))};
    base::append(out, base::struct_bytes(descriptor));
  }
  base::append(out, content);
  return out;
}

}  // namespace quoted::quote
