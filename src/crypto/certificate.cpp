#include "crypto/certificate.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include <array>
#include <limits>
#include <memory>

#include "base/text.h"
#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"
#include "crypto/p256_handle.h"
#include "crypto/pem.h"
#include "crypto/signature_memo.h"
#include "crypto/x509_parts.h"

namespace quoted::crypto {
namespace {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::string_view kBeginMarker = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEndMarker = "-----END CERTIFICATE-----";
// NUL ends the certification data of current quotes (quote-generation 1.3).
constexpr std::string_view kPadding("\0 \t\r\n", 5);

struct OpensslFree {
  void operator()(unsigned char* data) const { OPENSSL_free(data); }
};
using GeneralNamesPtr = OpensslPtr<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;

std::vector<std::string> read_crl_urls(X509* certificate) {
  std::vector<std::string> out;
  const GeneralNamesPtr points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  if (!points) return out;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint == nullptr || point->distpoint->type != 0) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, j);
      if (name->type == GEN_URI) out.push_back(text_of(name->d.uniformResourceIdentifier));
    }
  }
  return out;
}

// What stands behind the first byte of an uncompressed point, whatever kind of key the certificate
// calls it: that is what Intel's verifier takes (quote-verification 3).
std::optional<P256PublicKey> key_of(const X509* certificate) {
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(certificate);
  const ByteView encoded = octets(bits);
  if (encoded.size() != P256Point::kSize + 1) return std::nullopt;
  auto key = P256PublicKey::create(P256Point::parse(encoded.subspan(1)).value());
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

// id-ecPublicKey with the named curve prime256v1, the only kind of RFC 5480 in the PKI.
bool names_p256(const X509* certificate) {
  X509_ALGOR* algorithm = nullptr;
  ASN1_OBJECT* kind = nullptr;
  if (X509_PUBKEY_get0_param(&kind, nullptr, nullptr, &algorithm,
                             X509_get_X509_PUBKEY(certificate)) != 1 ||
      OBJ_obj2nid(kind) != NID_X9_62_id_ecPublicKey) {
    return false;
  }
  int type = V_ASN1_UNDEF;
  const void* curve = nullptr;
  X509_ALGOR_get0(nullptr, &type, &curve, algorithm);
  return type == V_ASN1_OBJECT &&
         OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(curve)) == NID_X9_62_prime256v1;
}

// The algorithm stands twice in a certificate, and is signed in one place only.
bool signed_with_sha256(const X509* certificate) {
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, certificate);
  return X509_get_signature_nid(certificate) == NID_ecdsa_with_SHA256 &&
         X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(certificate)) == 0;
}

// OpenSSL 3.0 decodes the key of every certificate that it reads by a search through all its
// decoders, which takes five sixths of the time. Where there are none, the key stays undecoded, and
// `key_of` imports it.
std::shared_ptr<OSSL_LIB_CTX> library_without_decoders() {
  static const std::shared_ptr<OSSL_LIB_CTX> out = [] {
    const std::shared_ptr<OSSL_LIB_CTX> made(OSSL_LIB_CTX_new(), OSSL_LIB_CTX_free);
    // Without this one OpenSSL would load its default provider.
    OSSL_PROVIDER* const none = made ? OSSL_PROVIDER_load(made.get(), "null") : nullptr;
    if (none == nullptr) return std::shared_ptr<OSSL_LIB_CTX>();
    // The context does not unload it: a library that is closed and opened again would lose one
    // each time.
    return std::shared_ptr<OSSL_LIB_CTX>(
        made.get(), [made, none](OSSL_LIB_CTX*) { OSSL_PROVIDER_unload(none); });
  }();
  return out;
}

// OpenSSL reads BER too, in which every certificate has any number of encodings around the same
// signed part. Whoever compares, pins or passes on a certificate's bytes relies on there being one.
bool is_der_of(X509* certificate, ByteView encoding) {
  unsigned char* data = nullptr;
  const int size = i2d_X509(certificate, &data);
  const std::unique_ptr<unsigned char, OpensslFree> owner(data);
  if (size < 0) return false;
  const std::span<const unsigned char> der(data, static_cast<std::size_t>(size));
  return base::equal(std::as_bytes(der), encoding);
}

Result<Certificate> parse_pem_block(std::string_view text) {
  auto der = decode_pem(text, "CERTIFICATE");
  if (!der) return fail(ErrorCode::kBadCertificate, der.error().message());
  return Certificate::parse_der(*der);
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

}  // namespace

