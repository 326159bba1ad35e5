// The three certificates of a quote and the rules they keep among themselves (quote-generation
// 5.1, 5.2, 5.5; quote-verification 3). Who the root is and when they are valid is not judged here.
#pragma once

#include <array>
#include <string_view>

#include "collateral/certificate_pool.h"
#include "collateral/pck_certificate.h"

namespace quoted::verification {

struct PckChain {
  collateral::PckCertificate pck;
  crypto::Certificate intermediate;
  crypto::Certificate root;

  // ChainInvalid unless these are a PCK certificate first, then its intermediate CA and the root CA
  // (some genuine quotes have these two the other way round), each issued by the next, the root by
  // itself, and each fit for its role. Stricter than Intel's library, which takes any order and
  // looks at neither CA flags nor key usage; genuine chains pass both.
  // Certificates that are in `pool` are taken from there.
  [[nodiscard]] static base::Result<PckChain> parse(std::string_view pem,
                                                    const collateral::CertificatePool& pool = {});

  [[nodiscard]] std::array<const crypto::Certificate*, 3> certificates() const {
    return {&pck.certificate(), &intermediate, &root};
  }
};

// The two certificates behind TCB info and QE identity: the root has the trusted key and issued the
// signer, and each is fit for its role. IssuerChainInvalid otherwise.
[[nodiscard]] base::Status check_issuer_chain(const crypto::Certificate& signer,
                                              const crypto::Certificate& root,
                                              const crypto::P256PublicKey& trusted_key);

// The same for the CA that issues PCK certificates and their CRL.
[[nodiscard]] base::Status check_ca_chain(const crypto::Certificate& ca,
                                          const crypto::Certificate& root,
                                          const crypto::P256PublicKey& trusted_key);

}  // namespace quoted::verification
