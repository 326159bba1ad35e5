// An X.509 name, as far as the SGX PKI looks at names (quote-verification 3).
#pragma once

#include <string>

namespace quoted::crypto {

struct DistinguishedName {
  // First value of each attribute, empty when there is none.
  std::string common_name;
  std::string country;
  std::string organization;
  std::string locality;
  std::string state;
  // "CN = Intel SGX Root CA, O = ...", in the order of the encoding, escaped for terminals.
  std::string printable;

  // The same five values. Order and other attributes do not count, as for Intel's verifier.
  [[nodiscard]] bool same_values(const DistinguishedName& other) const {
    return common_name == other.common_name && country == other.country &&
           organization == other.organization && locality == other.locality &&
           state == other.state;
  }
};

}  // namespace quoted::crypto
