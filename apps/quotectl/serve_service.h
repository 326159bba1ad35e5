// The verification service behind its HTTP interface: what each path answers. Thread-safe.
// docs/verification-service.md is the user's side.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "appraisal/policy.h"
#include "http/router.h"
#include "quotectl/describe_sgx.h"
#include "quotectl/serve_collateral.h"
#include "quotectl/serve_metrics.h"
#include "quotectl/serve_request.h"
#include "verification/verifier.h"

namespace quoted::quotectl {

struct ServiceOptions {
  std::vector<std::string> collateral;  // directories and bundles
  std::optional<std::string> policy;    // a file
  verification::VerifyOptions verify{};
  bool allow_client_collateral = false;
  bool allow_client_time = false;
};

class VerificationService {
 public:
  // `metrics` and `logger` outlive the service. Has no collateral before the first load().
  VerificationService(ServiceOptions options, verification::TrustedRoot root, ServeMetrics& metrics,
                      telemetry::Logger& logger);

  // Reads all collateral and the policy and puts them in the place of what there was; on an error
  // that stays. Collateral that is no good under the trusted root is an error, unless it has only
  // expired.
  [[nodiscard]] base::Status load();

  // The paths of the interface; handlers refer to this object.
  [[nodiscard]] http::Router routes();

 private:
  struct Judgement {
    Outcome outcome;
    verification::Verdict verdict;
  };
  // What one request goes by, from its beginning to its end.
  struct Loaded {
    CollateralSet collateral{};
    std::optional<appraisal::Policy> policy{};
  };

  [[nodiscard]] http::Response verify(const http::Request& request);
  [[nodiscard]] http::Response ready() const;

  [[nodiscard]] base::Status check_allowed(const VerifyRequest& request) const;
  [[nodiscard]] base::Status check_collateral(const CollateralEntry& entry,
                                              base::UnixTime now) const;
  [[nodiscard]] Judgement judge(const VerifyRequest& request, const Loaded& loaded) const;
  // The answer; a policy that refuses changes the outcome.
  [[nodiscard]] Json answer(Judgement& judgement, const Loaded& loaded) const;
  void log_judged(const VerifyRequest& request, const Judgement& judgement,
                  std::chrono::duration<double> took) const;

  [[nodiscard]] std::shared_ptr<const Loaded> loaded() const;

  ServiceOptions options_;
  verification::Verifier verifier_;
  ServeMetrics& metrics_;
  telemetry::Logger& logger_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Loaded> loaded_;
};

}  // namespace quoted::quotectl
