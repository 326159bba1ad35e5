#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <list>

#include "aesm/transport.h"
#include "base/file.h"
#include "base/text.h"
#include "quotectl/output.h"
#include "quotectl/wire.h"
#include "recording/recording_file.h"
#include "recording/relay.h"
#include "service/listening_socket.h"
#include "service/signal_set.h"
#include "telemetry/log.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using recording::Event;
using recording::Side;
using Clock = std::chrono::steady_clock;

// Further clients wait in the backlog.
constexpr std::size_t kMaxConnections = 64;

// A daemon whose backlog is full keeps everybody waiting, so one wait for all is no loss.
constexpr std::chrono::seconds kConnectTimeout{5};

class Recorder {
 public:
  Recorder(const WireRecordOptions& options, service::ListeningSocket& listener,
           service::SignalSet& signals, recording::RecordingFile& file)
      : options_(options), listener_(listener), signals_(signals), file_(file) {}

  Status run() {
    while (!complete()) {
      QUOTED_TRY(const bool stopped, wait());
      if (stopped) return {};
      if (may_accept()) QUOTED_CHECK(accept());
      for (auto each = open_.begin(); each != open_.end();) {
        QUOTED_CHECK(each->relay.advance(witness(each->number)));
        each = each->relay.done() ? open_.erase(each) : std::next(each);
      }
    }
    return {};
  }

  [[nodiscard]] std::uint32_t connections() const { return accepted_; }

 private:
  struct Connection {
    std::uint32_t number;
    recording::Relay relay;
  };

  [[nodiscard]] bool enough() const { return options_.count && accepted_ >= *options_.count; }
  [[nodiscard]] bool complete() const { return enough() && open_.empty(); }
  [[nodiscard]] bool may_accept() const { return !enough() && open_.size() < kMaxConnections; }

  // True when a signal asks to stop.
  Result<bool> wait() {
    std::vector<pollfd> waits = {{.fd = signals_.fd(), .events = POLLIN, .revents = 0}};
    if (may_accept()) waits.push_back({.fd = listener_.fd(), .events = POLLIN, .revents = 0});
    for (const Connection& each : open_) each.relay.add_waits(waits);
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) {
      return fail(ErrorCode::kSocketFailure,
                  text("cannot wait for connections: ", base::errno_text(errno)));
    }
    return signals_.next().has_value();
  }

  Status accept() {
    base::UniqueFd client(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.valid()) {
      if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return {};
      return fail(ErrorCode::kSocketFailure,
                  text("cannot accept on ", options_.listen, ": ", base::errno_text(errno)));
    }
    const std::uint32_t number = ++accepted_;
    QUOTED_CHECK(write(number, Event::Kind::kOpen, Side::kClient, {}));
    auto daemon = aesm::connect(options_.socket, aesm::Deadline(kConnectTimeout));
    if (!daemon) {
      note(text("connection ", number, " is closed: ", daemon.error().summary()));
      return write(number, Event::Kind::kEnd, Side::kDaemon, {});
    }
    open_.push_back(
        {.number = number, .relay = recording::Relay(std::move(client), *std::move(daemon))});
    return {};
  }

  recording::Relay::Witness witness(std::uint32_t number) {
    return [this, number](Event::Kind kind, Side from, base::ByteView bytes) {
      return write(number, kind, from, bytes);
    };
  }

  Status write(std::uint32_t number, Event::Kind kind, Side from, base::ByteView bytes) {
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_);
    return file_.append({.connection = number,
                         .time_us = static_cast<std::uint64_t>(since.count()),
                         .kind = kind,
                         .from = from,
                         .bytes = base::to_bytes(bytes)});
  }

  const WireRecordOptions& options_;
  service::ListeningSocket& listener_;
  service::SignalSet& signals_;
  recording::RecordingFile& file_;
  const Clock::time_point start_ = Clock::now();
  std::list<Connection> open_;
  std::uint32_t accepted_ = 0;
};

// So that a wrong path is told to whoever starts the recorder and not to the first client.
Status check_daemon(const WireRecordOptions& options) {
  QUOTED_TRY(const base::UniqueFd connection,
             aesm::connect(options.socket, aesm::Deadline(kConnectTimeout)));
  return {};
}

}  // namespace

Result<ExitCode> record_wire(const WireRecordOptions& options) {
  QUOTED_CHECK(check_daemon(options));
  QUOTED_TRY(service::SignalSet signals, service::SignalSet::block({SIGINT, SIGTERM}));
  const telemetry::SystemLogClock clock;
  telemetry::Logger logger(
      {.level = telemetry::Level::kWarning, .format = telemetry::LogFormat::kText}, clock);
  QUOTED_TRY(auto listener, service::ListeningSocket::create(options.listen, logger));
  auto file = recording::RecordingFile::create(options.out);
  if (!file) {
    listener.remove({}, logger);
    return fail(std::move(file).error());
  }
  note(text("recording to ", options.out, ": clients of ", options.listen, " talk to ",
            options.socket));
  Recorder recorder(options, listener, signals, *file);
  const Status status = recorder.run();
  listener.remove({}, logger);
  if (!status) return fail(status.error());
  note(text(recorder.connections(), " connections recorded to ", options.out));
  return ExitCode::kSuccess;
}

}  // namespace quoted::quotectl
