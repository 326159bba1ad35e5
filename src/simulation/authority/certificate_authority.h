// The simulated manufacturer's PKI: root, platform CA and processor CA with the PCK certificates
// and CRLs they issue, and the signer of TCB documents (quote-generation 5). Names and extensions
// are byte-exact because real clients check them; the root key differs, and every CRL URL carries
// SIMULATED-NO-SECURITY.
#pragma once

#include "collateral/pck_ca.h"
#include "collateral/pck_certificate.h"
#include "crypto/crl_builder.h"
#include "simulation/authority/certificate_store.h"
#include "simulation/authority/master_seed.h"

namespace quoted::simulation {

using collateral::PckCa;

// What a CRL says beyond who issued it.
struct CrlContent {
  base::UnixTime this_update;
  base::UnixTime next_update;
  std::uint32_t number = 1;
  std::vector<crypto::RevokedCertificate> revoked;
};

// The serial of the certificate that issue_pck makes for `platform`, in every period.
[[nodiscard]] base::Result<crypto::SerialNumber> pck_serial(
    const collateral::SgxExtension& platform, const MasterSeed& seed);

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

  // Signs TCB info and enclave identities; issued by the root.
  [[nodiscard]] const crypto::Certificate& tcb_signing() const { return tcb_signing_.certificate; }

  // The certificate of `key` for a platform at one TCB level.
  [[nodiscard]] base::Result<crypto::Certificate> issue_pck(
      const collateral::SgxExtension& platform, const crypto::P256PublicKey& key, PckCa by,
      const MasterSeed& seed, const CertificateStore& store) const;

  // PEM of leaf, CA and root, in the form of section 1.3.
  [[nodiscard]] std::string chain_pem(const crypto::Certificate& pck, PckCa by) const;

  // What verifiers need beside a CRL or signed document: PEM of its issuer and of the root.
  [[nodiscard]] std::string pck_issuer_chain_pem(PckCa which) const;
  [[nodiscard]] std::string tcb_issuer_chain_pem() const;

  // The DER. The root's revokes CAs and TCB signers, a CA's the PCK certificates it issued.
  [[nodiscard]] base::Result<base::Bytes> issue_root_crl(CrlContent content) const;
  [[nodiscard]] base::Result<base::Bytes> issue_pck_crl(PckCa by, CrlContent content) const;

  // ECDSA over the exact bytes of a document, by the TCB signing key.
  [[nodiscard]] base::Result<crypto::P256Signature> sign_tcb_document(
      base::ByteView document) const;

 private:
  struct Issuer {
    crypto::P256PrivateKey key;
    crypto::Certificate certificate;
  };
  // How the issuers differ (quote-generation 5.2).
  struct IssuerProfile {
    std::string_view name;  // in the store and in the derivation of keys
    std::string_view common_name;
    std::optional<long> ca_path_length;
    int years;  // of validity, for those that the root issues
  };
  CertificateAuthority(base::UnixTime period, Issuer root, Issuer platform, Issuer processor,
                       Issuer tcb_signing)
      : period_(period),
        root_(std::move(root)),
        platform_(std::move(platform)),
        processor_(std::move(processor)),
        tcb_signing_(std::move(tcb_signing)) {}

  [[nodiscard]] const Issuer& issuer(PckCa which) const {
    return which == PckCa::kPlatform ? platform_ : processor_;
  }
  [[nodiscard]] static base::Result<Issuer> create_issuer(const MasterSeed& seed,
                                                          const CertificateStore& store,
                                                          base::UnixTime period,
                                                          const IssuerProfile& profile,
                                                          const Issuer* root);
  [[nodiscard]] static base::Result<base::Bytes> issue_crl(const Issuer& issuer,
                                                           CrlContent content);

  base::UnixTime period_;
  Issuer root_;
  Issuer platform_;
  Issuer processor_;
  Issuer tcb_signing_;
};

}  // namespace quoted::simulation
