#include "collateral/certificate_chain.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/pem.h"

namespace quoted::collateral {
namespace {

using base::text;
using crypto::Certificate;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
// No chain of the PKI has more than three; a hostile text shall not cost more.
constexpr std::size_t kMaxCertificates = 16;

struct RequiredExtension {
  std::string_view oid;
  std::string_view name;
};
constexpr std::array kRequiredExtensions{RequiredExtension{"2.5.29.35", "authority key id"},
                                         RequiredExtension{"2.5.29.31", "CRL distribution points"},
                                         RequiredExtension{"2.5.29.14", "subject key id"},
                                         RequiredExtension{"2.5.29.15", "key usage"},
                                         RequiredExtension{"2.5.29.19", "basic constraints"}};

// By how many certificates stand before the one that lacks an extension.
QvlStatus status_without_extension(std::size_t parsed_before, std::size_t blocks) {
  if (parsed_before == 0) return QvlStatus::kRootCaInvalidExtensions;
  if (parsed_before > 1) return QvlStatus::kPckInvalidExtensions;
  return blocks == 2 ? QvlStatus::kTcbSigningCertInvalidExtensions
                     : QvlStatus::kIntermediateCaInvalidExtensions;
}

// The last of `certificates` for which `test` holds, or null.
template <class Test>
const Certificate* last_of(const std::vector<Certificate>& certificates, Test test) {
  const auto found = std::find_if(certificates.rbegin(), certificates.rend(), test);
  return found == certificates.rend() ? nullptr : &*found;
}

}  // namespace

bool is_named(const Certificate& certificate, std::string_view phrase) {
  return certificate.subject_cn().find(phrase) != std::string::npos;
}

bool is_self_issued(const Certificate& certificate) {
  return certificate.subject_name().same_values(certificate.issuer_name());
}

std::vector<std::string_view> certificate_blocks(std::string_view all) {
  std::vector<std::string_view> out;
  if (all.find(kEnd) < all.find(kBegin)) return out;
  std::size_t at = 0;
  while (out.size() <= kMaxCertificates) {
    const std::size_t begin = all.find(kBegin, at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = all.find(kEnd, begin);
    if (end == std::string_view::npos) break;
    at = end + kEnd.size();
    out.push_back(all.substr(begin, at - begin));
  }
  return out;
}

Judged<Certificate> parse_certificate_block(std::string_view block, QvlStatus without_extension,
                                            CertificatePool& pool) {
  if (const Certificate* const known = pool.find(block)) return *known;
  if (block.size() > 2 * crypto::kMaxCertificateSize) {
    return flaw(QvlStatus::kUnsupportedCertFormat, "a PEM certificate is too large");
  }
  const auto der = crypto::decode_pem(block, "CERTIFICATE");
  if (!der) return flaw(QvlStatus::kUnsupportedCertFormat, der.error().message());
  auto certificate = Certificate::parse_der_leniently(*der);
  if (!certificate) return flaw(QvlStatus::kUnsupportedCertFormat, certificate.error().message());
  for (const RequiredExtension& required : kRequiredExtensions) {
    if (!certificate->extension(required.oid)) {
      return flaw(without_extension,
                  text("the certificate '", certificate->subject().substr(0, 120),
                       "' lacks the extension ", required.name));
    }
  }
  pool.add(block, *certificate);
  return *std::move(certificate);
}

Judged<CertificateChain> CertificateChain::parse(std::string_view all) {
  CertificatePool pool;
  return parse(all, pool);
}

Judged<CertificateChain> CertificateChain::parse(std::string_view all, CertificatePool& pool) {
  const std::vector<std::string_view> blocks = certificate_blocks(all);
  if (blocks.empty()) {
    return flaw(QvlStatus::kUnsupportedCertFormat, "there is no PEM certificate in the text");
  }
  if (blocks.size() > kMaxCertificates) {
    return flaw(QvlStatus::kUnsupportedCertFormat,
                text("more than ", kMaxCertificates, " certificates in one chain"));
  }
  std::vector<Certificate> certificates;
  for (const std::string_view block : blocks) {
    auto certificate = parse_certificate_block(
        block, status_without_extension(certificates.size(), blocks.size()), pool);
    if (!certificate) return tl::unexpected(std::move(certificate).error());
    certificates.push_back(*std::move(certificate));
  }
  return CertificateChain(std::move(certificates));
}

const Certificate* CertificateChain::root() const { return last_of(certificates_, is_self_issued); }

const Certificate* CertificateChain::intermediate() const {
  const auto found = std::ranges::find_if(certificates_, [](const Certificate& certificate) {
    return !is_self_issued(certificate) && is_named(certificate, kCaPhrase);
  });
  return found == certificates_.end() ? nullptr : &*found;
}

const Certificate* CertificateChain::pck() const {
  return last_of(certificates_,
                 [](const Certificate& certificate) { return is_named(certificate, kPckPhrase); });
}

const Certificate* CertificateChain::topmost() const {
  return last_of(certificates_, [this](const Certificate& certificate) {
    return std::ranges::none_of(certificates_, [&](const Certificate& other) {
      return &other != &certificate && other.issuer_name().same_values(certificate.subject_name());
    });
  });
}

}  // namespace quoted::collateral
