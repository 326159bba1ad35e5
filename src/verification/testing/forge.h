// Forges quotes with all their collateral. Everything that a verifier looks at is a field, so that
// a test spoils exactly one thing before it is signed, or after; what is not touched is genuine.
// The default verifies in both modes.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "collateral/collateral.h"
#include "crypto/crl_builder.h"
#include "verification/verifier.h"

namespace quoted::verification::testing {

using Json = nlohmann::ordered_json;

// What is left of a certificate or CRL after an operation, signed anew by `issuer`.
using Surgery =
    std::function<base::Bytes(const base::Bytes& der, const crypto::P256PrivateKey& issuer)>;

// Both in hexadecimal digits, of one length; `find` stands once in the signed part.
[[nodiscard]] Surgery replacing(std::string_view find, std::string_view replacement);
// `oid` is the content of the OID in hexadecimal digits.
[[nodiscard]] Surgery without_extension(std::string_view oid);
// The RDNs of a certificate's issuer back to front: to Intel's verifier an equal name
// (quote-verification 3), as text another one.
[[nodiscard]] Surgery with_issuer_reversed();

// A key that no honest part of the PKI has.
[[nodiscard]] const crypto::P256PrivateKey& stranger();

struct CertificatePlan {
  crypto::CertificateSpec spec;
  crypto::P256PrivateKey key;     // the subject's
  crypto::P256PrivateKey issuer;  // signs
  Surgery surgery;

  // Another signature, and so another certificate, on each call.
  [[nodiscard]] base::Bytes der() const;
  [[nodiscard]] std::string pem() const;
};

struct CrlPlan {
  crypto::CrlSpec spec;
  crypto::P256PrivateKey issuer;
  Surgery surgery;

  void revoke(const CertificatePlan& certificate);
  [[nodiscard]] base::Bytes der() const;
};

// {"<member>":<body>,"signature":"..."}
struct DocumentPlan {
  std::string member;
  Json body;
  crypto::P256PrivateKey key;
  // From the compact body to the text that is signed, and to the text that stands in the document.
  std::function<std::string(const std::string&)> signed_form;
  std::function<std::string(const std::string&)> written_form;

  [[nodiscard]] std::string text() const;
};

// The certificates of one forgery, each issued once.
struct Pems {
  std::string root;
  std::string intermediate;
  std::string pck;
  std::string tcb_signer;
  std::string qe_signer;
};
using ChainPlan = std::function<std::string(const Pems&)>;

// What a verifier is given.
struct Forged {
  base::Bytes quote;
  collateral::Collateral collateral;
  std::vector<TrustedRoot> roots;
  base::UnixTime at;

  [[nodiscard]] Verdict verdict(const VerifyOptions& options) const;
  [[nodiscard]] Verdict verdict(Mode mode) const { return verdict(VerifyOptions{.mode = mode}); }
};

struct Forge {
  [[nodiscard]] static Forge sgx(std::uint16_t version = quote::kVersion3);
  // TD report 1.0 in version 4 or 5, or 1.5 in version 5; the TDX module is TDX_03 with SVN 4.
  [[nodiscard]] static Forge tdx10(std::uint16_t version = quote::kVersion4);
  [[nodiscard]] static Forge tdx15();

  CertificatePlan root;
  CertificatePlan intermediate;
  CertificatePlan pck;  // without its SGX extension, which is made of `sgx_extension`
  CertificatePlan tcb_signer;
  CertificatePlan qe_signer;
  collateral::SgxExtension sgx_extension;

  ChainPlan quote_chain;
  ChainPlan pck_crl_chain;
  ChainPlan tcb_chain;
  ChainPlan qe_chain;
  CrlPlan root_crl;
  CrlPlan pck_crl;
  DocumentPlan tcb_info;
  DocumentPlan qe_identity;

  // Signatures, QE report data and certification data are made by `make`.
  quote::Quote quote;
  crypto::P256PrivateKey attestation_key;
  crypto::P256PrivateKey qe_report_signer;
  std::optional<crypto::P256Point> attestation_point;  // stands in for the key's own
  std::function<void(sgx::ReportBody&)> after_binding;  // before the QE report is signed
  std::function<void(quote::Quote&)> after_signing;

  std::vector<TrustedRoot> roots;
  base::UnixTime at;
  std::function<void(Forged&)> afterwards;

  // The name of a CA, wherever it stands.
  void name_root(const std::string& common_name);
  void name_intermediate(const std::string& common_name);
  [[nodiscard]] quote::TdReport& td_report();
  [[nodiscard]] Json& level(std::size_t index) { return tcb_info.body["tcbLevels"][index]; }
  [[nodiscard]] Json& qe_level(std::size_t index) { return qe_identity.body["tcbLevels"][index]; }

  [[nodiscard]] Forged make() const;
};

// Sixteen {"svn":n} as TCB info of version 3 has them.
[[nodiscard]] Json component_array(const collateral::TcbComponents& components);

}  // namespace quoted::verification::testing
