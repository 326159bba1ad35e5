#include "collateral/crl_text.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/pem.h"

namespace quoted::collateral {
namespace {

constexpr std::string_view kPemMarker = "-----BEGIN X509 CRL-----";
constexpr std::string_view kPadding("\0 \t\r\n", 5);

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

base::Result<crypto::Crl> parse_crl(base::ByteView content) {
  std::string_view text = base::as_text(content);
  if (text.starts_with(kPemMarker)) {
    const auto der = crypto::decode_pem(text, "X509 CRL");
    if (!der) return base::fail(base::ErrorCode::kBadCrl, der.error().message());
    return crypto::Crl::parse_der(*der);
  }
  const std::size_t last = text.find_last_not_of(kPadding);
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (!text.empty() && std::ranges::all_of(text, is_hex_digit)) {
    const auto der = base::from_hex(text);
    if (!der) return base::fail(base::ErrorCode::kBadCrl, der.error().message());
    return crypto::Crl::parse_der(*der);
  }
  return crypto::Crl::parse_der(content);
}

}  // namespace quoted::collateral
