#include "verification/testing/forge.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/testing/certificate_surgery.h"
#include "quote/certification_data.h"
#include "quote/quote_builder.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification::testing {
namespace {

using collateral::TcbComponents;
using crypto::P256PrivateKey;

constexpr auto kMonth = std::chrono::hours(30 * 24);
constexpr std::uint16_t kPceSvn = 11;
constexpr std::uint8_t kSvn = 5;
constexpr std::uint16_t kQeSvn = 8;

P256PrivateKey key(unsigned char seed) {
  return P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{seed})).value();
}

const TestPlatform& platform() {
  static const TestPlatform out;
  return out;
}

const P256PrivateKey& signer_key() {
  static const P256PrivateKey out = key(5);
  return out;
}

CertificatePlan signer(unsigned char serial) {
  crypto::CertificateSpec spec = platform().leaf;
  spec.subject_cn = "Intel SGX TCB Signing";
  spec.issuer_cn = platform().root.subject_cn;
  spec.serial.mutable_view()[0] = std::byte{serial};
  spec.subject_key_id.mutable_view()[0] = std::byte{serial};
  spec.authority_key_id = platform().root.subject_key_id;
  spec.extra.reset();
  return {spec, signer_key(), platform().root_key, nullptr};
}

CrlPlan crl(const crypto::CertificateSpec& issuer, const P256PrivateKey& issuer_key) {
  crypto::CrlSpec spec;
  spec.issuer_cn = issuer.subject_cn;
  spec.this_update = kNow - kMonth;
  spec.next_update = kNow + kMonth;
  spec.authority_key_id = issuer.subject_key_id;
  crypto::RevokedCertificate another;
  another.serial.mutable_view()[0] = std::byte{0x7A};
  another.date = kNow - kMonth;
  spec.revoked.push_back(another);
  return {spec, issuer_key, nullptr};
}

TcbComponents all(std::uint8_t svn) {
  TcbComponents out{};
  out.fill(svn);
  return out;
}

Json level(std::uint8_t svn, std::uint16_t pce_svn, std::string_view status, bool tdx) {
  Json tcb{{"sgxtcbcomponents", component_array(all(svn))}, {"pcesvn", pce_svn}};
  if (tdx) tcb["tdxtcbcomponents"] = component_array(all(svn));
  return {{"tcb", tcb}, {"tcbDate", "2025-01-01T00:00:00Z"}, {"tcbStatus", status}};
}

Json module_level(int isv_svn, std::string_view status) {
  return {
      {"tcb", {{"isvsvn", isv_svn}}}, {"tcbDate", "2025-01-01T00:00:00Z"}, {"tcbStatus", status}};
}

Json dates(Json before) {
  before["issueDate"] = "2025-06-01T00:00:00Z";
  before["nextUpdate"] = "2025-07-01T00:00:00Z";
  before["tcbEvaluationDataNumber"] = 17;
  return before;
}

Json tcb_info_body(bool tdx) {
  Json out = dates({{"id", tdx ? "TDX" : "SGX"}, {"version", 3}});
  out["fmspc"] = "00606A000000";
  out["pceId"] = "0000";
  out["tcbType"] = 0;
  if (tdx) {
    const Json module{{"mrsigner", std::string(96, '0')},
                      {"attributes", std::string(16, '0')},
                      {"attributesMask", std::string(16, 'F')}};
    out["tdxModule"] = module;
    Json identity = module;
    identity["id"] = "TDX_03";
    identity["mrsigner"] = std::string(96, '3');
    identity["tcbLevels"] = {module_level(4, "UpToDate"), module_level(2, "OutOfDate")};
    out["tdxModuleIdentities"] = Json::array({identity});
  }
  out["tcbLevels"] = {level(kSvn, kPceSvn, "UpToDate", tdx),
                      level(kSvn - 2, kPceSvn - 2, "OutOfDate", tdx)};
  return out;
}

Json qe_identity_body(bool tdx) {
  Json out = dates({{"id", tdx ? "TD_QE" : "QE"}, {"version", 2}});
  out["miscselect"] = "00000000";
  out["miscselectMask"] = "FFFFFFFF";
  out["attributes"] = "11000000000000000000000000000000";
  out["attributesMask"] = "FBFFFFFFFFFFFFFF0000000000000000";
  out["mrsigner"] = platform().qe_report.mr_signer.hex();
  out["isvprodid"] = 1;
  out["tcbLevels"] = {module_level(kQeSvn, "UpToDate"), module_level(kQeSvn - 2, "OutOfDate"),
                      module_level(kQeSvn - 4, "Revoked")};
  return out;
}

