#include "simulation/authority/certificate_store.h"

#include "base/file.h"
#include "base/text.h"

namespace quoted::simulation {
namespace {

constexpr std::size_t kMaxFileSize = std::size_t{64} * 1024;
constexpr mode_t kFileMode = 0644;

}  // namespace

std::filesystem::path CertificateStore::path_of(std::string_view name) const {
  return directory_ / base::text(name, ".pem");
}

std::optional<crypto::Certificate> CertificateStore::load(std::string_view name) const {
  // Whether a file exists in a directory closed to this user is not known: reading tells the
  // reason.
  std::error_code error;
  if (directory_.empty() || (!std::filesystem::exists(path_of(name), error) && !error)) {
    return std::nullopt;
  }
  auto certificate =
      base::read_file(path_of(name), kMaxFileSize).and_then([](const base::Bytes& content) {
        return crypto::Certificate::parse_pem(base::as_text(content));
      });
  if (!certificate) {
    report_replaced(name, certificate.error().message());
    return std::nullopt;
  }
  return *certificate;
}

void CertificateStore::save(std::string_view name, const crypto::Certificate& certificate) const {
  std::error_code ignored;
  if (directory_.empty() ||
      (saving_ == Saving::kOnlyAdd && std::filesystem::exists(path_of(name), ignored))) {
    return;
  }
  const std::string pem = certificate.pem();
  const auto saved = base::write_file(path_of(name), base::as_bytes(pem), kFileMode, true);
  if (!saved) {
    notice_(base::text("the certificate is not kept and will be issued again at the next start: ",
                       saved.error().message()));
  }
}

void CertificateStore::report_replaced(std::string_view name, std::string_view why) const {
  notice_(base::text("stored certificate ", path_of(name).string(), " is issued again: ", why));
}

}  // namespace quoted::simulation
