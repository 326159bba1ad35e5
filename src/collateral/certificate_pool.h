// Certificates by the PEM text they were read from, so that one which stands in several chains is
// read, and its signature checked, once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"

namespace quoted::collateral {

class CertificatePool {
 public:
  // Null when there is none. `block` is the text from BEGIN to END, byte for byte.
  [[nodiscard]] const crypto::Certificate* find(std::string_view block) const {
    for (const Entry& entry : entries_) {
      if (entry.block == block) return &entry.certificate;
    }
    return nullptr;
  }
  void add(std::string_view block, crypto::Certificate certificate) {
    entries_.push_back({std::string(block), std::move(certificate)});
  }

 private:
  struct Entry {
    std::string block;
    crypto::Certificate certificate;
  };
  // A handful: four chains of two or three.
  std::vector<Entry> entries_;
};

}  // namespace quoted::collateral