collateral::SgxExtension extension() {
  collateral::SgxExtension out;
  out.components = all(kSvn);
  out.pce_svn = kPceSvn;
  out.fmspc = sgx::Fmspc::parse_hex("00606A000000").value();
  return out;
}

quote::Quote unsigned_quote(std::uint16_t version, const quote::Body& body) {
  quote::Quote out;
  out.header.version = version;
  out.header.attestation_key_type = quote::kKeyTypeEcdsaP256;
  const bool sgx = std::holds_alternative<sgx::ReportBody>(body);
  out.header.tee_type = sgx ? quote::kTeeTypeSgx : quote::kTeeTypeTdx;
  out.header.qe_vendor_id = quote::intel_qe_vendor_id();
  out.body = body;
  out.signature.qe_report = platform().qe_report;
  out.signature.qe_report.isv_prod_id = 1;
  out.signature.qe_report.isv_svn = kQeSvn;
  out.authentication_data = platform().authentication_data;
  out.certification_type = static_cast<std::uint16_t>(quote::CertificationType::kPckChain);
  return out;
}

quote::TdReport default_td_report() {
  quote::TdReport out;
  std::ranges::fill(out.tee_tcb_svn.mutable_view(), std::byte{kSvn});
  // Both below the levels' components, which do not count for a module of a version.
  out.tee_tcb_svn.mutable_view()[0] = std::byte{4};
  out.tee_tcb_svn.mutable_view()[1] = std::byte{3};
  std::ranges::fill(out.mr_signer_seam.mutable_view(), std::byte{0x33});
  return out;
}

Forge forge(std::uint16_t version, const quote::Body& body) {
  const TestPlatform& own = platform();
  const bool tdx = !std::holds_alternative<sgx::ReportBody>(body);
  return Forge{
      .root = {own.root, own.root_key, own.root_key, nullptr},
      .intermediate = {own.intermediate, own.intermediate_key, own.root_key, nullptr},
      .pck = {own.leaf, own.pck_key, own.intermediate_key, nullptr},
      .tcb_signer = signer(4),
      .qe_signer = signer(5),
      .sgx_extension = extension(),
      .quote_chain = [](const Pems& p) { return p.pck + p.intermediate + p.root; },
      .pck_crl_chain = [](const Pems& p) { return p.intermediate + p.root; },
      .tcb_chain = [](const Pems& p) { return p.tcb_signer + p.root; },
      .qe_chain = [](const Pems& p) { return p.qe_signer + p.root; },
      .root_crl = crl(own.root, own.root_key),
      .pck_crl = crl(own.intermediate, own.intermediate_key),
      .tcb_info = {"tcbInfo", tcb_info_body(tdx), signer_key(), nullptr, nullptr},
      .qe_identity = {"enclaveIdentity", qe_identity_body(tdx), signer_key(), nullptr, nullptr},
      .quote = unsigned_quote(version, body),
      .attestation_key = own.attestation_key,
      .qe_report_signer = own.pck_key,
      .attestation_point = std::nullopt,
      .after_binding = nullptr,
      .after_signing = nullptr,
      .roots = {own.trusted_root()},
      .at = kNow,
      .afterwards = nullptr};
}

base::Bytes operated(const base::Bytes& der, const Surgery& surgery, const P256PrivateKey& issuer) {
  return surgery ? surgery(der, issuer) : der;
}

base::Bytes bytes_of(const std::string& text) { return base::to_bytes(base::as_bytes(text)); }

base::Bytes signed_quote(const Forge& plan, const std::string& chain) {
  quote::Quote out = plan.quote;
  out.certification_data = quote::pck_chain_data(chain);
  out.signature.attestation_key =
      plan.attestation_point.value_or(plan.attestation_key.public_key().point());
  const auto hash =
      crypto::sha256({out.signature.attestation_key.view(), out.authentication_data}).value();
  std::ranges::copy(hash.view(), out.signature.qe_report.report_data.mutable_view().begin());
  if (plan.after_binding) plan.after_binding(out.signature.qe_report);
  out.signature.qe_report_signature =
      plan.qe_report_signer.sign(base::struct_bytes(out.signature.qe_report)).value();
  out.signature.quote_signature = plan.attestation_key.sign(out.signed_bytes()).value();
  if (plan.after_signing) plan.after_signing(out);
  return quote::serialize(out).value();
}

}  // namespace

Surgery replacing(std::string_view find, std::string_view replacement) {
  return [from = base::from_hex(find).value(), to = base::from_hex(replacement).value()](
             const base::Bytes& der, const P256PrivateKey& issuer) {
    return crypto::testing::replace_and_sign(der, from, to, issuer);
  };
}

