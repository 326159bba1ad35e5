#include "verification/testing/test_platform.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "quote/certification_data.h"
#include "quote/quote_builder.h"

namespace quoted::verification::testing {
namespace {

crypto::P256PrivateKey key(unsigned char seed) {
  return crypto::P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{seed}))
      .value();
}

crypto::CertificateSpec spec(std::string_view subject, std::string_view issuer, unsigned char id,
                             unsigned char issuer_id) {
  using namespace std::chrono_literals;
  crypto::CertificateSpec out;
  out.subject_cn = subject;
  out.issuer_cn = issuer;
  out.serial.mutable_view()[0] = std::byte{id};
  out.not_before = std::chrono::sys_days(2025y / 1 / 1);
  out.not_after = std::chrono::sys_days(2032y / 1 / 1);
  out.subject_key_id.mutable_view()[0] = std::byte{id};
  out.authority_key_id.mutable_view()[0] = std::byte{issuer_id};
  out.crl_url = "https://pcs.test/crl";
  return out;
}

}  // namespace

TestPlatform::TestPlatform()
    : root_key(key(1)),
      intermediate_key(key(2)),
      pck_key(key(3)),
      attestation_key(key(4)),
      root(spec(collateral::kRootCaCn, collateral::kRootCaCn, 1, 1)),
      intermediate(spec(collateral::kProcessorCaCn, collateral::kRootCaCn, 2, 1)),
      leaf(spec(collateral::kPckCn, collateral::kProcessorCaCn, 3, 2)),
      authentication_data(quote::kAuthenticationDataSize, std::byte{0xA0}) {
  root.ca_path_length = 1;
  intermediate.ca_path_length = 0;
  leaf.extra = {std::string(collateral::kSgxExtensionOid), collateral::SgxExtension().serialize()};
  body.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit, 3};
  qe_report.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit | sgx::flags::kProvisionKey,
                          3};
  qe_report.mr_signer.mutable_view()[0] = std::byte{0x5E};
}

crypto::Certificate TestPlatform::root_certificate() const {
  return crypto::issue_certificate(root, root_key.public_key(), root_key).value();
}

crypto::Certificate TestPlatform::intermediate_certificate() const {
  return crypto::issue_certificate(intermediate, intermediate_key.public_key(), root_key).value();
}

crypto::Certificate TestPlatform::leaf_certificate() const {
  return crypto::issue_certificate(leaf, pck_key.public_key(), intermediate_key).value();
}

std::string TestPlatform::chain() const {
  return leaf_certificate().pem() + intermediate_certificate().pem() + root_certificate().pem();
}

quote::Quote TestPlatform::quote(const std::string& pem) const {
  quote::Quote out;
  out.header.version = quote::kVersion3;
  out.header.attestation_key_type = quote::kKeyTypeEcdsaP256;
  out.header.qe_vendor_id = quote::intel_qe_vendor_id();
  out.body = body;
  out.signature.attestation_key = attestation_key.public_key().point();
  out.authentication_data = authentication_data;
  out.certification_type = static_cast<std::uint16_t>(quote::CertificationType::kPckChain);
  out.certification_data = quote::pck_chain_data(pem);

  const auto hash =
      crypto::sha256({out.signature.attestation_key.view(), out.authentication_data}).value();
  out.signature.qe_report = qe_report;
  std::ranges::copy(hash.view(), out.signature.qe_report.report_data.mutable_view().begin());
  out.signature.qe_report_signature =
      pck_key.sign(base::struct_bytes(out.signature.qe_report)).value();
  out.signature.quote_signature = attestation_key.sign(out.signed_bytes()).value();
  return out;
}

base::Bytes TestPlatform::quote_bytes() const { return quote_bytes(chain()); }

base::Bytes TestPlatform::quote_bytes(const std::string& pem) const {
  return quote::serialize(quote(pem)).value();
}

TrustedRoot TestPlatform::trusted_root() const { return {"test root", root_key.public_key()}; }

Verdict TestPlatform::verdict() const {
  return Verifier({trusted_root()}).verify(quote_bytes(), kNow);
}

base::ErrorCode refusal_code(const Verdict& verdict) {
  return verdict.refusal ? verdict.refusal->code() : base::ErrorCode::kInternal;
}

std::string outline(const Verdict& verdict) {
  constexpr std::array<std::string_view, 4> kNames{"passed", "warned", "failed", "not reached"};
  std::string out;
  for (const Check& check : verdict.checks) {
    out += base::text(out.empty() ? "" : "; ", check.name, " ",
                      kNames.at(static_cast<std::size_t>(check.outcome)));
  }
  return out;
}

}  // namespace quoted::verification::testing