struct CertificateHandle {
  std::shared_ptr<OSSL_LIB_CTX> library;  // outlives what was made with it
  X509Ptr x509;
};

struct Certificate::Facts {
  CertificateHandle handle;
  base::Bytes der;
  DistinguishedName subject;
  DistinguishedName issuer;
  base::Bytes serial;
  base::UnixTime not_before;
  base::UnixTime not_after;
  std::optional<P256PublicKey> public_key;
  std::vector<std::string> crl_urls;
  bool extensions_understood;
  std::size_t trailing_bytes;
  SignatureMemo signature;
};

Result<Certificate> Certificate::parse_der(ByteView der) {
  QUOTED_TRY(Certificate out, read(der));
  QUOTED_CHECK(out.check_strictly());
  return out;
}

base::Status Certificate::check_strictly() const {
  X509* const x509 = facts_->handle.x509.get();
  if (facts_->trailing_bytes != 0) {
    return fail(ErrorCode::kBadCertificate,
                base::text(facts_->trailing_bytes, " bytes follow the certificate"));
  }
  if (!is_der_of(x509, facts_->der)) {
    return fail(ErrorCode::kBadCertificate, "the certificate is encoded in BER, must be DER");
  }
  if (!extensions_understood()) {
    return fail(ErrorCode::kBadCertificate,
                "the certificate has an invalid extension or an unknown critical one");
  }
  if (!has_p256_key() || !names_p256(x509)) {
    return fail(ErrorCode::kBadCertificate,
                "the certificate's key is not an uncompressed P-256 key");
  }
  return {};
}

Result<Certificate> Certificate::parse_der_leniently(ByteView der) { return read(der); }

Result<Certificate> Certificate::read(ByteView der) {
  if (der.size() > kMaxCertificateSize) {
    return fail(
        ErrorCode::kBadCertificate,
        base::text("a certificate of ", der.size(), " bytes is larger than ", kMaxCertificateSize));
  }
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  std::shared_ptr<OSSL_LIB_CTX> library = library_without_decoders();
  X509Ptr x509(X509_new_ex(library.get(), nullptr));
  // On failure OpenSSL frees what it was given and clears the pointer.
  X509* place = x509.release();
  x509.reset(place == nullptr ? nullptr : d2i_X509(&place, &cursor, static_cast<long>(der.size())));
  if (!x509) return fail(asn1_error(ErrorCode::kBadCertificate, "parsing a DER certificate"));
  const auto used =
      static_cast<std::size_t>(cursor - reinterpret_cast<const unsigned char*>(der.data()));
  // Decodes the standard extensions now, so that later readers share an object that no longer
  // changes.
  const std::uint32_t flags = X509_get_extension_flags(x509.get());
  const bool understood =
      (flags & EXFLAG_SET) != 0 && (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0;
  QUOTED_TRY(const base::UnixTime not_before, unix_time(X509_get0_notBefore(x509.get())));
  QUOTED_TRY(const base::UnixTime not_after, unix_time(X509_get0_notAfter(x509.get())));
  DistinguishedName subject = read_name(X509_get_subject_name(x509.get()));
  DistinguishedName issuer = read_name(X509_get_issuer_name(x509.get()));
  base::Bytes serial = base::to_bytes(octets(X509_get0_serialNumber(x509.get())));
  std::vector<std::string> urls = read_crl_urls(x509.get());
  std::optional<P256PublicKey> key = key_of(x509.get());
  ERR_clear_error();
  return Certificate(
      std::shared_ptr<const Facts>(new Facts{CertificateHandle{std::move(library), std::move(x509)},
                                             base::to_bytes(der.first(used)),
                                             std::move(subject),
                                             std::move(issuer),
                                             std::move(serial),
                                             not_before,
                                             not_after,
                                             std::move(key),
                                             std::move(urls),
                                             understood,
                                             der.size() - used,
                                             {}}));
}

Result<Certificate> Certificate::parse_pem(std::string_view pem) {
  QUOTED_TRY(std::vector<Certificate> chain, parse_pem_chain(pem, 1));
  return std::move(chain.front());
}

ByteView Certificate::der() const { return facts_->der; }

std::string Certificate::pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), facts_->handle.x509.get()) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

const DistinguishedName& Certificate::subject_name() const { return facts_->subject; }
const DistinguishedName& Certificate::issuer_name() const { return facts_->issuer; }
const std::string& Certificate::subject_cn() const { return facts_->subject.common_name; }
const std::string& Certificate::issuer_cn() const { return facts_->issuer.common_name; }
const std::string& Certificate::subject() const { return facts_->subject.printable; }
const std::string& Certificate::issuer() const { return facts_->issuer.printable; }

