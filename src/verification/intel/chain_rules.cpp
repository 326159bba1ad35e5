#include "verification/intel/chain_rules.h"

#include <array>
#include <ctime>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::verification::intel {

using base::text;
using crypto::Certificate;
using crypto::Crl;

std::string label(const crypto::DistinguishedName& name) {
  constexpr std::size_t kMaxLabel = 120;
  const std::string& all = name.printable;
  return all.size() <= kMaxLabel ? text("'", all, "'")
                                 : text("'", all.substr(0, kMaxLabel), "...'");
}

std::string label(const Certificate& certificate) { return label(certificate.subject_name()); }

std::string utc(base::UnixTime time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  std::array<char, 32> buffer{};
  if (gmtime_r(&seconds, &parts) == nullptr) return text("second ", seconds);
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Finding issued(const Certificate& subject, const Certificate& issuer, QvlStatus status) {
  if (!subject.issuer_name().same_values(issuer.subject_name())) {
    return flaw(status, text(label(subject), " names another issuer than ", label(issuer)));
  }
  if (!issuer.has_p256_key() || !subject.signature_matches(issuer.public_key())) {
    return flaw(status, text(label(subject), " is not signed by the key of ", label(issuer)));
  }
  return std::string();
}

Finding self_signed(const Certificate& root) {
  return issued(root, root, QvlStatus::kRootCaInvalidIssuer);
}

Finding trusted(const Certificate& root, const Certificate* trusted_root, QvlStatus status) {
  if (!collateral::is_self_issued(*trusted_root)) {
    return flaw(QvlStatus::kTrustedRootCaInvalid,
                text("the trusted root ", label(*trusted_root), " did not issue itself"));
  }
  if (!base::equal(root.signature(), trusted_root->signature())) {
    return flaw(status, text(label(root), " is another certificate than the trusted root"));
  }
  return std::string();
}

Finding crl_of(const Crl& crl, const Certificate& issuer) {
  if (crl.issuer().printable != issuer.subject() ||
      !crl.issuer().same_values(issuer.subject_name())) {
    return flaw(QvlStatus::kCrlUnknownIssuer,
                text("the CRL of ", label(crl.issuer()), " is not one of ", label(issuer)));
  }
  if (!crl.has_authority_key_id()) {
    return flaw(QvlStatus::kCrlInvalidExtensions,
                text("the CRL of ", label(issuer), " lacks the authority key id"));
  }
  if (!issuer.has_p256_key() || !crl.signature_matches(issuer.public_key())) {
    return flaw(QvlStatus::kCrlInvalidSignature,
                text("the CRL is not signed by the key of ", label(issuer)));
  }
  return text(crl.revoked_count(), " revoked certificates");
}

Finding not_revoked(const Certificate& certificate, const Crl& crl, QvlStatus status) {
  if (crl.revokes(certificate.serial())) {
    return flaw(status,
                text(label(certificate), " with serial ", base::to_hex(certificate.serial()),
                     " is revoked by ", label(crl.issuer())));
  }
  return std::string();
}

Finding not_expired(std::initializer_list<const Certificate*> certificates, base::UnixTime at,
                    QvlStatus status) {
  for (const Certificate* const certificate : certificates) {
    if (at > certificate->not_after()) {
      return flaw(status, text(label(*certificate), " was valid until ",
                               utc(certificate->not_after()), ", the time is ", utc(at)));
    }
  }
  return std::string();
}

Finding current(const Crl& crl, std::string_view name, base::UnixTime at) {
  if (at < crl.this_update() || at > crl.next_update()) {
    return flaw(QvlStatus::kCrlExpired, text(name, " counts from ", utc(crl.this_update()), " to ",
                                             utc(crl.next_update()), ", the time is ", utc(at)));
  }
  return text(name, " until ", utc(crl.next_update()));
}

}  // namespace quoted::verification::intel
