#include "simulation/authority/certificate_authority.h"

#include <optional>

#include "base/text.h"

namespace quoted::simulation {
namespace {

using base::Result;
using base::text;
using base::UnixTime;

constexpr int kFirstYear = 2025;
constexpr int kPeriodYears = 5;
constexpr int kCaYears = 15;
constexpr int kTcbSigningYears = 7;
constexpr int kPckYears = 7;

UnixTime start_of(int year) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::January / 1);
}

int year_of(UnixTime time) {
  return static_cast<int>(
      std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

// Fixed periods keep dates a function of the clock's year, so that a rebuilt state gives the same
// certificates, and a long-lived world never runs into an expired PCK certificate.
UnixTime period_of(UnixTime now) {
  const int years = std::max(0, year_of(now) - kFirstYear);
  return start_of(kFirstYear + years / kPeriodYears * kPeriodYears);
}

UnixTime end_of_2049() { return start_of(2050) - std::chrono::seconds(1); }

// ".invalid" can never be resolved (RFC 2606).
std::string crl_url(std::string_view file) {
  return text("https://simulated.invalid/", collateral::kSimulatedMarker, "/", file);
}

// First bits 01: positive, and 20 bytes long in DER as Intel's serials are.
template <class T>
T with_serial_form(T value) {
  std::byte& first = value.mutable_view()[0];
  first = (first & std::byte{0x3F}) | std::byte{0x40};
  return value;
}

bool is_what_spec_says(const crypto::Certificate& certificate, const crypto::CertificateSpec& spec,
                       const crypto::P256PublicKey& key, const crypto::P256PublicKey& issuer) {
  const auto extension =
      spec.extra ? certificate.extension(spec.extra->oid) : std::optional<base::ByteView>();
  return certificate.signed_by(issuer) && certificate.public_key().point() == key.point() &&
         certificate.subject_cn() == spec.subject_cn && certificate.issuer_cn() == spec.issuer_cn &&
         certificate.not_before() == spec.not_before && certificate.not_after() == spec.not_after &&
         base::equal(certificate.serial(), spec.serial.view()) &&
         (!spec.extra || (extension && base::equal(*extension, spec.extra->value)));
}

Result<crypto::Certificate> load_or_issue(const CertificateStore& store, std::string_view name,
                                          const crypto::CertificateSpec& spec,
                                          const crypto::P256PublicKey& key,
                                          const crypto::P256PrivateKey& issuer) {
  if (const auto stored = store.load(name)) {
    if (is_what_spec_says(*stored, spec, key, issuer.public_key())) return *stored;
    store.report_replaced(name, "it belongs to another seed, platform or period");
  }
  QUOTED_TRY(crypto::Certificate issued, crypto::issue_certificate(spec, key, issuer));
  store.save(name, issued);
  return issued;
}

std::string pck_name(const collateral::SgxExtension& platform) {
  return text("pck-", platform.ppid.hex(), "-", platform.cpu_svn.hex(), "-", platform.pce_svn);
}

}  // namespace

Result<crypto::SerialNumber> pck_serial(const collateral::SgxExtension& platform,
                                        const MasterSeed& seed) {
  QUOTED_TRY(const auto serial,
             seed.derive_value<crypto::SerialNumber>(text(pck_name(platform), " serial")));
  return with_serial_form(serial);
}

Result<CertificateAuthority::Issuer> CertificateAuthority::create_issuer(
    const MasterSeed& seed, const CertificateStore& store, UnixTime period,
    const IssuerProfile& profile, const Issuer* root) {
  QUOTED_TRY(crypto::P256PrivateKey key, seed.derive_p256_key(text(profile.name, " key")));
  QUOTED_TRY(auto key_id, seed.derive_value<crypto::KeyIdentifier>(text(profile.name, " key id")));
  key_id = with_serial_form(key_id);
  crypto::CertificateSpec spec;
  spec.subject_cn = profile.common_name;
  spec.issuer_cn = collateral::kRootCaCn;
  spec.ca_path_length = profile.ca_path_length;
  // An issuer's serial is its subject key id (quote-generation 5.2).
  QUOTED_TRY(spec.serial, crypto::SerialNumber::parse(key_id.view()));
  spec.subject_key_id = key_id;
  spec.crl_url = crl_url("IntelSGXRootCA.der");
  if (root == nullptr) {
    spec.authority_key_id = key_id;
    spec.not_before = start_of(kFirstYear);
    spec.not_after = end_of_2049();
  } else {
    QUOTED_TRY(spec.authority_key_id,
               crypto::KeyIdentifier::parse(root->certificate.subject_key_id()));
    spec.not_before = period;
    spec.not_after = std::min(start_of(year_of(period) + profile.years), end_of_2049());
  }
  QUOTED_TRY(crypto::Certificate certificate,
             load_or_issue(store, profile.name, spec, key.public_key(),
                           root == nullptr ? key : root->key));
  return Issuer{std::move(key), std::move(certificate)};
}

Result<CertificateAuthority> CertificateAuthority::create(const MasterSeed& seed, UnixTime now,
                                                          const CertificateStore& store) {
  const UnixTime period = period_of(now);
  const auto issuer = [&](const IssuerProfile& profile, const Issuer* by) {
    return create_issuer(seed, store, period, profile, by);
  };
  QUOTED_TRY(Issuer root, issuer({"root-ca", collateral::kRootCaCn, 1, 0}, nullptr));
  QUOTED_TRY(Issuer platform,
             issuer({"platform-ca", collateral::kPlatformCaCn, 0, kCaYears}, &root));
  QUOTED_TRY(Issuer processor,
             issuer({"processor-ca", collateral::kProcessorCaCn, 0, kCaYears}, &root));
  QUOTED_TRY(
      Issuer tcb_signing,
      issuer({"tcb-signing", collateral::kTcbSigningCn, std::nullopt, kTcbSigningYears}, &root));
  return CertificateAuthority(period, std::move(root), std::move(platform), std::move(processor),
                              std::move(tcb_signing));
}

Result<crypto::Certificate> CertificateAuthority::issue_pck(
    const collateral::SgxExtension& platform, const crypto::P256PublicKey& key, PckCa by,
    const MasterSeed& seed, const CertificateStore& store) const {
  const Issuer& ca = issuer(by);
  const std::string name = pck_name(platform);
  crypto::CertificateSpec spec;
  spec.subject_cn = collateral::kPckCn;
  spec.issuer_cn = ca.certificate.subject_cn();
  QUOTED_TRY(spec.serial, pck_serial(platform, seed));
  QUOTED_TRY(spec.subject_key_id, seed.derive_value<crypto::KeyIdentifier>(text(name, " key id")));
  QUOTED_TRY(spec.authority_key_id, crypto::KeyIdentifier::parse(ca.certificate.subject_key_id()));
  spec.not_before = period_;
  spec.not_after = std::min(start_of(year_of(period_) + kPckYears), end_of_2049());
  spec.crl_url = crl_url(by == PckCa::kPlatform ? "pckcrl?ca=platform&encoding=der"
                                                : "pckcrl?ca=processor&encoding=der");
  spec.extra =
      crypto::CertificateExtension{std::string(collateral::kSgxExtensionOid), platform.serialize()};
  return load_or_issue(store, name, spec, key, ca.key);
}

std::string CertificateAuthority::chain_pem(const crypto::Certificate& pck, PckCa by) const {
  return pck.pem() + pck_issuer_chain_pem(by);
}

std::string CertificateAuthority::pck_issuer_chain_pem(PckCa which) const {
  return ca(which).pem() + root().pem();
}

std::string CertificateAuthority::tcb_issuer_chain_pem() const {
  return tcb_signing().pem() + root().pem();
}

Result<base::Bytes> CertificateAuthority::issue_crl(const Issuer& issuer, CrlContent content) {
  crypto::CrlSpec spec;
  spec.issuer_cn = issuer.certificate.subject_cn();
  QUOTED_TRY(spec.authority_key_id,
             crypto::KeyIdentifier::parse(issuer.certificate.subject_key_id()));
  spec.this_update = content.this_update;
  spec.next_update = content.next_update;
  spec.number = content.number;
  spec.revoked = std::move(content.revoked);
  return crypto::issue_crl(spec, issuer.key);
}

Result<base::Bytes> CertificateAuthority::issue_root_crl(CrlContent content) const {
  return issue_crl(root_, std::move(content));
}

Result<base::Bytes> CertificateAuthority::issue_pck_crl(PckCa by, CrlContent content) const {
  return issue_crl(issuer(by), std::move(content));
}

Result<crypto::P256Signature> CertificateAuthority::sign_tcb_document(
    base::ByteView document) const {
  return tcb_signing_.key.sign(document);
}

}  // namespace quoted::simulation
