#include "crypto/x509_profile.h"

#include <openssl/objects.h>

#include "crypto/der.h"
#include "crypto/openssl_bytes.h"

namespace quoted::crypto {
namespace {

constexpr std::uint8_t kContextPrimitive0 = 0x80;

bool add_name_entry(X509_NAME* name, int nid, int type, std::string_view value) {
  return X509_NAME_add_entry_by_NID(name, nid, type, raw(base::as_bytes(value)),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

}  // namespace

X509NamePtr profile_name(std::string_view common_name) {
  X509NamePtr name(X509_NAME_new());
  const bool ok =
      name && add_name_entry(name.get(), NID_commonName, V_ASN1_UTF8STRING, common_name) &&
      add_name_entry(name.get(), NID_organizationName, V_ASN1_UTF8STRING, "Intel Corporation") &&
      add_name_entry(name.get(), NID_localityName, V_ASN1_UTF8STRING, "Santa Clara") &&
      add_name_entry(name.get(), NID_stateOrProvinceName, V_ASN1_UTF8STRING, "CA") &&
      add_name_entry(name.get(), NID_countryName, V_ASN1_PRINTABLESTRING, "US");
  if (!ok) name.reset();
  return name;
}

X509ExtensionPtr make_extension(const char* oid, bool critical, base::ByteView value) {
  const Asn1ObjectPtr object(OBJ_txt2obj(oid, 0));
  const Asn1OctetsPtr content(ASN1_OCTET_STRING_new());
  if (!object || !content ||
      ASN1_OCTET_STRING_set(content.get(), raw(value), static_cast<int>(value.size())) != 1) {
    return nullptr;
  }
  return X509ExtensionPtr(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, content.get()));
}

base::Bytes authority_key_id_value(const KeyIdentifier& id) {
  return der_sequence({der_element(kContextPrimitive0, id.view())});
}

Asn1IntegerPtr serial_integer(const SerialNumber& serial) {
  const BigNumPtr number(
      BN_bin2bn(raw(serial.view()), static_cast<int>(SerialNumber::kSize), nullptr));
  return Asn1IntegerPtr(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
}

Asn1TimePtr asn1_time(base::UnixTime time) {
  return Asn1TimePtr(ASN1_TIME_set(nullptr, time.time_since_epoch().count()));
}

}  // namespace quoted::crypto
