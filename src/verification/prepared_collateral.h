// Collateral read once, for any number of quotes. Immutable, shared by copies, usable from many
// threads.
#pragma once

#include <memory>
#include <optional>

#include "collateral/parsed_collateral.h"
#include "crypto/digest.h"
#include "verification/validity.h"

namespace quoted::verification {

class PreparedCollateral {
 public:
  // What is wrong with a part is said of every quote that is judged with it; the only error is
  // CryptoFailure, when OpenSSL has no memory.
  [[nodiscard]] static base::Result<PreparedCollateral> prepare(
      const collateral::Collateral& documents);

  [[nodiscard]] const collateral::ParsedCollateral& parsed() const { return contents_->parsed; }
  // CollateralMissing, TcbInfoInvalid, QeIdentityInvalid, BadCrl or IssuerChainInvalid names the first
  // part that cannot be read.
  [[nodiscard]] base::Status all_parsed() const;
  // When all parts count, by their own dates; absent when one does not parse.
  [[nodiscard]] const std::optional<Validity>& validity() const { return contents_->validity; }
  // SHA-256 over size and bytes of all seven parts: two that are equal are the same collateral.
  [[nodiscard]] const crypto::Sha256& identity() const { return contents_->identity; }

 private:
  struct Contents {
    collateral::ParsedCollateral parsed;
    std::optional<Validity> validity;
    crypto::Sha256 identity;
  };
  explicit PreparedCollateral(std::shared_ptr<const Contents> contents)
      : contents_(std::move(contents)) {}
  std::shared_ptr<const Contents> contents_;
};

}  // namespace quoted::verification
