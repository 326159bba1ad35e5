#include "certification/document_check.h"

#include <algorithm>

#include "base/text.h"
#include "certification/issuer_chain.h"
#include "collateral/qe_identity.h"
#include "verification/intel/chain_rules.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using crypto::Certificate;
using verification::TrustedRoot;
using verification::intel::label;
using verification::intel::utc;

base::Bytes big_endian(std::uint32_t number) {
  base::Bytes out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto digit = static_cast<std::byte>((number >> shift) & 0xFFU);
    if (!out.empty() || digit != std::byte{0}) out.push_back(digit);
  }
  return out;
}

bool less(const base::Bytes& a, const base::Bytes& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

void add_window(DocumentFacts& facts, base::UnixTime from, base::UnixTime until) {
  facts.valid_from = std::max(facts.valid_from, from);
  facts.valid_until = std::min(facts.valid_until, until);
}

// Facts of a document that counts from `from` to `until`, as long as all of `chain` do.
DocumentFacts facts_of(const IssuerChain& chain, base::UnixTime from, base::UnixTime until) {
  DocumentFacts out;
  out.valid_from = from;
  out.valid_until = until;
  out.root_key = chain.root.public_key().point();
  out.issuers = {chain.issuer, chain.root};
  for (const Certificate& certificate : out.issuers) {
    add_window(out, certificate.not_before(), certificate.not_after());
  }
  return out;
}

Status check_dates(base::UnixTime from, base::UnixTime until, std::string_view what,
                   ErrorCode code) {
  if (from <= until) return {};
  return fail(code, text(what, " counts from ", utc(from), " to ", utc(until)));
}

template <class Signed>
Status check_signed(const Signed& document, const IssuerChain& chain, std::string_view what,
                    ErrorCode format, ErrorCode signature) {
  if (!document.laxities.empty()) {
    return fail(format, text(what, ": ", document.laxities.front().detail));
  }
  QUOTED_CHECK(check_dates(document.issue_date, document.next_update, what, format));
  if (!document.document.signed_exactly(chain.issuer.public_key())) {
    return fail(signature, text(what, " is not signed by the key of ", label(chain.issuer)));
  }
  return {};
}

template <class Signed>
DocumentFacts facts_of_signed(const Signed& document, const IssuerChain& chain) {
  DocumentFacts out = facts_of(chain, document.issue_date, document.next_update);
  out.edition = {big_endian(document.evaluation_number), document.issue_date};
  return out;
}

Result<crypto::Crl> parse_crl(const base::Bytes& der, std::string_view what) {
  auto crl = crypto::Crl::parse_der(der);
  if (!crl) return fail(std::move(crl).error().with_context(std::string(what)));
  // A delta CRL, or one for some reasons only, does not list all that is revoked.
  if (crl->trailing_bytes() != 0 || !crl->extensions_understood() || !crl->has_authority_key_id()) {
    return fail(ErrorCode::kCrlInvalid,
                text(what,
                     " has bytes behind it, no authority key id, or an extension that is not "
                     "understood"));
  }
  QUOTED_CHECK(check_dates(crl->this_update(), crl->next_update(), what, ErrorCode::kCrlInvalid));
  return *std::move(crl);
}

void take_crl(DocumentFacts& facts, crypto::Crl crl) {
  facts.edition = {base::to_bytes(crl.number()), crl.this_update()};
  facts.crl = std::move(crl);
}

struct Examination {
  const std::vector<TrustedRoot>& roots;
  const Document& document;
  std::string what;

  [[nodiscard]] Result<DocumentFacts> operator()(const PckCrlRequest& request) const {
    const auto role = request.ca == collateral::PckCa::kPlatform ? IssuerRole::kPlatformCa
                                                                 : IssuerRole::kProcessorCa;
    QUOTED_TRY(const IssuerChain chain,
               IssuerChain::parse(document.issuer_chain_pem, role, roots, what));
    QUOTED_TRY(crypto::Crl crl, parse_crl(document.body, what));
    if (const auto found = verification::intel::crl_of(crl, chain.issuer); !found) {
      return fail(ErrorCode::kCrlInvalid, text(what, ": ", found.error().detail));
    }
    DocumentFacts out = facts_of(chain, crl.this_update(), crl.next_update());
    out.ca = request.ca;
    take_crl(out, std::move(crl));
    return out;
  }

  // It comes alone; the root it is checked against is the one we trust.
  [[nodiscard]] Result<DocumentFacts> operator()(const RootCaCrlRequest& request) const {
    QUOTED_TRY(crypto::Crl crl, parse_crl(document.body, what));
    if (!crl.issuer().common_name.contains(collateral::kRootCaPhrase)) {
      return fail(ErrorCode::kCrlInvalid, text(what, " is that of ", label(crl.issuer())));
    }
    const auto signer = std::ranges::find_if(
        roots, [&](const TrustedRoot& root) { return crl.signature_matches(root.key); });
    if (signer == roots.end()) {
      return fail(ErrorCode::kCrlInvalid,
                  text(what, " is signed by none of the ", roots.size(), " trusted roots"));
    }
    if (request.root_key && signer->key.point() != *request.root_key) {
      return fail(ErrorCode::kCrlInvalid,
                  text(what, " is that of another trusted root, ", signer->name));
    }
    DocumentFacts out;
    out.valid_from = crl.this_update();
    out.valid_until = crl.next_update();
    out.root_key = signer->key.point();
    take_crl(out, std::move(crl));
    return out;
  }

  [[nodiscard]] Result<DocumentFacts> operator()(const TcbInfoRequest& request) const {
    QUOTED_TRY(const IssuerChain chain,
               IssuerChain::parse(document.issuer_chain_pem, IssuerRole::kTcbSigner, roots, what));
    const auto parsed = collateral::TcbInfo::parse(base::as_text(document.body));
    if (!parsed) {
      return fail(ErrorCode::kTcbInfoInvalid, text(what, ": ", parsed.error().detail));
    }
    QUOTED_CHECK(check_signed(*parsed, chain, what, ErrorCode::kTcbInfoInvalid,
                              ErrorCode::kTcbInfoSignatureInvalid));
    if (parsed->tee != request.tee || parsed->fmspc != request.fmspc) {
      return fail(
          ErrorCode::kCollateralMismatch,
          text("asked for ", what, ", got ", describe(TcbInfoRequest{parsed->tee, parsed->fmspc})));
    }
    return facts_of_signed(*parsed, chain);
  }

  [[nodiscard]] Result<DocumentFacts> operator()(const EnclaveIdentityRequest& request) const {
    QUOTED_TRY(const IssuerChain chain,
               IssuerChain::parse(document.issuer_chain_pem, IssuerRole::kTcbSigner, roots, what));
    const auto parsed = collateral::QeIdentity::parse(base::as_text(document.body));
    if (!parsed) {
      return fail(ErrorCode::kQeIdentityInvalid, text(what, ": ", parsed.error().detail));
    }
    QUOTED_CHECK(check_signed(*parsed, chain, what, ErrorCode::kQeIdentityInvalid,
                              ErrorCode::kQeIdentitySignatureInvalid));
    if (parsed->id != expected(request.id)) {
      return fail(ErrorCode::kCollateralMismatch,
                  text("asked for ", what, ", got that of the ",
                       collateral::enclave_identity_id_name(parsed->id)));
    }
    return facts_of_signed(*parsed, chain);
  }

 private:
  [[nodiscard]] static collateral::EnclaveIdentityId expected(EnclaveIdentity id) {
    switch (id) {
      case EnclaveIdentity::kTdQe:
        return collateral::EnclaveIdentityId::kTdQe;
      case EnclaveIdentity::kQve:
        return collateral::EnclaveIdentityId::kQve;
      case EnclaveIdentity::kQe:
        break;
    }
    return collateral::EnclaveIdentityId::kQe;
  }
};

const crypto::Crl* crl_for(const DocumentFacts* facts, const crypto::P256Point& root_key) {
  return facts != nullptr && facts->crl && facts->root_key == root_key ? &*facts->crl : nullptr;
}

Status check_unlisted(const Certificate& certificate, const crypto::Crl& crl,
                      std::string_view what) {
  const auto found =
      verification::intel::not_revoked(certificate, crl, collateral::QvlStatus::kPckRevoked);
  if (found) return {};
  return fail(ErrorCode::kCertificateRevoked, text(what, ": ", found.error().detail));
}

}  // namespace

