// Quotes of platforms that exist nowhere, with collateral, made for measuring: as large as genuine
// ones and verified in the strict mode.
#pragma once

#include <vector>

#include "verification/testing/forge.h"

namespace quoted::bench {

// A platform with its collateral.
class Platform {
 public:
  Platform();

  [[nodiscard]] const collateral::Collateral& collateral() const { return first_.collateral; }
  [[nodiscard]] const std::vector<verification::TrustedRoot>& roots() const {
    return first_.roots;
  }
  [[nodiscard]] base::UnixTime at() const { return first_.at; }
  [[nodiscard]] std::string root_pem() const;

  [[nodiscard]] base::Bytes quote() const;
  // Quotes of one and the same QE, each of a report of its own.
  [[nodiscard]] std::vector<base::Bytes> quotes(std::size_t count) const;
  // Quotes of a QE that has made itself a new attestation key for each.
  [[nodiscard]] std::vector<base::Bytes> quotes_of_new_keys(std::size_t count);

 private:
  [[nodiscard]] base::Bytes signed_quote(const crypto::P256PrivateKey& attestation_key) const;

  verification::testing::Forge plan_;
  verification::testing::Forged first_;
  std::uint64_t next_key_ = 1;
};

}  // namespace quoted::bench
