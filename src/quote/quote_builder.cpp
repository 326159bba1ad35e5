#include "quote/quote_builder.h"

#include <limits>

#include "base/text.h"

namespace quoted::quote {
namespace {

using base::ErrorCode;
using base::fail;
using base::struct_bytes;
using base::text;

constexpr std::size_t kVariableHeaders = 2 + 2 + 4;  // sizes and type before the variable parts
constexpr std::size_t kOuterHeader = 2 + 4;          // type and size, from version 4 on

bool is_nested(const Quote& quote) { return quote.header.version != kVersion3; }

// QE report, its signature, authentication and certification data.
std::size_t certification_size(const Quote& quote) {
  return sizeof(SignatureBlock::qe_report) + sizeof(SignatureBlock::qe_report_signature) +
         kVariableHeaders + quote.authentication_data.size() + quote.certification_data.size();
}

void append_certification(base::Bytes& out, const Quote& quote) {
  base::append(out, struct_bytes(quote.signature.qe_report));
  base::append(out, struct_bytes(quote.signature.qe_report_signature));
  base::append(
      out, struct_bytes(base::Le16(static_cast<std::uint16_t>(quote.authentication_data.size()))));
  base::append(out, quote.authentication_data);
  base::append(out, struct_bytes(base::Le16(quote.certification_type)));
  base::append(
      out, struct_bytes(base::Le32(static_cast<std::uint32_t>(quote.certification_data.size()))));
  base::append(out, quote.certification_data);
}

base::Status check_sizes(const Quote& quote) {
  constexpr std::size_t kMaxAuthentication = std::numeric_limits<std::uint16_t>::max();
  if (quote.authentication_data.size() > kMaxAuthentication) {
    return fail(ErrorCode::kWrongSize,
                text("authentication data of ", quote.authentication_data.size(),
                     " bytes, while its size field holds at most ", kMaxAuthentication));
  }
  // What Quote::parse reads is what may be written.
  const std::size_t size = quote.signed_size() + sizeof(base::Le32) + signature_data_size(quote);
  if (quote.certification_data.size() > kMaxParsedQuoteSize || size > kMaxParsedQuoteSize) {
    return fail(ErrorCode::kWrongSize,
                text("certification data of ", quote.certification_data.size(),
                     " bytes makes a quote larger than ", kMaxParsedQuoteSize));
  }
  return {};
}

}  // namespace

std::size_t quote_size(std::size_t authentication_data_size, std::size_t certification_data_size) {
  return kFixedSize + sizeof(SignatureBlock) + kVariableHeaders + authentication_data_size +
         certification_data_size;
}

std::size_t signature_data_size(const Quote& quote) {
  return sizeof(SignatureBlock::quote_signature) + sizeof(SignatureBlock::attestation_key) +
         (is_nested(quote) ? kOuterHeader : 0) + certification_size(quote);
}

static_assert(kFixedSize + sizeof(SignatureBlock) + kVariableHeaders + kAuthenticationDataSize ==
              kSizeWithoutCertificationData);

base::Result<base::Bytes> serialize(const Quote& quote) {
  QUOTED_CHECK(check_sizes(quote));
  const std::size_t signature_data = signature_data_size(quote);
  base::Bytes out = quote.signed_bytes();
  out.reserve(out.size() + sizeof(base::Le32) + signature_data);
  base::append(out, struct_bytes(base::Le32(static_cast<std::uint32_t>(signature_data))));
  base::append(out, struct_bytes(quote.signature.quote_signature));
  base::append(out, struct_bytes(quote.signature.attestation_key));
  if (is_nested(quote)) {
    base::append(out, struct_bytes(base::Le16(kOuterCertificationType)));
    base::append(out,
                 struct_bytes(base::Le32(static_cast<std::uint32_t>(certification_size(quote)))));
  }
  append_certification(out, quote);
  return out;
}

}  // namespace quoted::quote
