// A chain of certificates as Intel's verifier reads it: from any text, in any order, the roles told
// apart by names (quote-verification 3). Whether it holds is for its users to judge.
#pragma once

#include <vector>

#include "collateral/certificate_pool.h"
#include "collateral/qvl_status.h"
#include "crypto/certificate.h"

namespace quoted::collateral {

inline constexpr std::string_view kRootCaPhrase = "SGX Root CA";
inline constexpr std::string_view kPckPhrase = "SGX PCK Certificate";
inline constexpr std::string_view kTcbSigningPhrase = "SGX TCB Signing";
inline constexpr std::string_view kCaPhrase = "CA";

// True when the subject's common name contains `phrase`.
[[nodiscard]] bool is_named(const crypto::Certificate& certificate, std::string_view phrase);

// Subject equals issuer, as Intel's verifier compares names.
[[nodiscard]] bool is_self_issued(const crypto::Certificate& certificate);

// Every BEGIN/END CERTIFICATE block of a text, markers included. Empty when an END comes first.
[[nodiscard]] std::vector<std::string_view> certificate_blocks(std::string_view text);

// One block, with the five extensions that every certificate of the PKI has; else
// UnsupportedCertFormat, or `without_extension` when one of the five is missing. Taken from `pool`
// where it is there, else put there.
[[nodiscard]] Judged<crypto::Certificate> parse_certificate_block(std::string_view block,
                                                                  QvlStatus without_extension,
                                                                  CertificatePool& pool);

class CertificateChain {
 public:
  // The flaw's status is that of quote-verification 3.
  [[nodiscard]] static Judged<CertificateChain> parse(std::string_view text,
                                                      CertificatePool& pool);
  [[nodiscard]] static Judged<CertificateChain> parse(std::string_view text);

  [[nodiscard]] const std::vector<crypto::Certificate>& certificates() const {
    return certificates_;
  }
  [[nodiscard]] std::size_t size() const { return certificates_.size(); }

  // Null when no certificate plays the part.
  [[nodiscard]] const crypto::Certificate* root() const;
  [[nodiscard]] const crypto::Certificate* intermediate() const;
  [[nodiscard]] const crypto::Certificate* pck() const;
  // The last whose subject issued no other of the chain.
  [[nodiscard]] const crypto::Certificate* topmost() const;

 private:
  explicit CertificateChain(std::vector<crypto::Certificate> certificates)
      : certificates_(std::move(certificates)) {}
  std::vector<crypto::Certificate> certificates_;
};

}  // namespace quoted::collateral
