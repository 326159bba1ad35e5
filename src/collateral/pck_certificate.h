// A PCK certificate: an X.509 certificate with a valid SGX extension.
#pragma once

#include "collateral/qvl_status.h"
#include "collateral/sgx_extension.h"
#include "crypto/certificate.h"

namespace quoted::collateral {

// Names by which clients tell the certificates of the SGX PKI apart (quote-generation 5.1).
inline constexpr std::string_view kRootCaCn = "Intel SGX Root CA";
inline constexpr std::string_view kPlatformCaCn = "Intel SGX PCK Platform CA";
inline constexpr std::string_view kProcessorCaCn = "Intel SGX PCK Processor CA";
inline constexpr std::string_view kTcbSigningCn = "Intel SGX TCB Signing";
inline constexpr std::string_view kPckCn = "Intel SGX PCK Certificate";

// Stands in the path of every CRL URL of a simulated PKI, where it breaks no client and shows in
// every tool that prints a certificate.
inline constexpr std::string_view kSimulatedMarker = "SIMULATED-NO-SECURITY";

// True when a CRL URL of the certificate carries the marker. A courtesy to people: trust hangs on
// the root key alone, never on this.
[[nodiscard]] bool is_marked_simulated(const crypto::Certificate& certificate);

class PckCertificate {
 public:
  // BadCertificate when the SGX extension is missing or malformed, or the key belongs to a CA.
  [[nodiscard]] static base::Result<PckCertificate> create(crypto::Certificate certificate);

  // What Intel's verifier takes for one, a CA included. PckInvalidExtensions when the SGX extension
  // or a field of it is missing, UnsupportedCertFormat when it is malformed.
  [[nodiscard]] static Judged<PckCertificate> judge(crypto::Certificate certificate);

  [[nodiscard]] const crypto::Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const SgxExtension& sgx() const { return sgx_; }

 private:
  PckCertificate(crypto::Certificate certificate, SgxExtension sgx)
      : certificate_(std::move(certificate)), sgx_(std::move(sgx)) {}
  crypto::Certificate certificate_;
  SgxExtension sgx_;
};

}  // namespace quoted::collateral
