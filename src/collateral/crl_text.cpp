#include "collateral/crl_text.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/pem.h"

namespace quoted::collateral {
namespace {

constexpr std::string_view kPemMarker = "-----BEGIN X509 CRL-----";

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

base::Result<base::Bytes> crl_der(base::ByteView content) {
  std::string_view text = base::as_text(content);
  if (text.starts_with(kPemMarker)) {
    auto der = crypto::decode_pem(text, "X509 CRL");
    if (!der) return base::fail(base::ErrorCode::kBadCrl, der.error().message());
    return der;
  }
  // The last byte may be anything: a line end, or the NUL of a C string.
  if (!text.empty() && !is_hex_digit(text.back())) text.remove_suffix(1);
  if (!text.empty() && std::ranges::all_of(text, is_hex_digit)) {
    auto der = base::from_hex(text);
    if (!der) return base::fail(base::ErrorCode::kBadCrl, der.error().message());
    return der;
  }
  return base::to_bytes(content);
}

base::Result<crypto::Crl> parse_crl(base::ByteView content) {
  QUOTED_TRY(const base::Bytes der, crl_der(content));
  return crypto::Crl::parse_der(der);
}

}  // namespace quoted::collateral
