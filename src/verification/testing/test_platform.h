// A platform and its PKI for tests of the verifier: every part is a field, so that a test spoils
// one and leaves the rest whole.
#pragma once

#include <array>
#include <string>

#include "crypto/certificate_builder.h"
#include "verification/verifier.h"

namespace quoted::verification::testing {

// A moment at which the certificates of a TestPlatform are valid.
inline constexpr base::UnixTime kNow{std::chrono::seconds(1'750'000'000)};

struct TestPlatform {
  TestPlatform();

  crypto::P256PrivateKey root_key;
  crypto::P256PrivateKey intermediate_key;
  crypto::P256PrivateKey pck_key;
  crypto::P256PrivateKey attestation_key;

  // Intel's names throughout; nothing but the keys tells this PKI from the real one.
  crypto::CertificateSpec root;
  crypto::CertificateSpec intermediate;
  crypto::CertificateSpec leaf;

  // The quote. Its signatures and the QE report's data are made by `quote()`.
  sgx::ReportBody body;
  sgx::ReportBody qe_report;
  base::Bytes authentication_data;

  [[nodiscard]] crypto::Certificate root_certificate() const;
  [[nodiscard]] crypto::Certificate intermediate_certificate() const;
  [[nodiscard]] crypto::Certificate leaf_certificate() const;
  [[nodiscard]] std::string chain() const;  // PEM, leaf first

  // A quote with `pem` for its chain, and that quote's bytes.
  [[nodiscard]] quote::Quote quote(const std::string& pem) const;
  [[nodiscard]] base::Bytes quote_bytes() const;
  [[nodiscard]] base::Bytes quote_bytes(const std::string& pem) const;

  [[nodiscard]] TrustedRoot trusted_root() const;
  // The verdict under this platform's own root.
  [[nodiscard]] Verdict verdict() const;
};

// kInternal stands for "not refused".
[[nodiscard]] base::ErrorCode refusal_code(const Verdict& verdict);

// "structure:passed chain:failed ...", for a look at a whole verdict at once.
[[nodiscard]] std::string outline(const Verdict& verdict);

}  // namespace quoted::verification::testing
