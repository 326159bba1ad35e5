#include "certification/pcs_source.h"

#include "certification/pck_offer.h"
#include "certification/replies.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

http::Headers with_key(http::Headers headers, const std::string& api_key) {
  if (!api_key.empty()) headers.push_back({"Ocp-Apim-Subscription-Key", api_key});
  return headers;
}

class PcsSource final : public Source {
 public:
  PcsSource(PcsOptions options, std::unique_ptr<http::Client> client)
      : targets_{options.url, HexCase::kUpper, options.update},
        selection_(options.selection),
        exchange_(std::move(client), options.url.origin(),
                  with_key(std::move(options.headers), options.api_key)) {}

  [[nodiscard]] std::string name() const override { return text("pcs ", targets_.url.base()); }

  [[nodiscard]] Status can_ask(const Request& request) const override {
    const auto* const pck = std::get_if<PckRequest>(&request);
    if (pck != nullptr && pck->encrypted_ppid.empty()) {
      return fail(ErrorCode::kPlatformUnknown,
                  text(name(),
                       " knows platforms by their encrypted PPID, which this one has not "
                       "given"));
    }
    const auto* const document = std::get_if<DocumentRequest>(&request);
    if (document != nullptr) {
      if (const auto* const root_crl = std::get_if<RootCaCrlRequest>(document)) {
        return split_url(root_crl->url).map([](const SplitUrl&) {});
      }
    }
    return targets_.check(request);
  }

  [[nodiscard]] Status can_register(const Registration& platform) const override {
    if (!platform.platform_manifest.empty()) return {};
    return fail(ErrorCode::kNotFoundAtSource,
                text(name(), " registers platforms by their manifest, which this one has not"));
  }

  [[nodiscard]] Result<PckCertification> pck_certificate(const PckRequest& request) const override {
    QUOTED_CHECK(can_ask(request));
    QUOTED_TRY(const Target target, targets_.pck_certificate(request, KnownBy::kEncryptedPpidOnly));
    if (selection_ == PckSelection::kLocal) return choose_among_all(request);
    auto given = exchange_.get(target, Wanted::kPckCertificate, read_pck_certification);
    if (given || given.error().code() != ErrorCode::kPlatformUnknown) return given;
    auto chosen = choose_among_all(request);
    if (chosen || chosen.error().code() == ErrorCode::kNoPckForTcb) return chosen;
    return given;
  }

  [[nodiscard]] Result<Document> fetch(const DocumentRequest& request) const override {
    return std::visit([this](const auto& one) { return fetch_one(one); }, request);
  }

  [[nodiscard]] Status register_platform(const Registration& platform) const override {
    QUOTED_CHECK(can_register(platform));
    const Target target(targets_.url.origin() + "/sgx/registration/v1/platform");
    return exchange_.post(target, {{"Content-Type", "application/octet-stream"}},
                          platform.platform_manifest, Wanted::kRegistration,
                          [](const http::ClientReply&) { return Status(); });
  }

 private:
  Result<PckCertification> choose_among_all(const PckRequest& request) const {
    Target target = targets_.at("pckcerts");
    target.with_hidden("encrypted_ppid", hex(request.encrypted_ppid, HexCase::kUpper))
        .with("pceid", number_hex(request.pce_id, HexCase::kUpper));
    QUOTED_TRY(const PckOffer offer,
               exchange_.get(target, Wanted::kPckCertificate, read_pck_offer));
    const sgx::Fmspc fmspc = offer.certificates.front().sgx().fmspc;
    QUOTED_TRY(const Document document, fetch_one(TcbInfoRequest{collateral::Tee::kSgx, fmspc}));
    const auto tcb_info = collateral::TcbInfo::parse(base::as_text(document.body));
    if (!tcb_info) {
      return fail(ErrorCode::kPckSelectionFailed,
                  text("the TCB info of FMSPC ", fmspc.hex(), ": ", tcb_info.error().detail));
    }
    return choose_pck(offer, request, *tcb_info);
  }

  [[nodiscard]] Result<Document> fetch_one(const PckCrlRequest& request) const {
    Target target = targets_.at("pckcrl");
    target.with("ca", collateral::pck_ca_name(request.ca)).with("encoding", "der");
    return exchange_.get(target, Wanted::kDocument, read_pck_crl);
  }

  [[nodiscard]] Result<Document> fetch_one(const RootCaCrlRequest& request) const {
    QUOTED_TRY(const SplitUrl named, split_url(request.url));
    const auto from = [this](std::string url) {
      return exchange_.get(Target(std::move(url)), Wanted::kDocument, read_root_ca_crl);
    };
    const std::string here = targets_.url.origin() + named.rest;
    if (targets_.url.is_intel() || here == request.url) return from(request.url);
    auto answer = from(here);
    if (answer) return answer;
    auto elsewhere = from(request.url);
    return elsewhere ? std::move(elsewhere) : std::move(answer);
  }

  [[nodiscard]] Result<Document> fetch_one(const TcbInfoRequest& request) const {
    QUOTED_TRY(const Target target, targets_.tcb_info(request));
    return exchange_.get(target, Wanted::kDocument, read_tcb_info);
  }

  [[nodiscard]] Result<Document> fetch_one(const EnclaveIdentityRequest& request) const {
    QUOTED_TRY(const Target target, targets_.enclave_identity(request));
    return exchange_.get(target, Wanted::kDocument, read_enclave_identity);
  }

  ApiTargets targets_;
  PckSelection selection_;
  Exchange exchange_;
};

}  // namespace

std::unique_ptr<Source> make_pcs_source(PcsOptions options, std::unique_ptr<http::Client> client) {
  return std::make_unique<PcsSource>(std::move(options), std::move(client));
}

}  // namespace quoted::certification
