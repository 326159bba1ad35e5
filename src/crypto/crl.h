// X.509 v2 certificate revocation lists as values: parsed once, immutable, shared by copies,
// usable from many threads (quote-verification 4).
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "crypto/distinguished_name.h"
#include "crypto/p256.h"

namespace quoted::crypto {

inline constexpr std::size_t kMaxCrlSize = std::size_t{16} * 1024 * 1024;

class Crl {
 public:
  // One DER CRL; bytes behind it are counted, not refused. BadCrl names the reason, among them a
  // missing nextUpdate or CRL number, without which no reader could tell its age.
  [[nodiscard]] static base::Result<Crl> parse_der(base::ByteView der);

  [[nodiscard]] const DistinguishedName& issuer() const;
  [[nodiscard]] base::UnixTime this_update() const;
  [[nodiscard]] base::UnixTime next_update() const;
  // Big-endian, without leading zeros.
  [[nodiscard]] base::ByteView number() const;
  [[nodiscard]] base::ByteView authority_key_id() const;  // empty when absent
  [[nodiscard]] bool has_authority_key_id() const;        // the extension, whatever is in it
  // False when a critical extension is none of the two above. Such a CRL may list only a part of what
  // is revoked (RFC 5280 5.2).
  [[nodiscard]] bool extensions_understood() const;
  [[nodiscard]] std::size_t revoked_count() const;
  [[nodiscard]] std::size_t trailing_bytes() const;

  // By serial number alone; its bytes big-endian without leading zeros.
  [[nodiscard]] bool revokes(base::ByteView serial) const;

  // True when `issuer`'s key signed this CRL with ECDSA and SHA-256. Found out once for a key.
  [[nodiscard]] bool signature_matches(const P256PublicKey& issuer) const;

 private:
  struct Facts;
  explicit Crl(std::shared_ptr<const Facts> facts) : facts_(std::move(facts)) {}
  std::shared_ptr<const Facts> facts_;
};

}  // namespace quoted::crypto
