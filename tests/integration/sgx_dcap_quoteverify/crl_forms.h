// A CRL in each form that callers and providers have it in.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "base/hex.h"

namespace quoted::test {

inline std::string crl_pem(base::ByteView der) {
  std::string digits(4 * ((der.size() + 2) / 3) + 1, '\0');  // and a NUL
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(digits.data()),
                    reinterpret_cast<const unsigned char*>(der.data()),
                    static_cast<int>(der.size()));
  digits.pop_back();
  std::string out = "-----BEGIN X509 CRL-----\n";
  for (std::size_t at = 0; at < digits.size(); at += 64) {
    out += digits.substr(at, 64) + '\n';
  }
  return out + "-----END X509 CRL-----\n";
}

// DER, its hexadecimal digits, PEM.
inline constexpr std::size_t kCrlForms = 3;
inline std::array<std::string, kCrlForms> crl_forms(base::ByteView der) {
  return {std::string(base::as_text(der)), base::to_hex(der), crl_pem(der)};
}

}  // namespace quoted::test
