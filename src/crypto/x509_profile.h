// Pieces that certificates and CRLs of the SGX profile share (quote-generation 5.1, 5.2, 5.4), used
// by the .cpp files of this module. An empty pointer or false means that OpenSSL failed.
#pragma once

#include "base/clock.h"
#include "crypto/certificate_builder.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {

// RDN order CN, O, L, ST, C; C PrintableString, the others UTF8String. Clients look for the words
// of the CN and some take the first RDN for it (quote-generation 5.1).
[[nodiscard]] X509NamePtr profile_name(std::string_view common_name);

// `oid` is dotted or a name that OpenSSL knows.
[[nodiscard]] X509ExtensionPtr make_extension(const char* oid, bool critical, base::ByteView value);

[[nodiscard]] base::Bytes authority_key_id_value(const KeyIdentifier& id);

[[nodiscard]] Asn1IntegerPtr serial_integer(const SerialNumber& serial);

// UTCTime before 2050, GeneralizedTime from then on (RFC 5280 4.1.2.5, 5.1.2.4).
[[nodiscard]] Asn1TimePtr asn1_time(base::UnixTime time);

// The encoding that `encode` (an i2d function) gives `object`; empty when it fails.
template <class T>
[[nodiscard]] base::Bytes encoded(const T* object, int (*encode)(const T*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  if (size <= 0) return {};
  base::Bytes out =
      base::to_bytes({reinterpret_cast<const std::byte*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return out;
}

}  // namespace quoted::crypto
