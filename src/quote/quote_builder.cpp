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

base::Status check_sizes(const Quote& quote) {
  constexpr std::size_t kMaxAuthentication = std::numeric_limits<std::uint16_t>::max();
  if (quote.authentication_data.size() > kMaxAuthentication) {
    return fail(ErrorCode::kWrongSize,
                text("authentication data of ", quote.authentication_data.size(),
                     " bytes, while its size field holds at most ", kMaxAuthentication));
  }
  // What Quote::parse reads is what may be written.
  const std::size_t size =
      quote_size(quote.authentication_data.size(), quote.certification_data.size());
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

static_assert(kFixedSize + sizeof(SignatureBlock) + kVariableHeaders + kAuthenticationDataSize ==
              kSizeWithoutCertificationData);

base::Result<base::Bytes> serialize(const Quote& quote) {
  QUOTED_CHECK(check_sizes(quote));
  const std::size_t size =
      quote_size(quote.authentication_data.size(), quote.certification_data.size());
  base::Bytes out;
  out.reserve(size);
  base::append(out, struct_bytes(quote.header));
  base::append(out, struct_bytes(quote.report_body));
  base::append(out, struct_bytes(base::Le32(static_cast<std::uint32_t>(size - kFixedSize))));
  base::append(out, struct_bytes(quote.signature));
  base::append(
      out, struct_bytes(base::Le16(static_cast<std::uint16_t>(quote.authentication_data.size()))));
  base::append(out, quote.authentication_data);
  base::append(out, struct_bytes(base::Le16(quote.certification_type)));
  base::append(
      out, struct_bytes(base::Le32(static_cast<std::uint32_t>(quote.certification_data.size()))));
  base::append(out, quote.certification_data);
  return out;
}

}  // namespace quoted::quote
