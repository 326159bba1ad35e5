#include "crypto/certificate_builder.h"

#include "crypto/der.h"
#include "crypto/openssl_error.h"
#include "crypto/p256_handle.h"
#include "crypto/x509_profile.h"

namespace quoted::crypto {
namespace {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::uint8_t kContextPrimitive6 = 0x86;
constexpr std::uint8_t kContextConstructed0 = 0xA0;
constexpr std::uint8_t kBitString = 0x03;

bool add_extension(X509* x509, const char* oid, bool critical, ByteView value) {
  const X509ExtensionPtr extension = make_extension(oid, critical, value);
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

base::Bytes key_usage_value(bool ca) {
  // Unused-bit count, then the bits (quote-generation 5.2: 0106 and 06C0).
  const base::Bytes bits =
      ca ? base::Bytes{std::byte{1}, std::byte{0x06}} : base::Bytes{std::byte{6}, std::byte{0xC0}};
  return der_element(kBitString, bits);
}

base::Bytes basic_constraints_value(const std::optional<long>& path_length) {
  if (!path_length) return der_sequence({});
  const base::Bytes is_ca = der_element(der_tag::kBoolean, base::Bytes{std::byte{0xFF}});
  const base::Bytes length =
      der_unsigned_element(der_tag::kInteger, static_cast<std::uint32_t>(*path_length));
  return der_sequence({is_ca, length});
}

base::Bytes crl_distribution_points_value(std::string_view url) {
  const base::Bytes uri = der_element(kContextPrimitive6, base::as_bytes(url));
  const base::Bytes full_name = der_element(kContextConstructed0, uri);
  const base::Bytes point_name = der_element(kContextConstructed0, full_name);
  return der_sequence({der_sequence({point_name})});
}

bool set_serial(X509* x509, const SerialNumber& serial) {
  const Asn1IntegerPtr integer = serial_integer(serial);
  return integer && X509_set_serialNumber(x509, integer.get()) == 1;
}

bool set_validity(X509* x509, base::UnixTime not_before, base::UnixTime not_after) {
  const Asn1TimePtr from = asn1_time(not_before);
  const Asn1TimePtr to = asn1_time(not_after);
  return from && to && X509_set1_notBefore(x509, from.get()) == 1 &&
         X509_set1_notAfter(x509, to.get()) == 1;
}

bool add_profile_extensions(X509* x509, const CertificateSpec& spec) {
  return add_extension(x509, "authorityKeyIdentifier", false,
                       authority_key_id_value(spec.authority_key_id)) &&
         add_extension(x509, "crlDistributionPoints", false,
                       crl_distribution_points_value(spec.crl_url)) &&
         add_extension(x509, "subjectKeyIdentifier", false,
                       der_element(der_tag::kOctetString, spec.subject_key_id.view())) &&
         add_extension(x509, "keyUsage", true, key_usage_value(spec.ca_path_length.has_value())) &&
         add_extension(x509, "basicConstraints", true,
                       basic_constraints_value(spec.ca_path_length)) &&
         (!spec.extra || add_extension(x509, spec.extra->oid.c_str(), false, spec.extra->value));
}

}  // namespace

Result<Certificate> issue_certificate(const CertificateSpec& spec, const P256PublicKey& subject_key,
                                      const P256PrivateKey& issuer_key) {
  const X509Ptr x509(X509_new());
  const X509NamePtr subject = profile_name(spec.subject_cn);
  const X509NamePtr issuer = profile_name(spec.issuer_cn);
  const bool ok = x509 && subject && issuer && X509_set_version(x509.get(), X509_VERSION_3) == 1 &&
                  set_serial(x509.get(), spec.serial) &&
                  set_validity(x509.get(), spec.not_before, spec.not_after) &&
                  X509_set_subject_name(x509.get(), subject.get()) == 1 &&
                  X509_set_issuer_name(x509.get(), issuer.get()) == 1 &&
                  X509_set_pubkey(x509.get(), subject_key.handle().key.get()) == 1 &&
                  add_profile_extensions(x509.get(), spec) &&
                  X509_sign(x509.get(), issuer_key.handle().key.get(), EVP_sha256()) > 0;
  if (!ok) return fail(openssl_error(ErrorCode::kCryptoFailure, "issuing a certificate"));
  const base::Bytes der = encoded(x509.get(), i2d_X509);
  if (der.empty()) return fail(openssl_error(ErrorCode::kCryptoFailure, "encoding a certificate"));
  return Certificate::parse_der(der);
}

}  // namespace quoted::crypto
