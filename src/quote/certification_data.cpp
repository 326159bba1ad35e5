#include "quote/certification_data.h"

#include <optional>

#include "base/byte_reader.h"
#include "base/text.h"

namespace quoted::quote {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

// Readers report sizes with general codes; here they mean that the quote is malformed.
base::Error as_quote_error(base::Error error) {
  if (error.code() != ErrorCode::kTruncated && error.code() != ErrorCode::kWrongSize) return error;
  return {ErrorCode::kQuoteMalformed, text("certification data: ", error.message())};
}

std::optional<CertificationType> known_type(std::uint16_t type) {
  if (type < static_cast<std::uint16_t>(CertificationType::kClearPpid) ||
      type > static_cast<std::uint16_t>(CertificationType::kPlatformManifest)) {
    return std::nullopt;
  }
  return static_cast<CertificationType>(type);
}

template <class T>
Result<CertificationData> parse_fixed(ByteView data, CertificationType type) {
  QUOTED_TRY(T value, base::parse_struct<T>(
                          data, certification_type_name(static_cast<std::uint16_t>(type))));
  return CertificationData(std::move(value));
}

// PEM without the NULs that current providers count into the size (quote-generation 1.3).
template <class T>
Result<CertificationData> parse_pem(ByteView data) {
  std::string_view pem = base::as_text(data);
  const std::size_t last = pem.find_last_not_of('\0');
  if (last == std::string_view::npos) {
    return fail(ErrorCode::kQuoteMalformed,
                text("certification data: a PEM text of ", data.size(), " bytes is empty"));
  }
  return CertificationData(T{std::string(pem.substr(0, last + 1))});
}

Result<CertificationData> parse_qe_report(ByteView data) {
  ByteReader reader(data);
  QeReportCertificationData out;
  QUOTED_TRY(out.qe_report, reader.take_struct<sgx::ReportBody>("QE report"));
  QUOTED_TRY(out.qe_report_signature,
             reader.take_struct<crypto::P256Signature>("QE report signature"));
  QUOTED_TRY(const std::uint16_t authentication_size,
             reader.take_le<std::uint16_t>("authentication data size"));
  QUOTED_TRY(const ByteView authentication,
             reader.take(authentication_size, "authentication data"));
  QUOTED_TRY(out.inner_type, reader.take_le<std::uint16_t>("inner type"));
  QUOTED_TRY(const std::uint32_t inner_size, reader.take_le<std::uint32_t>("inner size"));
  QUOTED_TRY(const ByteView inner, reader.take(inner_size, "inner data"));
  if (reader.remaining() != 0) {
    return fail(ErrorCode::kQuoteMalformed, text("certification data: ", reader.remaining(),
                                                 " bytes follow the inner certification data"));
  }
  const auto inner_type = known_type(out.inner_type);
  if (!inner_type || *inner_type == CertificationType::kQeReportCertificationData) {
    return fail(ErrorCode::kCertificationDataUnsupported,
                text("certification data of type ", out.inner_type, " inside type 6"));
  }
  out.authentication_data = base::to_bytes(authentication);
  out.inner_data = base::to_bytes(inner);
  return CertificationData(std::move(out));
}

Result<CertificationData> parse_by_type(std::uint16_t type, ByteView data) {
  const auto known = known_type(type);
  if (!known) {
    return fail(ErrorCode::kCertificationDataUnsupported,
                text("certification data of type ", type, ", while types are 1 to 7"));
  }
  switch (*known) {
    case CertificationType::kClearPpid:
      return parse_fixed<ClearPpid>(data, *known);
    case CertificationType::kEncryptedPpidRsa2048:
      return parse_fixed<EncryptedPpidRsa2048>(data, *known);
    case CertificationType::kEncryptedPpidRsa3072:
      return parse_fixed<EncryptedPpidRsa3072>(data, *known);
    case CertificationType::kPckLeaf:
      return parse_pem<PckLeaf>(data);
    case CertificationType::kPckChain:
      return parse_pem<PckChain>(data);
    case CertificationType::kQeReportCertificationData:
      return parse_qe_report(data);
    case CertificationType::kPlatformManifest:
      return CertificationData(PlatformManifest{base::to_bytes(data)});
  }
  return fail(ErrorCode::kInternal, text("certification data type ", type, " without a parser"));
}

}  // namespace

Result<CertificationData> parse_certification_data(std::uint16_t type, ByteView data) {
  return parse_by_type(type, data).map_error(as_quote_error);
}

std::string_view certification_type_name(std::uint16_t type) {
  const auto known = known_type(type);
  if (!known) return "unknown";
  switch (*known) {
    case CertificationType::kClearPpid:
      return "PPID in clear";
    case CertificationType::kEncryptedPpidRsa2048:
      return "PPID encrypted with RSA-2048";
    case CertificationType::kEncryptedPpidRsa3072:
      return "PPID encrypted with RSA-3072";
    case CertificationType::kPckLeaf:
      return "PCK certificate";
    case CertificationType::kPckChain:
      return "PCK certificate chain";
    case CertificationType::kQeReportCertificationData:
      return "QE report certification data";
    case CertificationType::kPlatformManifest:
      return "platform manifest";
  }
  return "unknown";
}

base::Bytes pck_chain_data(std::string_view pem) {
  constexpr std::string_view kTail("\n\0", 2);
  constexpr std::string_view kPadding("\0\r\n\t ", 5);
  const std::size_t last = pem.find_last_not_of(kPadding);
  base::Bytes out =
      base::to_bytes(base::as_bytes(pem.substr(0, last == std::string_view::npos ? 0 : last + 1)));
  base::append(out, base::as_bytes(kTail));
  return out;
}

}  // namespace quoted::quote
