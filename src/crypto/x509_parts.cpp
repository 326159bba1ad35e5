#include "crypto/x509_parts.h"

#include "crypto/der.h"

namespace quoted::crypto {
namespace {

std::string first_value(const X509_NAME* name, int nid) {
  const int index = X509_NAME_get_index_by_NID(name, nid, -1);
  if (index < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

// Escapes what could be mistaken for structure or would upset a terminal.
std::string printable_name(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  constexpr unsigned long kOneLine =
      XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_SPC_EQ | XN_FLAG_FN_SN | ASN1_STRFLGS_RFC2253;
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, kOneLine) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

base::ByteView octets(const ASN1_STRING* string) {
  if (string == nullptr) return {};
  return {reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string text_of(const ASN1_STRING* string) {
  return std::string(base::as_text(octets(string)));
}

DistinguishedName read_name(const X509_NAME* name) {
  return {first_value(name, NID_commonName),          first_value(name, NID_countryName),
          first_value(name, NID_organizationName),    first_value(name, NID_localityName),
          first_value(name, NID_stateOrProvinceName), printable_name(name)};
}

base::Result<base::UnixTime> unix_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return base::fail(base::ErrorCode::kBadCertificate, "an invalid date");
  }
  return base::UnixTime(std::chrono::seconds(::timegm(&parts)));
}

base::ByteView signed_part(base::ByteView der) {
  DerReader outer(der);
  const auto content = outer.next(der_tag::kSequence);
  if (!content) return {};
  DerReader inner(*content);
  const auto first = inner.next(der_tag::kSequence);
  if (!first) return {};
  const auto header = static_cast<std::size_t>(first->data() - content->data());
  return content->first(header + first->size());
}

}  // namespace quoted::crypto
