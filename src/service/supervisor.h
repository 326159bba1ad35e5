// The process that people and service managers see: small and without threads, so that nothing a
// client sends can bring it down. It owns the socket, starts the front process that serves on it,
// starts it again when it crashes, and stops it in order.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "service/certifier_process.h"
#include "service/child_process.h"
#include "service/listening_socket.h"
#include "service/signal_set.h"
#include "telemetry/log.h"

namespace quoted::service {

// Of the program.
enum class ExitCode : int {
  kStopped = 0,  // asked to, and in order
  kRuntimeFailure = 1,
  kStartFailure = 3,  // configuration or environment: starting again will not help
};

struct SupervisorOptions {
  std::filesystem::path socket;
  // Files that the front process publishes; removed together with the socket.
  std::vector<std::filesystem::path> companions;
  // What serves, for the line that says so.
  std::string description;
  // Runs beside the front process, in a process of its own; none when empty. See run_certifier.
  std::function<int()> certifier_main{};
  // From the request to stop until the front process is killed; longer than it drains.
  std::chrono::milliseconds stop_patience{10'000};
};

class Supervisor {
 public:
  // What the front process does; see run_front.
  using FrontMain = std::function<int(int listening, const ControlChannel& to_supervisor)>;

  Supervisor(SupervisorOptions options, FrontMain front_main, telemetry::Logger& logger);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // From start to stop. SIGTERM or SIGINT stops; a second one kills. When the front process
  // serves for the first time, one line on stdout says so. An error is one of the start.
  [[nodiscard]] base::Result<ExitCode> run();

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t {
    kStarting,  // the front process runs, but has not reported
    kServing,
    kStopping,    // the front process drains
    kRestarting,  // it crashed; the next is started at restart_at_
    kEnded,       // outcome_ is set
  };

  [[nodiscard]] base::Status begin();
  void loop_once();
  void wait_for_event();
  [[nodiscard]] int poll_timeout() const;

  base::Status start_front();
  void handle_signals();
  void handle_report();
  void handle_front_end();
  void handle_time();

  void request_stop(int signal);
  void stop_front();
  void withdraw_socket();
  void kill_front(std::string_view why);
  void front_serves();
  void front_crashed(const ExitStatus& status);
  void end(base::Result<ExitCode> outcome);

  SupervisorOptions options_;
  FrontMain front_main_;
  telemetry::Logger& logger_;
  CertifierProcess certifier_;

  State state_ = State::kStarting;
  base::Result<ExitCode> outcome_ = ExitCode::kRuntimeFailure;
  std::optional<SignalSet> signals_;
  std::optional<ListeningSocket> socket_;
  std::optional<ChildProcess> front_;
  std::optional<base::Error> start_failure_;
  std::deque<Time> crashes_;
  Time restart_at_;
  Time kill_at_ = Time::max();
  bool stop_requested_ = false;
  bool served_before_ = false;
  bool withdrawn_ = false;
};

}  // namespace quoted::service
