// X.509 v3 certificates as values: parsed once, immutable, shared by copies, usable from many
// threads. The SGX PKI has P-256 keys only (quote-generation 5).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/distinguished_name.h"
#include "crypto/p256.h"

namespace quoted::crypto {

struct CertificateHandle;  // an X509

class Certificate {
 public:
  // One DER certificate and nothing after it. BadCertificate names the reason.
  [[nodiscard]] static base::Result<Certificate> parse_der(base::ByteView der);
  [[nodiscard]] static base::Result<Certificate> parse_pem(std::string_view pem);

  // One DER certificate of any key, bytes behind it passed over, whatever its extensions say: what
  // Intel's verifier reads (quote-verification 3). Who calls this judges all that himself.
  [[nodiscard]] static base::Result<Certificate> parse_der_leniently(base::ByteView der);
  // What `parse_der` would say of the bytes that this certificate was read from.
  [[nodiscard]] base::Status check_strictly() const;

  [[nodiscard]] base::ByteView der() const;
  [[nodiscard]] std::string pem() const;

  // The common name, or empty.
  [[nodiscard]] const std::string& subject_cn() const;
  [[nodiscard]] const std::string& issuer_cn() const;
  [[nodiscard]] const DistinguishedName& subject_name() const;
  [[nodiscard]] const DistinguishedName& issuer_name() const;
  // "CN = Intel SGX Root CA, O = ...", in the order of the encoding.
  [[nodiscard]] const std::string& subject() const;
  [[nodiscard]] const std::string& issuer() const;
  // The names compared as encoded names, not as text.
  [[nodiscard]] bool issued_by_name(const Certificate& issuer) const;

  [[nodiscard]] base::ByteView serial() const;  // big-endian, without leading zeros
  [[nodiscard]] base::UnixTime not_before() const;
  [[nodiscard]] base::UnixTime not_after() const;
  // Always there in a certificate that was not parsed leniently.
  [[nodiscard]] bool has_p256_key() const;
  [[nodiscard]] const P256PublicKey& public_key() const;

  [[nodiscard]] bool is_ca() const;                            // basicConstraints
  [[nodiscard]] std::optional<long> path_length() const;       // basicConstraints
  [[nodiscard]] bool has_key_usage(std::uint32_t bits) const;  // X509v3_KU_* of OpenSSL
  [[nodiscard]] const std::vector<std::string>& crl_urls() const;
  [[nodiscard]] base::ByteView subject_key_id() const;    // empty when absent
  [[nodiscard]] base::ByteView authority_key_id() const;  // empty when absent
  [[nodiscard]] int extension_count() const;

  // False where OpenSSL calls an extension invalid, or an unknown one is critical.
  [[nodiscard]] bool extensions_understood() const;

  // Content of the extension with this dotted OID, if there is exactly one; a view into this.
  [[nodiscard]] std::optional<base::ByteView> extension(std::string_view oid) const;

  // True when `issuer`'s key signed this certificate with ECDSA and SHA-256. Found out once for a
  // key, as is the next.
  [[nodiscard]] bool signed_by(const P256PublicKey& issuer) const;
  // The same whatever algorithm the certificate names (quote-verification 3).
  [[nodiscard]] bool signature_matches(const P256PublicKey& issuer) const;
  [[nodiscard]] base::ByteView signature() const;  // DER, as it stands in the certificate

 private:
  struct Facts;
  [[nodiscard]] static base::Result<Certificate> read(base::ByteView der);
  explicit Certificate(std::shared_ptr<const Facts> facts) : facts_(std::move(facts)) {}
  std::shared_ptr<const Facts> facts_;
};

inline constexpr std::uint32_t kKeyUsageDigitalSignature = 0x0080;
inline constexpr std::uint32_t kKeyUsageNonRepudiation = 0x0040;
inline constexpr std::uint32_t kKeyUsageCertSign = 0x0004;
inline constexpr std::uint32_t kKeyUsageCrlSign = 0x0002;

inline constexpr std::size_t kMaxCertificateSize = std::size_t{64} * 1024;

// The PEM blocks of a text, from BEGIN to END: at least one, at most `max_count`. NULs and white
// space around them, which real quotes carry, are passed over; any other text is BadCertificate.
[[nodiscard]] base::Result<std::vector<std::string_view>> split_pem_chain(
    std::string_view pem, std::size_t max_count = 8);

// The certificates in these blocks.
[[nodiscard]] base::Result<std::vector<Certificate>> parse_pem_chain(std::string_view pem,
                                                                     std::size_t max_count = 8);

}  // namespace quoted::crypto