Surgery without_extension(std::string_view oid) {
  return [content = base::from_hex(oid).value()](const base::Bytes& der,
                                                 const P256PrivateKey& issuer) {
    return crypto::testing::drop_extension_and_sign(der, content, issuer);
  };
}

Surgery with_issuer_reversed() {
  return [](const base::Bytes& der, const P256PrivateKey& issuer) {
    namespace tag = crypto::der_tag;
    crypto::DerReader certificate(der);
    crypto::DerReader outer(certificate.next(tag::kSequence).value());
    crypto::DerReader fields(outer.next(tag::kSequence).value());
    for (int i = 0; i < 3; ++i) fields.next().value();  // version, serial, algorithm
    const base::ByteView name = fields.next(tag::kSequence).value();
    base::Bytes reversed;
    for (crypto::DerReader parts(name); !parts.at_end();) {
      const crypto::DerElement part = parts.next().value();
      const base::Bytes whole = crypto::der_element(part.tag, part.content);
      reversed.insert(reversed.begin(), whole.begin(), whole.end());
    }
    return crypto::testing::replace_and_sign(der, name, reversed, issuer);
  };
}

const P256PrivateKey& stranger() {
  static const P256PrivateKey out = key(0x66);
  return out;
}

base::Bytes CertificatePlan::der() const {
  const auto issued = crypto::issue_certificate(spec, key.public_key(), issuer);
  return operated(base::to_bytes(issued.value().der()), surgery, issuer);
}

std::string CertificatePlan::pem() const { return crypto::testing::pem_of(der()); }

void CrlPlan::revoke(const CertificatePlan& certificate) {
  spec.revoked.push_back({certificate.spec.serial, spec.this_update, std::nullopt});
}

base::Bytes CrlPlan::der() const {
  return operated(crypto::issue_crl(spec, issuer).value(), surgery, issuer);
}

std::string DocumentPlan::text() const {
  const std::string compact = body.dump();
  const auto formed = [&](const auto& form) { return form ? form(compact) : compact; };
  const crypto::P256Signature signature = key.sign(base::as_bytes(formed(signed_form))).value();
  return "{\"" + member + "\":" + formed(written_form) + ",\"signature\":\"" + signature.hex() +
         "\"}";
}

Verdict Forged::verdict(const VerifyOptions& options) const {
  return Verifier(roots).verify(quote, collateral::ParsedCollateral::parse(collateral), at,
                                options);
}

Forge Forge::sgx(std::uint16_t version) { return forge(version, platform().body); }

Forge Forge::tdx10(std::uint16_t version) { return forge(version, default_td_report()); }

Forge Forge::tdx15() {
  quote::TdReport15 report;
  report.base = default_td_report();
  report.tee_tcb_svn2 = report.base.tee_tcb_svn;
  return forge(quote::kVersion5, report);
}

void Forge::name_root(const std::string& common_name) {
  for (CertificatePlan* const issued : {&root, &intermediate, &tcb_signer, &qe_signer}) {
    issued->spec.issuer_cn = common_name;
  }
  root.spec.subject_cn = common_name;
  root_crl.spec.issuer_cn = common_name;
}

void Forge::name_intermediate(const std::string& common_name) {
  intermediate.spec.subject_cn = common_name;
  pck.spec.issuer_cn = common_name;
  pck_crl.spec.issuer_cn = common_name;
}

quote::TdReport& Forge::td_report() {
  if (auto* const extended = std::get_if<quote::TdReport15>(&quote.body)) return extended->base;
  return std::get<quote::TdReport>(quote.body);
}

Forged Forge::make() const {
  CertificatePlan leaf = pck;
  if (leaf.spec.extra) leaf.spec.extra->value = sgx_extension.serialize();
  const Pems pems{root.pem(), intermediate.pem(), leaf.pem(), tcb_signer.pem(), qe_signer.pem()};
  Forged out;
  out.quote = signed_quote(*this, quote_chain(pems));
  out.collateral.pck_crl_issuer_chain = bytes_of(pck_crl_chain(pems));
  out.collateral.root_ca_crl = root_crl.der();
  out.collateral.pck_crl = pck_crl.der();
  out.collateral.tcb_info_issuer_chain = bytes_of(tcb_chain(pems));
  out.collateral.tcb_info = bytes_of(tcb_info.text());
  out.collateral.qe_identity_issuer_chain = bytes_of(qe_chain(pems));
  out.collateral.qe_identity = bytes_of(qe_identity.text());
  out.roots = roots;
  out.at = at;
  if (afterwards) afterwards(out);
  return out;
}

Json component_array(const TcbComponents& components) {
  Json out = Json::array();
  for (const std::uint8_t svn : components) out.push_back({{"svn", svn}});
  return out;
}

}  // namespace quoted::verification::testing