bool is_older(const Edition& a, const Edition& b) {
  return less(a.number, b.number) || (a.number == b.number && a.issued < b.issued);
}

Result<DocumentFacts> DocumentCheck::examine(const DocumentRequest& request,
                                             const Document& document) const {
  return std::visit(Examination{roots_, document, describe(request)}, request);
}

Status check_current(const DocumentFacts& facts, std::string_view what, base::UnixTime at) {
  if (at > facts.valid_until) {
    return fail(ErrorCode::kCollateralExpired,
                text(what, " counts until ", utc(facts.valid_until), ", the time is ", utc(at)));
  }
  if (at + kSlowClock < facts.valid_from) {
    return fail(ErrorCode::kCollateralNotYetValid,
                text(what, " counts from ", utc(facts.valid_from), ", the time is ", utc(at)));
  }
  return {};
}

Status check_not_revoked(const DocumentFacts& facts, std::string_view what,
                         const DocumentFacts* root_crl, const DocumentFacts* pck_crl) {
  if (const crypto::Crl* const crl = crl_for(root_crl, facts.root_key)) {
    for (const Certificate& issuer : facts.issuers) {
      QUOTED_CHECK(check_unlisted(issuer, *crl, what));
    }
  }
  const crypto::Crl* const crl = crl_for(pck_crl, facts.root_key);
  if (crl != nullptr && facts.pck && pck_crl->ca == facts.ca) {
    return check_unlisted(facts.pck->certificate(), *crl, what);
  }
  return {};
}

Status check_no_rollback(const DocumentFacts& offered, const DocumentFacts& cached,
                         std::string_view what, base::UnixTime at) {
  if (offered.root_key != cached.root_key || !is_older(offered.edition, cached.edition) ||
      !check_current(cached, what, at)) {
    return {};
  }
  return fail(ErrorCode::kCollateralExpired,
              text(what, " of ", utc(offered.edition.issued), " is older than that of ",
                   utc(cached.edition.issued), " in the cache, or has a lower number"));
}

}  // namespace quoted::certification
