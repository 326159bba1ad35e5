// NIST P-256 keys and ECDSA with SHA-256, in the raw big-endian encodings that quotes use:
// public key x || y and signature r || s, 32 bytes each (quote-generation 1.2).
#pragma once

#include <memory>

#include "base/fixed_bytes.h"
#include "base/secret_bytes.h"

namespace quoted::crypto {

using P256Point = base::FixedBytes<struct P256PointTag, 64>;
using P256Signature = base::FixedBytes<struct P256SignatureTag, 64>;

struct P256KeyHandle;  // an EVP_PKEY

// A point that is on the curve. Immutable, shared by copies, usable from many threads.
class P256PublicKey {
 public:
  // BadKey unless the coordinates are those of a point on the curve.
  [[nodiscard]] static base::Result<P256PublicKey> create(const P256Point& point);

  [[nodiscard]] const P256Point& point() const { return point_; }

  // True when `signature` is this key's over SHA-256 of `message`. No low-s rule: both forms
  // occur in real quotes.
  [[nodiscard]] bool verify(base::ByteView message, const P256Signature& signature) const;
  // The same for a signature in DER, as certificates and CRLs carry it.
  [[nodiscard]] bool verify_der(base::ByteView message, base::ByteView signature) const;

  [[nodiscard]] const P256KeyHandle& handle() const { return *key_; }

 private:
  P256PublicKey(const P256Point& point, std::shared_ptr<const P256KeyHandle> key)
      : point_(point), key_(std::move(key)) {}
  P256Point point_;
  std::shared_ptr<const P256KeyHandle> key_;
};

// Immutable, shared by copies, usable from many threads.
class P256PrivateKey {
 public:
  // `scalar` is 32 bytes big-endian; BadKey unless it lies in 1..n-1.
  [[nodiscard]] static base::Result<P256PrivateKey> create(base::ByteView scalar);

  // (seed mod (n - 1)) + 1 with `seed` a 40-byte big-endian integer: how the PCE and the QE turn
  // derived bytes into a key (quote-generation 3.2, 4.2). WrongSize for another seed size.
  [[nodiscard]] static base::Result<P256PrivateKey> from_seed(base::ByteView seed);

  [[nodiscard]] const P256PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] const base::SecretBytes& scalar() const { return *scalar_; }

  // ECDSA over SHA-256 of `message`.
  [[nodiscard]] base::Result<P256Signature> sign(base::ByteView message) const;

  [[nodiscard]] const P256KeyHandle& handle() const { return *key_; }

 private:
  P256PrivateKey(std::shared_ptr<const base::SecretBytes> scalar, P256PublicKey public_key,
                 std::shared_ptr<const P256KeyHandle> key)
      : scalar_(std::move(scalar)), public_key_(std::move(public_key)), key_(std::move(key)) {}
  std::shared_ptr<const base::SecretBytes> scalar_;
  P256PublicKey public_key_;
  std::shared_ptr<const P256KeyHandle> key_;
};

inline constexpr std::size_t kP256SeedSize = 40;

}  // namespace quoted::crypto
