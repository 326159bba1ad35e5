// A simulated platform with what keeps it going, on a thread of its own: it asks the certifier
// process for PCK certificates, follows updates of the node, and publishes what clients and people
// find beside the socket. Nothing that makes quotes waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "quoting/simulated_platform.h"
#include "service/certification_link.h"
#include "service/status_file.h"
#include "telemetry/log.h"

namespace quoted::service {

struct MaintenanceOptions {
  std::filesystem::path published_cpu;
  std::filesystem::path status_file;
  // What lets applications on this node quote in their own process; empty: not written.
  std::filesystem::path provision{};
  // Of the node; null where nobody counts it.
  std::shared_ptr<const simulation::EpcLedger> epc{};
  // How the platform makes itself known; empty when it is not certified from outside.
  base::Bytes platform_manifest;
  // So long the start waits for the first answer of the certifier: out of its cache it comes at
  // once, and clients in the backlog then meet a daemon that can quote.
  std::chrono::milliseconds first_answer{2'000};
  // A certifier process that was started anew knows nothing of what was asked before: what it has
  // not answered is asked again, and it is reminded of the rest.
  std::chrono::milliseconds ask_again{5'000};
  std::chrono::milliseconds remind{30'000};
};

class MaintainedPlatform final : public quoting::Platform {
 public:
  // `to_certifier` is null for a platform that is certified in its own process. What is referred to
  // outlives the platform. FileUnwritable when the CPU cannot be published.
  [[nodiscard]] static base::Result<std::unique_ptr<MaintainedPlatform>> start(
      std::unique_ptr<quoting::SimulatedPlatform> platform, const CertificationLink* to_certifier,
      MaintenanceOptions options, const base::Clock& clock, telemetry::Logger& logger);
  ~MaintainedPlatform() override;

  // Ends the thread: nothing is published and nobody is asked any more.
  void prepare_to_stop() override;

  [[nodiscard]] std::shared_ptr<const quoting::PlatformSnapshot> snapshot() const override {
    return platform_->snapshot();
  }
  void quote(const quoting::QuoteRequest& request, quoting::Deadline deadline,
             quoting::QuoteCompletion done) override {
    platform_->quote(request, deadline, std::move(done));
  }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Asked {
    simulation::NodeLevel level;
    CertificationWish wish;
    SteadyTime at;
    bool answered = false;
  };

  MaintainedPlatform(std::unique_ptr<quoting::SimulatedPlatform> platform,
                     const CertificationLink* to_certifier, MaintenanceOptions options,
                     const base::Clock& clock, telemetry::Logger& logger);

  void run();
  [[nodiscard]] bool wait_for_event();
  void ask();
  void ask_again();
  void handle_answers();
  void handle(const CertificationAnswer& answer);
  void follow_node();
  base::Status publish_machine();
  [[nodiscard]] std::optional<EpcStatus> epc_status() const;
  void tell_state();

  std::unique_ptr<quoting::SimulatedPlatform> platform_;
  const CertificationLink* to_certifier_;
  MaintenanceOptions options_;
  const base::Clock& clock_;
  telemetry::Logger& logger_;

  std::map<std::uint32_t, Asked> asked_;
  // Not those of a front process before, whose answers may still be under way.
  std::uint32_t next_id_ = 0;
  std::optional<CertificationAnswer::Certificate> in_use_;
  std::string fmspc_;  // of the certificate in use
  std::string last_node_trouble_;
  std::string last_told_;
  bool status_trouble_ = false;
  quoting::CertificationState last_state_ = quoting::CertificationState::kStarting;
  base::UnixTime since_;

  std::mutex mutex_;  // of the two below
  std::condition_variable settled_changed_;
  bool settled_ = false;

  base::UniqueFd stop_;  // an eventfd
  std::thread thread_;
};

}  // namespace quoted::service
