#include "crypto/server_identity.h"

#include <openssl/pem.h>

#include "base/text.h"
#include "crypto/openssl_bytes.h"
#include "crypto/openssl_error.h"
#include "crypto/random.h"
#include "crypto/x509_profile.h"

namespace quoted::crypto {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

using GeneralNamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using GeneralNamePtr = OpensslPtr<GENERAL_NAME, GENERAL_NAME_free>;
using Asn1StringPtr = OpensslPtr<ASN1_STRING, ASN1_STRING_free>;
using Asn1BitStringPtr = OpensslPtr<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using BasicConstraintsPtr = OpensslPtr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using ExtendedKeyUsagePtr = OpensslPtr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

constexpr int kDigitalSignatureBit = 0;  // RFC 5280 4.2.1.3

GeneralNamePtr general_name(const std::string& name) {
  GeneralNamePtr out(GENERAL_NAME_new());
  if (!out) return nullptr;
  if (Asn1OctetsPtr address(a2i_IPADDRESS(name.c_str())); address) {
    GENERAL_NAME_set0_value(out.get(), GEN_IPADD, address.release());
    return out;
  }
  Asn1StringPtr host(ASN1_IA5STRING_new());
  if (!host || ASN1_STRING_set(host.get(), name.data(), static_cast<int>(name.size())) != 1) {
    return nullptr;
  }
  GENERAL_NAME_set0_value(out.get(), GEN_DNS, host.release());
  return out;
}

bool add_names(X509* x509, const std::vector<std::string>& names) {
  const GeneralNamesPtr list(GENERAL_NAMES_new());
  if (!list) return false;
  for (const std::string& name : names) {
    GeneralNamePtr one = general_name(name);
    if (!one || sk_GENERAL_NAME_push(list.get(), one.get()) == 0) return false;
    (void)one.release();
  }
  return X509_add1_ext_i2d(x509, NID_subject_alt_name, list.get(), 0, 0) == 1;
}

bool add_usage(X509* x509) {
  const BasicConstraintsPtr constraints(BASIC_CONSTRAINTS_new());
  const Asn1BitStringPtr usage(ASN1_BIT_STRING_new());
  const ExtendedKeyUsagePtr purposes(EXTENDED_KEY_USAGE_new());
  // Objects out of OpenSSL's table are never freed, so the list may own this one.
  return constraints && usage && purposes &&
         ASN1_BIT_STRING_set_bit(usage.get(), kDigitalSignatureBit, 1) == 1 &&
         sk_ASN1_OBJECT_push(purposes.get(), OBJ_nid2obj(NID_server_auth)) != 0 &&
         X509_add1_ext_i2d(x509, NID_basic_constraints, constraints.get(), 1, 0) == 1 &&
         X509_add1_ext_i2d(x509, NID_key_usage, usage.get(), 1, 0) == 1 &&
         X509_add1_ext_i2d(x509, NID_ext_key_usage, purposes.get(), 0, 0) == 1;
}

bool set_subject(X509* x509) {
  constexpr std::string_view kOrganisation = "SIMULATED-NO-SECURITY";
  constexpr std::string_view kCommonName = "SIMULATED-NO-SECURITY server";
  const X509NamePtr name(X509_NAME_new());
  const auto add = [&](int nid, std::string_view value) {
    return X509_NAME_add_entry_by_NID(name.get(), nid, V_ASN1_UTF8STRING,
                                      raw(base::as_bytes(value)), static_cast<int>(value.size()),
                                      -1, 0) == 1;
  };
  return name && add(NID_organizationName, kOrganisation) && add(NID_commonName, kCommonName) &&
         X509_set_subject_name(x509, name.get()) == 1 &&
         X509_set_issuer_name(x509, name.get()) == 1;
}

template <class Write>
Result<std::string> pem_of(const Write& write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "writing PEM"));
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Result<ServerIdentity> make_simulated_server_identity(const std::vector<std::string>& more_names,
                                                      base::UnixTime not_before,
                                                      base::UnixTime not_after) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  names.insert(names.end(), more_names.begin(), more_names.end());
  return make_simulated_server_identity_for(names, not_before, not_after);
}

Result<ServerIdentity> make_simulated_server_identity_for(const std::vector<std::string>& names,
                                                          base::UnixTime not_before,
                                                          base::UnixTime not_after) {
  std::array<std::byte, SerialNumber::kSize> random{};
  QUOTED_CHECK(fill_random(random));
  random[0] = (random[0] & std::byte{0x3F}) | std::byte{0x40};  // positive, of full length
  const PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const X509Ptr x509(X509_new());
  const Asn1IntegerPtr serial = serial_integer(SerialNumber(random));
  const Asn1TimePtr from = asn1_time(not_before);
  const Asn1TimePtr to = asn1_time(not_after);
  const bool ok = key && x509 && serial && from && to &&
                  X509_set_version(x509.get(), X509_VERSION_3) == 1 &&
                  X509_set_serialNumber(x509.get(), serial.get()) == 1 &&
                  X509_set1_notBefore(x509.get(), from.get()) == 1 &&
                  X509_set1_notAfter(x509.get(), to.get()) == 1 && set_subject(x509.get()) &&
                  X509_set_pubkey(x509.get(), key.get()) == 1 && add_names(x509.get(), names) &&
                  add_usage(x509.get()) && X509_sign(x509.get(), key.get(), EVP_sha256()) > 0;
  if (!ok) return fail(openssl_error(ErrorCode::kCryptoFailure, "making a server certificate"));
  ServerIdentity out;
  QUOTED_TRY(out.certificate_pem,
             pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, x509.get()); }));
  QUOTED_TRY(out.key_pem, pem_of([&](BIO* bio) {
               return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr,
                                               nullptr);
             }));
  return out;
}

}  // namespace quoted::crypto
