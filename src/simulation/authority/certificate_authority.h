// The simulated manufacturer's PKI: root, platform CA and processor CA, and the PCK certificates
// they issue (quote-generation 5). Names and extensions are byte-exact because real clients check
// them; the root key differs, and every CRL URL carries SIMULATED-NO-SECURITY.
#pragma once

#include "collateral/pck_certificate.h"
#include "crypto/certificate_builder.h"
#include "simulation/authority/certificate_store.h"
#include "simulation/authority/master_seed.h"

namespace quoted::simulation {

enum class PckCa : std::uint8_t { kPlatform, kProcessor };

class CertificateAuthority {
 public:
  // Keys and serials derive from `seed`, dates from the five-year period of `now`. Certificates in
  // the store are served again when they are what this world would issue, else replaced.
  [[nodiscard]] static base::Result<CertificateAuthority> create(const MasterSeed& seed,
                                                                 base::UnixTime now,
                                                                 const CertificateStore& store);

  [[nodiscard]] const crypto::Certificate& root() const { return root_.certificate; }
  [[nodiscard]] const crypto::Certificate& ca(PckCa which) const {
    return issuer(which).certificate;
  }

  // The certificate of `key` for a platform at one TCB level.
  [[nodiscard]] base::Result<crypto::Certificate> issue_pck(
      const collateral::SgxExtension& platform, const crypto::P256PublicKey& key, PckCa by,
      const MasterSeed& seed, const CertificateStore& store) const;

  // PEM of leaf, CA and root, in the form of section 1.3.
  [[nodiscard]] std::string chain_pem(const crypto::Certificate& pck, PckCa by) const;

 private:
  struct Issuer {
    crypto::P256PrivateKey key;
    crypto::Certificate certificate;
  };
  CertificateAuthority(base::UnixTime period, Issuer root, Issuer platform, Issuer processor)
      : period_(period), root_(std::move(root)), platform_(std::move(platform)),
        processor_(std::move(processor)) {}

  [[nodiscard]] const Issuer& issuer(PckCa which) const {
    return which == PckCa::kPlatform ? platform_ : processor_;
  }
  [[nodiscard]] static base::Result<Issuer> create_issuer(const MasterSeed& seed,
                                                          const CertificateStore& store,
                                                          base::UnixTime period,
                                                          std::string_view name,
                                                          std::string_view common_name,
                                                          const Issuer* root);

  base::UnixTime period_;
  Issuer root_;
  Issuer platform_;
  Issuer processor_;
};

}  // namespace quoted::simulation
