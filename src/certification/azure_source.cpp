#include "certification/azure_source.h"

#include "certification/replies.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::string_view kPckVersion = "2021-07-22-preview";
constexpr std::string_view kCollateralVersion = "2018-10-01-preview";

// CRLs are asked for by Intel's address, lower-case and escaped, then escaped once more like any
// other value.
constexpr std::string_view kRootCrl =
    "https%3a%2f%2fcertificates.trustedservices.intel.com%2fintelsgxrootca.crl";
constexpr std::string_view kProcessorCrl =
    "https%3a%2f%2fcertificates.trustedservices.intel.com%2fintelsgxpckprocessor.crl";
constexpr std::string_view kPlatformCrl =
    "https%3a%2f%2fapi.trustedservices.intel.com%2fsgx%2fcertification%2fv3%2fpckcrl%3fca%"
    "3dplatform"
    "%26encoding%3dpem";

ServiceUrl with_version(const ServiceUrl& url) {
  if (url.base().ends_with("/v4/")) return url;
  // The base was accepted, and this adds nothing that could be refused.
  return ServiceUrl::parse(url.base() + "v4/").value_or(url);
}

// The service inside a VM answers nobody who does not send it: so no web page can be made to ask.
http::Headers with_metadata(http::Headers headers) {
  if (!http::find_header(headers, "metadata")) headers.push_back({"metadata", "true"});
  return headers;
}

class AzureSource final : public Source {
 public:
  AzureSource(AzureOptions options, std::unique_ptr<http::Client> client)
      : targets_{with_version(options.url), HexCase::kLower, TcbUpdate::kStandard},
        client_id_(std::move(options.client_id)),
        on_demand_(options.on_demand),
        exchange_(std::move(client), options.url.origin(),
                  with_metadata(std::move(options.headers))) {}

  [[nodiscard]] std::string name() const override { return text("azure ", targets_.url.base()); }

  [[nodiscard]] Status can_ask(const Request& request) const override {
    const bool without_ppid = std::holds_alternative<PckRequest>(request) && !on_demand_;
    return without_ppid ? Status() : targets_.check(request);
  }

  [[nodiscard]] Status can_register(const Registration&) const override {
    return fail(ErrorCode::kNotFoundAtSource, text(name(), " takes no registrations"));
  }

  [[nodiscard]] Result<PckCertification> pck_certificate(const PckRequest& request) const override {
    PckRequest sent = request;
    if (!on_demand_) sent.encrypted_ppid.clear();
    QUOTED_TRY(Target target, targets_.pck_certificate(sent, KnownBy::kQeIdToo));
    target.with("clientid", client_id_).with("api-version", kPckVersion);
    return exchange_.get(target, Wanted::kPckCertificate, read_pck_certification);
  }

  [[nodiscard]] Result<Document> fetch(const DocumentRequest& request) const override {
    return std::visit([this](const auto& one) { return fetch_one(one); }, request);
  }

  [[nodiscard]] Status register_platform(const Registration& platform) const override {
    return can_register(platform);
  }

 private:
  [[nodiscard]] Result<Document> fetch_one(const PckCrlRequest& request) const {
    return get(crl(request.ca == collateral::PckCa::kPlatform ? kPlatformCrl : kProcessorCrl),
               read_pck_crl);
  }

  [[nodiscard]] Result<Document> fetch_one(const RootCaCrlRequest&) const {
    return get(crl(kRootCrl), read_root_ca_crl);
  }

  [[nodiscard]] Result<Document> fetch_one(const TcbInfoRequest& request) const {
    QUOTED_TRY(Target target, targets_.tcb_info(request));
    return get(std::move(target), read_tcb_info);
  }

  [[nodiscard]] Result<Document> fetch_one(const EnclaveIdentityRequest& request) const {
    QUOTED_TRY(Target target, targets_.enclave_identity(request));
    return get(std::move(target), read_enclave_identity);
  }

  [[nodiscard]] Target crl(std::string_view escaped_address) const {
    Target target = targets_.at("pckcrl");
    target.with("uri", escaped_address);
    return target;
  }

  template <class Read>
  [[nodiscard]] Result<Document> get(Target target, const Read& read) const {
    target.with("clientid", client_id_).with("api-version", kCollateralVersion);
    return exchange_.get(target, Wanted::kDocument, read);
  }

  ApiTargets targets_;
  std::string client_id_;
  bool on_demand_;
  Exchange exchange_;
};

}  // namespace

std::unique_ptr<Source> make_azure_source(AzureOptions options,
                                          std::unique_ptr<http::Client> client) {
  return std::make_unique<AzureSource>(std::move(options), std::move(client));
}

}  // namespace quoted::certification
