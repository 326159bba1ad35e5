#include "verification/intel/quote_chain.h"

#include "verification/pck_chain.h"

namespace quoted::verification::intel {
namespace {

using collateral::CertificateChain;
using collateral::CertificatePool;
using collateral::flaw;
using collateral::Judged;
using collateral::PckCertificate;
using collateral::QvlStatus;

Judged<CertificateChain> parse_chain(std::string_view pem, CertificatePool& pool) {
  auto chain = CertificateChain::parse(pem, pool);
  if (!chain) return chain;
  for (const crypto::Certificate& certificate : chain->certificates()) {
    if (!collateral::is_named(certificate, collateral::kPckPhrase)) continue;
    if (auto pck = PckCertificate::judge(certificate); !pck) {
      return tl::unexpected(std::move(pck).error());
    }
  }
  return chain;
}

Judged<PckCertificate> parse_pck(std::string_view pem, CertificatePool& pool) {
  Judged<crypto::Certificate> found =
      flaw(QvlStatus::kUnsupportedCertFormat, "there is no PCK certificate");
  bool first = true;
  for (const std::string_view block : collateral::certificate_blocks(pem)) {
    auto certificate =
        collateral::parse_certificate_block(block, QvlStatus::kUnsupportedCertFormat, pool);
    const bool named = certificate && collateral::is_named(*certificate, collateral::kPckPhrase);
    if (named || first) found = std::move(certificate);
    first = false;
  }
  if (!found) return tl::unexpected(std::move(found).error());
  return PckCertificate::judge(*std::move(found));
}

// What of `known` stands in the text: a copy, because a chain may outlive the collateral that it
// was first read with.
CertificatePool known_blocks(std::string_view pem, const CertificatePool& known) {
  CertificatePool out;
  for (const std::string_view block : collateral::certificate_blocks(pem)) {
    if (const auto* const certificate = known.find(block)) out.add(block, *certificate);
  }
  return out;
}

std::string_view without_nuls(std::string_view pem) {
  const std::size_t last = pem.find_last_not_of('\0');
  return pem.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_canonical_text(std::string_view all, const CertificateChain& chain) {
  constexpr std::size_t kCertificates = 3;
  if (chain.size() != kCertificates) return false;
  std::string expected;
  for (const crypto::Certificate& certificate : chain.certificates()) {
    expected += certificate.pem();
  }
  const std::string_view text = all.ends_with('\0') ? all.substr(0, all.size() - 1) : all;
  return text == expected || (expected.ends_with('\n') &&
                              text == std::string_view(expected).substr(0, expected.size() - 1));
}

}  // namespace

QuoteChain::QuoteChain(std::string pem, const CertificatePool& known)
    : pem_(std::move(pem)),
      pool_(known_blocks(pem_, known)),
      chain_(parse_chain(pem_, pool_)),
      pck_(parse_pck(pem_, pool_)) {}

const base::Status& QuoteChain::profile() const {
  std::call_once(profile_once_, [this] {
    auto strict = PckChain::parse(without_nuls(pem_), pool_);
    if (!strict) profile_ = tl::unexpected(std::move(strict).error());
  });
  return profile_;
}

bool QuoteChain::is_canonical() const {
  std::call_once(canonical_once_,
                 [this] { canonical_ = chain_ && pck_ && is_canonical_text(pem_, *chain_); });
  return canonical_;
}

}  // namespace quoted::verification::intel
