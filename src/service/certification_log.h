// What happens to certification data, as lines of a log.
#pragma once

#include "certification/service.h"
#include "telemetry/log.h"

namespace quoted::service {

class CertificationLog final : public certification::ServiceObserver {
 public:
  explicit CertificationLog(telemetry::Logger& logger) : logger_(logger) {}

  void fetched(std::string_view source, std::string_view document) override;
  void failed(std::string_view source, std::string_view document,
              const base::Error& error) override;
  void cache_degraded(bool degraded, std::string_view why) override;
  void cache_damaged(std::string_view file, const base::Error& error) override;

 private:
  telemetry::Logger& logger_;
};

}  // namespace quoted::service
