#include "crypto/crl_builder.h"

#include "crypto/der.h"
#include "crypto/openssl_error.h"
#include "crypto/p256_handle.h"
#include "crypto/x509_profile.h"

namespace quoted::crypto {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

bool add_reason(X509_REVOKED* entry, CrlReason reason) {
  const X509ExtensionPtr extension = make_extension(
      "CRLReason", false,
      der_unsigned_element(der_tag::kEnumerated, static_cast<std::uint32_t>(reason)));
  return extension && X509_REVOKED_add_ext(entry, extension.get(), -1) == 1;
}

bool add_revoked(X509_CRL* crl, const RevokedCertificate& revoked) {
  X509RevokedPtr entry(X509_REVOKED_new());
  const Asn1IntegerPtr serial = serial_integer(revoked.serial);
  const Asn1TimePtr date = asn1_time(revoked.date);
  const bool ok = entry && serial && date &&
                  X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
                  X509_REVOKED_set_revocationDate(entry.get(), date.get()) == 1 &&
                  (!revoked.reason || add_reason(entry.get(), *revoked.reason)) &&
                  X509_CRL_add0_revoked(crl, entry.get()) == 1;
  if (ok) (void)entry.release();  // the CRL owns it now
  return ok;
}

bool add_all_revoked(X509_CRL* crl, const std::vector<RevokedCertificate>& all) {
  for (const RevokedCertificate& revoked : all) {
    if (!add_revoked(crl, revoked)) return false;
  }
  return true;
}

bool set_dates(X509_CRL* crl, base::UnixTime this_update, base::UnixTime next_update) {
  const Asn1TimePtr from = asn1_time(this_update);
  const Asn1TimePtr to = asn1_time(next_update);
  return from && to && X509_CRL_set1_lastUpdate(crl, from.get()) == 1 &&
         X509_CRL_set1_nextUpdate(crl, to.get()) == 1;
}

bool add_extension(X509_CRL* crl, const char* oid, base::ByteView value, bool critical = false) {
  const X509ExtensionPtr extension = make_extension(oid, critical, value);
  return extension && X509_CRL_add_ext(crl, extension.get(), -1) == 1;
}

}  // namespace

Result<base::Bytes> issue_crl(const CrlSpec& spec, const P256PrivateKey& issuer_key) {
  const X509CrlPtr crl(X509_CRL_new());
  const X509NamePtr issuer = profile_name(spec.issuer_cn);
  const bool ok =
      crl && issuer && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
      X509_CRL_set_issuer_name(crl.get(), issuer.get()) == 1 &&
      set_dates(crl.get(), spec.this_update, spec.next_update) &&
      add_all_revoked(crl.get(), spec.revoked) &&
      add_extension(crl.get(), "crlNumber", der_unsigned_element(der_tag::kInteger, spec.number)) &&
      add_extension(crl.get(), "authorityKeyIdentifier",
                    authority_key_id_value(spec.authority_key_id)) &&
      (!spec.critical_extra || add_extension(crl.get(), spec.critical_extra->oid.c_str(),
                                             spec.critical_extra->value, true)) &&
      X509_CRL_sign(crl.get(), issuer_key.handle().key.get(), EVP_sha256()) > 0;
  if (!ok) return fail(openssl_error(ErrorCode::kCryptoFailure, "issuing a CRL"));
  base::Bytes der = encoded(crl.get(), i2d_X509_CRL);
  if (der.empty()) return fail(openssl_error(ErrorCode::kCryptoFailure, "encoding a CRL"));
  return der;
}

}  // namespace quoted::crypto
