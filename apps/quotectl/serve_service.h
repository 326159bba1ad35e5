// The verification service behind its HTTP interface: what each path answers. Thread-safe.
// docs/verification-service.md is the user's side.
#pragma once

#include <memory>
#include <mutex>

#include "http/router.h"
#include "quotectl/serve_collateral.h"
#include "quotectl/serve_metrics.h"
#include "quotectl/serve_request.h"
#include "verification/verifier.h"

namespace quoted::quotectl {

struct ServiceOptions {
  std::vector<std::string> collateral;  // directories and bundles
  verification::VerifyOptions verify{};
  bool allow_client_collateral = false;
  bool allow_client_time = false;
};

class VerificationService {
 public:
  // `metrics` and `logger` outlive the service. Has no collateral before the first load().
  VerificationService(ServiceOptions options, verification::TrustedRoot root, ServeMetrics& metrics,
                      telemetry::Logger& logger);

  // Reads all collateral and puts it in the place of what there was; on an error that stays.
  [[nodiscard]] base::Status load();

  // The paths of the interface; handlers refer to this object.
  [[nodiscard]] http::Router routes();

 private:
  struct Judgement {
    Outcome outcome;
    verification::Verdict verdict;
  };

  [[nodiscard]] http::Response verify(const http::Request& request);
  [[nodiscard]] http::Response ready() const;

  [[nodiscard]] base::Status check_allowed(const VerifyRequest& request) const;
  [[nodiscard]] Judgement judge(const VerifyRequest& request) const;
  void log_judged(const VerifyRequest& request, const Judgement& judgement,
                  std::chrono::duration<double> took) const;

  [[nodiscard]] std::shared_ptr<const CollateralSet> collateral() const;

  ServiceOptions options_;
  verification::Verifier verifier_;
  ServeMetrics& metrics_;
  telemetry::Logger& logger_;
  mutable std::mutex mutex_;
  std::shared_ptr<const CollateralSet> collateral_;
};

}  // namespace quoted::quotectl
