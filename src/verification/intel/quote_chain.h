// The certificates that a quote carries, read once. What is said of them depends on nothing but
// the text, so it holds for every quote with the same one, at any time and under any root.
#pragma once

#include <mutex>
#include <string>

#include "collateral/certificate_chain.h"
#include "collateral/pck_certificate.h"

namespace quoted::verification::intel {

// Not movable: shared by those who need it, usable from many threads.
class QuoteChain {
 public:
  // Certificates that are in `known` are taken from there.
  QuoteChain(std::string pem, const collateral::CertificatePool& known);
  QuoteChain(const QuoteChain&) = delete;
  QuoteChain& operator=(const QuoteChain&) = delete;
  ~QuoteChain() = default;

  [[nodiscard]] const std::string& pem() const { return pem_; }
  // The flaw is the chain's, or that of its PCK certificate.
  [[nodiscard]] const collateral::Judged<collateral::CertificateChain>& chain() const {
    return chain_;
  }
  // The PCK certificate, also of a text that is no chain.
  [[nodiscard]] const collateral::Judged<collateral::PckCertificate>& pck() const { return pck_; }

  // Whether the strict verifier takes this for a chain of the SGX PKI.
  [[nodiscard]] const base::Status& profile() const;

  // The text is nothing but three certificates as OpenSSL writes them, with or without the last line
  // feed, and at most one NUL behind. There are few such texts of a chain, but any number of others
  // that are read alike, because nobody signs the text.
  [[nodiscard]] bool is_canonical() const;

 private:
  std::string pem_;
  collateral::CertificatePool pool_;
  collateral::Judged<collateral::CertificateChain> chain_;
  collateral::Judged<collateral::PckCertificate> pck_;
  mutable std::once_flag profile_once_;
  mutable base::Status profile_;
  mutable std::once_flag canonical_once_;
  mutable bool canonical_ = false;
};

}  // namespace quoted::verification::intel
