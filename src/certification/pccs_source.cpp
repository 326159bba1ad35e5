#include "certification/pccs_source.h"

#include "base/base64.h"
#include "certification/replies.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

// Section 6.4. Only hexadecimal digits stand in it, so nothing needs escapes.
std::string registration_record(const Registration& registration) {
  const PckRequest& platform = registration.platform;
  const auto member = [](std::string_view name, const std::string& digits) {
    return text('"', name, "\":\"", digits, '"');
  };
  constexpr HexCase kCase = HexCase::kUpper;
  return text('{', member("qe_id", hex(platform.qe_id.view(), kCase)), ',',
              member("pce_id", number_hex(platform.pce_id, kCase)), ',',
              member("cpu_svn", hex(platform.cpu_svn.view(), kCase)), ',',
              member("pce_svn", number_hex(platform.pce_isv_svn, kCase)), ',',
              member("enc_ppid", hex(platform.encrypted_ppid, kCase)), ',',
              member("platform_manifest", hex(registration.platform_manifest, kCase)), '}');
}

// The service is there, but has no such route or gives something else on it.
bool lacks_route(ErrorCode code) {
  return code == ErrorCode::kNotFoundAtSource || code == ErrorCode::kNotACertificationService ||
         code == ErrorCode::kReplyNotUnderstood;
}

class PccsSource final : public Source {
 public:
  PccsSource(PccsOptions options, std::unique_ptr<http::Client> client)
      : targets_{options.url, HexCase::kUpper, options.update},
        pck_params_(std::move(options.pck_params)),
        custom_parameter_(base::to_base64(base::as_bytes(options.custom_parameter))),
        user_token_(std::move(options.user_token)),
        exchange_(std::move(client), options.url.origin(), std::move(options.headers)) {}

  [[nodiscard]] std::string name() const override { return text("pccs ", targets_.url.base()); }

  [[nodiscard]] Status can_ask(const Request& request) const override {
    return targets_.check(request);
  }

  [[nodiscard]] Status can_register(const Registration& platform) const override {
    return check_encrypted_ppid(platform.platform.encrypted_ppid);
  }

  [[nodiscard]] Result<PckCertification> pck_certificate(const PckRequest& request) const override {
    QUOTED_TRY(Target target, targets_.pck_certificate(request, KnownBy::kQeIdToo));
    for (const http::QueryParameter& param : pck_params_) {
      target.with_hidden(param.name, param.value);
    }
    return exchange_.get(target, Wanted::kPckCertificate, read_pck_certification);
  }

  [[nodiscard]] Result<Document> fetch(const DocumentRequest& request) const override {
    return std::visit([this](const auto& one) { return fetch_one(one); }, request);
  }

  [[nodiscard]] Status register_platform(const Registration& platform) const override {
    QUOTED_CHECK(can_register(platform));
    const std::string record = registration_record(platform);
    http::Headers headers = {{"Content-Type", "application/json"}};
    if (!user_token_.empty()) headers.push_back({"user-token", user_token_});
    Status registered =
        exchange_.post(targets_.at("platforms"), headers, base::to_bytes(base::as_bytes(record)),
                       Wanted::kRegistration, [](const http::ClientReply&) { return Status(); });
    if (!registered && user_token_.empty() &&
        registered.error().code() == ErrorCode::kApiKeyRefused) {
      return fail(
          std::move(registered)
              .error()
              .with_context(
                  "registrations need a token here, and none is configured (user_token_file)"));
    }
    return registered;
  }

 private:
  [[nodiscard]] Result<Document> fetch_one(const PckCrlRequest& request) const {
    Target target = targets_.at("pckcrl");
    target.with("ca", collateral::pck_ca_name(request.ca));
    return get(std::move(target), read_pck_crl);
  }

  // Newer services have the second form beside the first; offline ones may have one of them only.
  [[nodiscard]] Result<Document> fetch_one(const RootCaCrlRequest& request) const {
    auto own = get(targets_.at("rootcacrl"), read_root_ca_crl);
    if (own || !lacks_route(own.error().code())) return own;
    Target target = targets_.at("crl");
    target.with("uri", request.url);
    auto by_address = get(std::move(target), read_root_ca_crl);
    return by_address ? std::move(by_address) : std::move(own);
  }

  [[nodiscard]] Result<Document> fetch_one(const TcbInfoRequest& request) const {
    QUOTED_TRY(Target target, targets_.tcb_info(request));
    return get(std::move(target), read_tcb_info);
  }

  [[nodiscard]] Result<Document> fetch_one(const EnclaveIdentityRequest& request) const {
    QUOTED_TRY(Target target, targets_.enclave_identity(request));
    return get(std::move(target), read_enclave_identity);
  }

  template <class Read>
  [[nodiscard]] Result<Document> get(Target target, const Read& read) const {
    if (!custom_parameter_.empty()) target.with_hidden("customParameter", custom_parameter_);
    return exchange_.get(target, Wanted::kDocument, read);
  }

  ApiTargets targets_;
  std::vector<http::QueryParameter> pck_params_;
  std::string custom_parameter_;
  std::string user_token_;
  Exchange exchange_;
};

}  // namespace

std::unique_ptr<Source> make_pccs_source(PccsOptions options,
                                         std::unique_ptr<http::Client> client) {
  return std::make_unique<PccsSource>(std::move(options), std::move(client));
}

}  // namespace quoted::certification
