// One place that PCK certificates and collateral come from: a service in some dialect, or files.
// Nothing it answers is verified; that is for those who ask.
#pragma once

#include <string>

#include "base/result.h"
#include "certification/request_key.h"

namespace quoted::certification {

// Usable from many threads. Besides the codes named here every call gives those of http::Client,
// and ReplyNotUnderstood, NotACertificationService, ApiVersionRetired, ApiKeyRefused, SourceBusy or
// SourceFailed.
class Source {
 public:
  virtual ~Source() = default;

  // For logs and status, without secrets: "pccs https://pccs:8081/sgx/certification/v4/".
  [[nodiscard]] virtual std::string name() const = 0;

  // Where these are false the source is passed over, as if it did not exist.
  [[nodiscard]] virtual bool is_for_certificates() const { return true; }  // and registrations
  [[nodiscard]] virtual bool is_for_collateral() const { return true; }

  // The error that the calls below end with before any contact: it tells nothing of how the source
  // is.
  [[nodiscard]] virtual base::Status can_ask(const Request& /*request*/) const { return {}; }
  [[nodiscard]] virtual base::Status can_register(const Registration& /*platform*/) const {
    return {};
  }

  // PlatformUnknown or NoPckForTcb.
  [[nodiscard]] virtual base::Result<PckCertification> pck_certificate(
      const PckRequest& request) const = 0;

  // NotFoundAtSource.
  [[nodiscard]] virtual base::Result<Document> fetch(const DocumentRequest& request) const = 0;

  // NotFoundAtSource where the source takes no registrations.
  [[nodiscard]] virtual base::Status register_platform(const Registration& platform) const = 0;
};

}  // namespace quoted::certification
