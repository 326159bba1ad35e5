// Collateral read once, for any number of quotes. Immutable, shared by copies, usable from many
// threads.
#pragma once

#include <memory>

#include "collateral/parsed_collateral.h"
#include "crypto/digest.h"

namespace quoted::verification {

class PreparedCollateral {
 public:
  // What is wrong with a part is said of every quote that is judged with it; the only error is
  // CryptoFailure, when OpenSSL has no memory.
  [[nodiscard]] static base::Result<PreparedCollateral> prepare(
      const collateral::Collateral& documents);

  [[nodiscard]] const collateral::ParsedCollateral& parsed() const { return contents_->parsed; }
  // SHA-256 over size and bytes of all seven parts: two that are equal are the same collateral.
  [[nodiscard]] const crypto::Sha256& identity() const { return contents_->identity; }

 private:
  struct Contents {
    collateral::ParsedCollateral parsed;
    crypto::Sha256 identity;
  };
  explicit PreparedCollateral(std::shared_ptr<const Contents> contents)
      : contents_(std::move(contents)) {}
  std::shared_ptr<const Contents> contents_;
};

}  // namespace quoted::verification
