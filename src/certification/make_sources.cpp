#include "base/file.h"
#include "certification/azure_source.h"
#include "certification/file_source.h"
#include "certification/pccs_source.h"
#include "certification/settings.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

// A source that is asked for one of the two things only.
class PartOfSource final : public Source {
 public:
  PartOfSource(std::unique_ptr<Source> whole, SourceUse use)
      : whole_(std::move(whole)), use_(use) {}

  [[nodiscard]] std::string name() const override { return whole_->name(); }
  [[nodiscard]] bool is_for_certificates() const override {
    return use_ == SourceUse::kCertificates && whole_->is_for_certificates();
  }
  [[nodiscard]] bool is_for_collateral() const override {
    return use_ == SourceUse::kCollateral && whole_->is_for_collateral();
  }

  [[nodiscard]] Status can_ask(const Request& request) const override {
    return whole_->can_ask(request);
  }
  [[nodiscard]] Status can_register(const Registration& platform) const override {
    return whole_->can_register(platform);
  }

  [[nodiscard]] Result<PckCertification> pck_certificate(const PckRequest& request) const override {
    return whole_->pck_certificate(request);
  }
  [[nodiscard]] Result<Document> fetch(const DocumentRequest& request) const override {
    return whole_->fetch(request);
  }
  [[nodiscard]] Status register_platform(const Registration& platform) const override {
    return whole_->register_platform(platform);
  }

 private:
  std::unique_ptr<Source> whole_;
  SourceUse use_;
};

// A key or token in a file: one line of printable characters, blanks around it dropped.
Result<std::string> read_secret(const std::filesystem::path& file) {
  constexpr std::size_t kMaxSecret = 4096;
  if (file.empty()) return std::string();
  QUOTED_TRY(const base::Bytes content, base::read_file(file, kMaxSecret));
  std::string_view secret = base::as_text(content);
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) {
    secret.remove_suffix(1);
  }
  const bool printable = std::ranges::all_of(secret, [](char c) { return c > ' ' && c <= '~'; });
  if (secret.empty() || !printable) {
    return fail(ErrorCode::kConfigurationInvalid,
                text(file.string(), " does not hold one line of printable characters"));
  }
  return std::string(secret);
}

http::ClientOptions client_options(const Settings& settings, const SourceSettings& source) {
  constexpr std::size_t kMaxReply = std::size_t{8} * 1024 * 1024;  // the largest CRL as text
  http::ClientOptions out;
  out.proxy = source.proxy;
  out.ca_file = source.ca_file;
  out.verify_tls = source.verify_tls;
  out.connect_deadline = settings.connect_deadline.value;
  out.total_deadline = settings.total_deadline.value;
  out.max_body_bytes = kMaxReply;
  return out;
}

Result<std::unique_ptr<Source>> make_whole(const Settings& settings, const SourceSettings& source,
                                           const WrapClient& wrap) {
  if (source.kind == SourceKind::kFiles) return make_file_source(source.path.string());
  if (!source.url) return fail(ErrorCode::kConfigurationInvalid, "the source has no address");
  QUOTED_TRY(std::unique_ptr<http::Client> client,
             http::make_client(client_options(settings, source)));
  if (wrap) client = wrap(std::move(client));
  QUOTED_TRY(std::string api_key, read_secret(source.api_key_file));
  QUOTED_TRY(std::string user_token, read_secret(source.user_token_file));
  if (source.kind == SourceKind::kPcs) {
    return make_pcs_source({.url = *source.url,
                            .headers = source.headers,
                            .api_key = std::move(api_key),
                            .update = source.update,
                            .selection = source.selection},
                           std::move(client));
  }
  if (source.kind == SourceKind::kAzure) {
    return make_azure_source({.url = *source.url,
                              .headers = source.headers,
                              .client_id = source.client_id,
                              .on_demand = source.on_demand},
                             std::move(client));
  }
  return make_pccs_source({.url = *source.url,
                           .headers = source.headers,
                           .pck_params = source.params,
                           .custom_parameter = source.custom_parameter,
                           .user_token = std::move(user_token),
                           .update = source.update},
                          std::move(client));
}

}  // namespace

Result<std::vector<std::unique_ptr<Source>>> make_sources(const Settings& settings,
                                                          const WrapClient& wrap) {
  std::vector<std::unique_ptr<Source>> out;
  for (const SourceSettings& one : settings.sources) {
    auto source = make_whole(settings, one, wrap);
    if (!source) {
      return fail(std::move(source).error().with_context(text("source ", one.origin)));
    }
    if (one.use != SourceUse::kEverything) {
      *source = std::make_unique<PartOfSource>(*std::move(source), one.use);
    }
    out.push_back(*std::move(source));
  }
  return out;
}

}  // namespace quoted::certification
