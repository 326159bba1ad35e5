#include "service/supervisor.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "telemetry/names.h"

namespace quoted::service {

namespace event = telemetry::event;
using base::text;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

// The first restart is at once, because clients wait in the backlog; a front process that keeps
// crashing is given more and more time, and up after so many crashes within so long.
constexpr std::size_t kMaxCrashes = 5;
constexpr std::chrono::seconds kCrashWindow{10};
constexpr milliseconds kFirstPause{100};

milliseconds pause_before_restart(std::size_t recent_crashes) {
  return recent_crashes <= 1 ? milliseconds(0) : kFirstPause * (1U << (recent_crashes - 2));
}

void print_line(const std::string& line) {
  // Nobody may be reading; the log has it too.
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace

Supervisor::Supervisor(SupervisorOptions options, FrontMain front_main, telemetry::Logger& logger)
    : options_(std::move(options)),
      front_main_(std::move(front_main)),
      logger_(logger),
      certifier_(
          // In the child: the descriptors of signals are the supervisor's, the socket the front's.
          options_.certifier_main ? CertifierProcess::Main([this] {
            signals_.reset();
            socket_.reset();
            if (front_) front_->forget();
            return options_.certifier_main();
          })
                                  : CertifierProcess::Main(),
          logger) {}

base::Result<ExitCode> Supervisor::run() {
  QUOTED_CHECK(begin());
  while (state_ != State::kEnded) loop_once();
  return outcome_;
}

base::Status Supervisor::begin() {
  // Before anything exists that a signal could leave behind.
  QUOTED_TRY(SignalSet signals, SignalSet::block({SIGTERM, SIGINT, SIGHUP, SIGCHLD}));
  signals_ = std::move(signals);
  QUOTED_TRY(ListeningSocket socket, ListeningSocket::create(options_.socket, logger_));
  socket_ = std::move(socket);
  certifier_.start();
  auto started = start_front();
  if (!started) withdraw_socket();
  return started;
}

void Supervisor::loop_once() {
  wait_for_event();
  handle_signals();
  // Before the end of the process: what it reported explains how it ended.
  handle_report();
  handle_front_end();
  if (state_ != State::kEnded) certifier_.handle_end_and_time();
  handle_time();
}

void Supervisor::wait_for_event() {
  std::array<pollfd, 2> events = {
      pollfd{.fd = signals_->fd(), .events = POLLIN, .revents = 0},
      // Ignored by poll when negative: once it has reported, the end of the process is a signal.
      pollfd{.fd = state_ == State::kStarting ? front_->control().fd() : -1,
             .events = POLLIN,
             .revents = 0}};
  ::poll(events.data(), events.size(), poll_timeout());
}

int Supervisor::poll_timeout() const {
  const Time wake = std::min(state_ == State::kRestarting ? restart_at_ : kill_at_,
                             certifier_.next().value_or(Time::max()));
  if (wake == Time::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(wake - steady_clock::now());
  return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000));
}

base::Status Supervisor::start_front() {
  QUOTED_TRY(ChildProcess front, ChildProcess::start([this](const ControlChannel& control) {
               signals_.reset();
               certifier_.forget();
               return front_main_(socket_->fd(), control);
             }));
  front_ = std::move(front);
  state_ = State::kStarting;
  return {};
}

void Supervisor::handle_signals() {
  while (const auto signal = signals_->next()) {
    if (*signal == SIGTERM || *signal == SIGINT) {
      request_stop(*signal);
    } else if (*signal == SIGHUP) {
      logger_.info(event::kSignalIgnored, "there is no configuration to load again",
                   {{"signal", "SIGHUP"}});
    }
  }
}

void Supervisor::request_stop(int signal) {
  if (stop_requested_) return kill_front("a second signal arrived");
  stop_requested_ = true;
  kill_at_ = steady_clock::now() + options_.stop_patience;
  logger_.info(event::kStopping, "stopping in order; a second signal stops at once",
               {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  if (state_ == State::kServing) stop_front();
  // A front process that is starting stops when it serves: clients may wait in the backlog.
  if (state_ == State::kRestarting) end(ExitCode::kStopped);
}

void Supervisor::stop_front() {
  state_ = State::kStopping;
  withdraw_socket();
  front_->signal(SIGTERM);
}

// The files go first, so that whoever comes now finds nothing, or the next daemon's; then the
// backlog is closed, so that nobody connects who would not be accepted.
void Supervisor::withdraw_socket() {
  if (std::exchange(withdrawn_, true)) return;
  socket_->remove(options_.companions, logger_);
  socket_->refuse_connections();
}

void Supervisor::kill_front(std::string_view why) {
  kill_at_ = Time::max();
  if (!front_) return;
  logger_.error(event::kFrontKilled, "killing the front process",
                {{"reason", why}, {"pid", front_->pid()}});
  state_ = State::kStopping;
  front_->signal(SIGKILL);
}

void Supervisor::handle_report() {
  if (state_ != State::kStarting) return;
  const auto report = front_->control().receive();
  // Closed or broken: its end will be told by a signal.
  if (!report || !*report) return;
  if ((*report)->failure) {
    start_failure_ = (*report)->failure;
  } else {
    front_serves();
  }
}

void Supervisor::front_serves() {
  state_ = State::kServing;
  logger_.info(event::kServing, "serving",
               {{"socket", options_.socket.native()}, {"front_pid", front_->pid()}});
  if (!std::exchange(served_before_, true)) {
    print_line(text("quoted: serving ECDSA quotes on ", options_.socket.native(), " (",
                    options_.description, ", pid ", ::getpid(), ")\n"));
  }
  if (stop_requested_) stop_front();
}

void Supervisor::handle_front_end() {
  if (!front_) return;
  const auto status = front_->ended();
  if (!status) return;
  front_.reset();
  if (start_failure_) return end(base::fail(*start_failure_));
  if (state_ != State::kStopping) return front_crashed(*status);
  const bool in_order = status->exited_with(0);
  if (!in_order) {
    logger_.error(event::kFrontCrashed, "the front process did not stop in order",
                  {{"how", status->text()}});
  }
  end(in_order ? ExitCode::kStopped : ExitCode::kRuntimeFailure);
}

void Supervisor::front_crashed(const ExitStatus& status) {
  const Time now = steady_clock::now();
  crashes_.push_back(now);
  while (now - crashes_.front() > kCrashWindow) crashes_.pop_front();
  logger_.error(event::kFrontCrashed, "the front process ended unasked",
                {{"how", status.text()}, {"recent_crashes", crashes_.size()}});
  const bool give_up = crashes_.size() >= kMaxCrashes;
  if (give_up) {
    logger_.error(event::kFrontGaveUp, "too many crashes; not started again",
                  {{"recent_crashes", crashes_.size()}});
  }
  if (give_up || stop_requested_) return end(ExitCode::kRuntimeFailure);
  state_ = State::kRestarting;
  restart_at_ = now + pause_before_restart(crashes_.size());
}

void Supervisor::handle_time() {
  const Time now = steady_clock::now();
  if (state_ == State::kRestarting && now >= restart_at_) {
    if (auto started = start_front(); !started) {
      logger_.error(event::kFrontCrashed, "the front process cannot be started",
                    {{"reason", started.error().summary()}});
      end(ExitCode::kRuntimeFailure);
    }
  }
  if (now >= kill_at_) kill_front("it did not stop in time");
}

void Supervisor::end(base::Result<ExitCode> outcome) {
  certifier_.stop();
  withdraw_socket();
  state_ = State::kEnded;
  outcome_ = std::move(outcome);
  if (outcome_ && *outcome_ == ExitCode::kStopped) logger_.info(event::kStopped, "stopped");
}

}  // namespace quoted::service
