// What the verification service counts, and what it logs of its HTTP server.
#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <string>

#include "http/server.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "verification/verifier.h"

namespace quoted::quotectl {

enum class Outcome : std::uint8_t {
  kVerified,
  kVerifiedWithWarnings,
  kRefused,
  kRefusedByPolicy,  // though not by the verifier
  kNoCollateral,     // refused because none fits the platform
  kBadRequest,
  kForbidden,
};
inline constexpr std::size_t kOutcomeCount = 7;

// "verified_with_warnings"; the label of the metric.
[[nodiscard]] std::string_view outcome_name(Outcome outcome);

class ServeMetrics final : public http::ServerObserver {
 public:
  explicit ServeMetrics(telemetry::Logger& logger);

  void judged(Outcome outcome, std::chrono::duration<double> took);
  void reloaded(bool successful);
  // Asked for before the text, because the verifier counts for itself.
  void remembered(const verification::VerifierStatistics& now);
  void collateral_loaded(std::size_t sets, std::int64_t earliest_expiration);

  // Counts a request from here to the end of the object.
  class InFlight {
   public:
    explicit InFlight(telemetry::Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight() { gauge_.add(-1); }

   private:
    telemetry::Gauge& gauge_;
  };
  [[nodiscard]] InFlight in_flight() { return InFlight(in_flight_); }

  [[nodiscard]] std::string text() const { return metrics_.text(); }

  void connection_opened() override;
  void connection_closed() override;
  void rejected(http::Rejection why, const base::Error& error) override;
  void answered(unsigned status) override;
  void failed(std::string_view what, std::string_view reason) override;

 private:
  telemetry::Logger& logger_;
  telemetry::Metrics metrics_;
  std::array<telemetry::Counter*, kOutcomeCount> outcomes_{};
  std::array<telemetry::Counter*, http::kRejectionCount> rejections_{};
  std::array<telemetry::Counter*, 6> statuses_{};  // by the first digit
  telemetry::Histogram& seconds_;
  telemetry::Gauge& in_flight_;
  telemetry::Gauge& connections_;
  telemetry::Counter& connections_total_;
  telemetry::Counter& failures_;
  telemetry::Counter& reloads_;
  telemetry::Counter& failed_reloads_;
  telemetry::Gauge& known_qe_reports_;
  telemetry::Counter& known_;
  telemetry::Counter& unknown_;
  std::mutex remembered_mutex_;
  verification::CacheStatistics remembered_;  // as last told
  telemetry::Gauge& collateral_sets_;
  telemetry::Gauge& collateral_expires_;
};

}  // namespace quoted::quotectl
