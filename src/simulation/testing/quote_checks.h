// What makes a quote genuine, checked with the crypto module alone (quote-generation 1.2).
#pragma once

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "quote/quote.h"
#include "simulation/simulated_enclave.h"

namespace quoted::simulation::test {

// The attestation key signed header and report body, the QE report vouches for that key, and the
// PCK key signed the QE report.
inline void expect_genuine(const quote::Quote& quote, const crypto::P256PublicKey& pck) {
  const auto attestation_key = crypto::P256PublicKey::create(quote.signature.attestation_key);
  ASSERT_TRUE(attestation_key) << attestation_key.error().summary();
  EXPECT_TRUE(attestation_key->verify(quote.signed_bytes(), quote.signature.quote_signature));
  const auto digest = crypto::sha256(
      {quote.signature.attestation_key.view(), base::ByteView(quote.authentication_data)});
  EXPECT_EQ(quote.signature.qe_report.report_data, digest_as_report_data(digest.value()));
  EXPECT_TRUE(pck.verify(base::struct_bytes(quote.signature.qe_report),
                         quote.signature.qe_report_signature));
}

// What the QE's REPORT for the application must say about `quote` (3.8).
[[nodiscard]] inline sgx::ReportData vouching_for_quote(const sgx::QuoteNonce& nonce,
                                                        base::ByteView quote) {
  return digest_as_report_data(crypto::sha256({nonce.view(), quote}).value());
}

}  // namespace quoted::simulation::test
