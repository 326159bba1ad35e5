#include "crypto/crl.h"

#include <openssl/err.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "crypto/openssl_error.h"
#include "crypto/signature_memo.h"
#include "crypto/x509_parts.h"

namespace quoted::crypto {
namespace {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;

using X509CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using AuthorityKeyIdPtr = OpensslPtr<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;

bool shorter_or_smaller(ByteView a, ByteView b) {
  return std::ranges::lexicographical_compare(a, b);
}

std::vector<base::Bytes> read_serials(X509_CRL* crl) {
  std::vector<base::Bytes> out;
  STACK_OF(X509_REVOKED)* const revoked = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(revoked, i);
    out.push_back(base::to_bytes(octets(X509_REVOKED_get0_serialNumber(entry))));
  }
  std::ranges::sort(out, shorter_or_smaller);
  return out;
}

bool understood(const X509_CRL* crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* const extension = X509_CRL_get_ext(crl, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    const bool known = nid == NID_crl_number || nid == NID_authority_key_identifier;
    if (!known && X509_EXTENSION_get_critical(extension) != 0) return false;
  }
  return true;
}

template <class Pointer>
Pointer decode_extension(const X509_CRL* crl, int nid) {
  return Pointer(
      static_cast<typename Pointer::pointer>(X509_CRL_get_ext_d2i(crl, nid, nullptr, nullptr)));
}

}  // namespace

struct Crl::Facts {
  base::Bytes der;
  base::Bytes signature;
  DistinguishedName issuer;
  base::UnixTime this_update;
  base::UnixTime next_update;
  base::Bytes number;
  bool has_authority_key_id = false;
  base::Bytes authority_key_id;
  bool extensions_understood = false;
  std::vector<base::Bytes> serials;  // sorted
  std::size_t trailing_bytes = 0;
  SignatureMemo memo;
};

Result<Crl> Crl::parse_der(ByteView der) {
  if (der.size() > kMaxCrlSize) {
    return fail(ErrorCode::kBadCrl,
                base::text("a CRL of ", der.size(), " bytes is larger than ", kMaxCrlSize));
  }
  const auto* const start = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* cursor = start;
  const X509CrlPtr crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  if (!crl) return fail(openssl_error(ErrorCode::kBadCrl, "parsing a DER CRL"));
  const auto used = static_cast<std::size_t>(cursor - start);

  auto facts = std::make_shared<Facts>();
  facts->der = base::to_bytes(der.first(used));
  facts->trailing_bytes = der.size() - used;
  facts->issuer = read_name(X509_CRL_get_issuer(crl.get()));
  const auto this_update = unix_time(X509_CRL_get0_lastUpdate(crl.get()));
  if (!this_update) return fail(ErrorCode::kBadCrl, "the CRL has no valid thisUpdate");
  const auto next_update = unix_time(X509_CRL_get0_nextUpdate(crl.get()));
  if (!next_update) return fail(ErrorCode::kBadCrl, "the CRL has no valid nextUpdate");
  facts->this_update = *this_update;
  facts->next_update = *next_update;
  const auto number = decode_extension<Asn1IntegerPtr>(crl.get(), NID_crl_number);
  if (!number) return fail(ErrorCode::kBadCrl, "the CRL has no CRL number");
  facts->number = base::to_bytes(octets(number.get()));
  facts->has_authority_key_id =
      X509_CRL_get_ext_by_NID(crl.get(), NID_authority_key_identifier, -1) >= 0;
  if (const auto key_id =
          decode_extension<AuthorityKeyIdPtr>(crl.get(), NID_authority_key_identifier)) {
    facts->authority_key_id = base::to_bytes(octets(key_id->keyid));
  }
  facts->extensions_understood = understood(crl.get());
  const ASN1_BIT_STRING* signature = nullptr;
  X509_CRL_get0_signature(crl.get(), &signature, nullptr);
  facts->signature = base::to_bytes(octets(signature));
  facts->serials = read_serials(crl.get());
  ERR_clear_error();
  return Crl(std::move(facts));
}

const DistinguishedName& Crl::issuer() const { return facts_->issuer; }
base::UnixTime Crl::this_update() const { return facts_->this_update; }
base::UnixTime Crl::next_update() const { return facts_->next_update; }
ByteView Crl::number() const { return facts_->number; }
ByteView Crl::authority_key_id() const { return facts_->authority_key_id; }
bool Crl::has_authority_key_id() const { return facts_->has_authority_key_id; }
bool Crl::extensions_understood() const { return facts_->extensions_understood; }
std::size_t Crl::revoked_count() const { return facts_->serials.size(); }
std::size_t Crl::trailing_bytes() const { return facts_->trailing_bytes; }

bool Crl::revokes(ByteView serial) const {
  return std::ranges::binary_search(facts_->serials, serial, shorter_or_smaller);
}

bool Crl::signature_matches(const P256PublicKey& issuer) const {
  return facts_->memo.good(
      issuer, [&] { return issuer.verify_der(signed_part(facts_->der), facts_->signature); });
}

}  // namespace quoted::crypto
