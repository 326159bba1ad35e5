#include "attester/quote_library.h"

#include <array>

#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/text.h"
#include "common/messages.h"

namespace quoted::sample {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::size_t kPubKeyIdSize = 32;
// Header, REPORT body and the length of what follows them.
constexpr std::size_t kLengthAt = 432;
constexpr std::size_t kFixedSize = 436;

Status checked(sgx_status_t status, std::string_view function) {
  if (status == SGX_SUCCESS) return {};
  const bool nobody = status == SGX_ERROR_SERVICE_UNAVAILABLE;
  return fail(nobody ? ErrorCode::kServiceUnavailable : ErrorCode::kServiceRefused,
              text(function, " returned ", base::hex_number(static_cast<std::uint32_t>(status)),
                   nobody ? ", no daemon answers" : "",
                   "; set QUOTED_DEBUG=1 to see the library's reason"));
}

// The buffer may be longer than the quote, which says its length itself.
Result<Bytes> without_padding(Bytes buffer) {
  base::ByteReader in(buffer);
  QUOTED_CHECK(in.take(kLengthAt, "signed part of the quote"));
  QUOTED_TRY(const std::uint32_t length, in.take_le<std::uint32_t>("length of the signature"));
  QUOTED_CHECK(in.take(length, "signature of the quote"));
  buffer.resize(kFixedSize + length);
  return buffer;
}

// `status` tells the caller whether a second attempt makes sense.
Result<Bytes> attempt(const sgx_att_key_id_t& key, const ReportMaker& make_report,
                      sgx_status_t& status) {
  std::array<std::uint8_t, kPubKeyIdSize> key_id{};
  std::size_t key_id_size = key_id.size();
  sgx_target_info_t target{};
  // Only a call that asks for the key's id gives the real target info (aesm-protocol 5).
  status = sgx_init_quote_ex(&key, &target, &key_id_size, key_id.data());
  QUOTED_CHECK(checked(status, "sgx_init_quote_ex"));
  QUOTED_TRY(const sgx_report_t report, make_report(target));

  std::uint32_t size = 0;
  status = sgx_get_quote_size_ex(&key, &size);
  QUOTED_CHECK(checked(status, "sgx_get_quote_size_ex"));
  if (size > kMaxQuoteSize) {
    return fail(ErrorCode::kWrongSize, text("sgx_get_quote_size_ex gives ", size,
                                            " bytes, expected at most ", kMaxQuoteSize));
  }
  Bytes quote(size);
  status =
      sgx_get_quote_ex(&report, &key, nullptr, reinterpret_cast<std::uint8_t*>(quote.data()), size);
  QUOTED_CHECK(checked(status, "sgx_get_quote_ex"));
  return without_padding(std::move(quote));
}

}  // namespace

Result<Bytes> quote_by_library(const ReportMaker& make_report) {
  sgx_att_key_id_t key{};
  // No list: the relying party takes whatever key the service has.
  sgx_status_t status = sgx_select_att_key_id(nullptr, 0, &key);
  QUOTED_CHECK(checked(status, "sgx_select_att_key_id"));
  auto quote = attempt(key, make_report, status);
  // The daemon was restarted in between and its Quoting Enclave may be another one by now: that
  // takes a new REPORT.
  if (status == SGX_ERROR_ATT_KEY_UNINITIALIZED) return attempt(key, make_report, status);
  return quote;
}

}  // namespace quoted::sample