bool Certificate::issued_by_name(const Certificate& issuer) const {
  return X509_NAME_cmp(X509_get_issuer_name(facts_->handle.x509.get()),
                       X509_get_subject_name(issuer.facts_->handle.x509.get())) == 0;
}

ByteView Certificate::serial() const { return facts_->serial; }
base::UnixTime Certificate::not_before() const { return facts_->not_before; }
base::UnixTime Certificate::not_after() const { return facts_->not_after; }
bool Certificate::has_p256_key() const { return facts_->public_key.has_value(); }
const P256PublicKey& Certificate::public_key() const { return facts_->public_key.value(); }
bool Certificate::extensions_understood() const { return facts_->extensions_understood; }

bool Certificate::is_ca() const {
  return (X509_get_extension_flags(facts_->handle.x509.get()) & EXFLAG_CA) != 0;
}

std::optional<long> Certificate::path_length() const {
  const long length = X509_get_pathlen(facts_->handle.x509.get());
  return length < 0 ? std::nullopt : std::optional<long>(length);
}

bool Certificate::has_key_usage(std::uint32_t bits) const {
  const std::uint32_t usage = X509_get_key_usage(facts_->handle.x509.get());
  return usage != std::numeric_limits<std::uint32_t>::max() && (usage & bits) == bits;
}

const std::vector<std::string>& Certificate::crl_urls() const { return facts_->crl_urls; }

ByteView Certificate::subject_key_id() const {
  return octets(X509_get0_subject_key_id(facts_->handle.x509.get()));
}

ByteView Certificate::authority_key_id() const {
  return octets(X509_get0_authority_key_id(facts_->handle.x509.get()));
}

int Certificate::extension_count() const { return X509_get_ext_count(facts_->handle.x509.get()); }

std::optional<ByteView> Certificate::extension(std::string_view oid) const {
  const Asn1ObjectPtr object(OBJ_txt2obj(std::string(oid).c_str(), 1));
  if (!object) return std::nullopt;
  const X509* x509 = facts_->handle.x509.get();
  const int index = X509_get_ext_by_OBJ(x509, object.get(), -1);
  if (index < 0 || X509_get_ext_by_OBJ(x509, object.get(), index) >= 0) return std::nullopt;
  return octets(X509_EXTENSION_get_data(X509_get_ext(x509, index)));
}

bool Certificate::signed_by(const P256PublicKey& issuer) const {
  return signed_with_sha256(facts_->handle.x509.get()) && signature_matches(issuer);
}

ByteView Certificate::signature() const {
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, facts_->handle.x509.get());
  return octets(signature);
}

bool Certificate::signature_matches(const P256PublicKey& issuer) const {
  return facts_->signature.good(
      issuer, [&] { return issuer.verify_der(signed_part(facts_->der), signature()); });
}

Result<std::vector<std::string_view>> split_pem_chain(std::string_view pem, std::size_t max_count) {
  std::vector<std::string_view> out;
  for (std::string_view rest = trim(pem); !rest.empty(); rest = trim(rest)) {
    const std::size_t end = rest.find(kEndMarker);
    if (!rest.starts_with(kBeginMarker) || end == std::string_view::npos) {
      return fail(
          ErrorCode::kBadCertificate,
          base::text("text that is not a PEM certificate after ", out.size(), " certificates"));
    }
    if (out.size() == max_count) {
      return fail(ErrorCode::kBadCertificate,
                  base::text("more than the ", max_count, " certificates allowed"));
    }
    const std::size_t size = end + kEndMarker.size();
    if (size > kMaxCertificateSize) {
      return fail(ErrorCode::kBadCertificate, "a PEM certificate is too large");
    }
    out.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  if (out.empty()) return fail(ErrorCode::kBadCertificate, "no certificate in the text");
  return out;
}

Result<std::vector<Certificate>> parse_pem_chain(std::string_view pem, std::size_t max_count) {
  QUOTED_TRY(const std::vector<std::string_view> blocks, split_pem_chain(pem, max_count));
  std::vector<Certificate> out;
  for (const std::string_view block : blocks) {
    QUOTED_TRY(Certificate certificate, parse_pem_block(block));
    out.push_back(std::move(certificate));
  }
  return out;
}

}  // namespace quoted::crypto
