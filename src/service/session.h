// One connection: read a frame, decide, have the quote made, answer, and again, each step within
// its deadline. Lives on one event loop and is touched by that loop's thread alone. Private.
#pragma once

#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/unique_fd.h"
#include "quoting/platform.h"
#include "service/asio.h"
#include "service/frame_reader.h"
#include "service/loop_port.h"
#include "service/peer.h"
#include "service/server_options.h"
#include "telemetry/log.h"

namespace quoted::service {

// What the sessions of a loop share.
struct SessionContext {
  const ServerOptions& options;
  quoting::Platform& platform;
  telemetry::Logger& logger;
  asio::io_context& io;
  std::shared_ptr<LoopPort> port;
  // Set once the server stops: a connection that has got an answer and is idle then ends.
  bool draining = false;
};

using SessionHook = boost::intrusive::list_base_hook<
    boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class Session : public SessionHook {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Takes over the connection. Throws when the loop cannot watch it.
  Session(SessionContext& context, base::UniqueFd connection, const Peer& peer);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Ends when the connection is to be closed, which the destructor does.
  [[nodiscard]] Awaitable<void> run();

  [[nodiscard]] const Peer& peer() const { return peer_; }

  // Called by the loop while run() is suspended.
  void end_wait_if_due(Time now);  // the deadline may have passed
  void draining_began();
  void abandon();  // ends every wait from now on

 private:
  enum class Received : std::uint8_t { kBytes, kNothingYet, kEnd, kBroken };

  // A frame's body; none when the connection is to be closed without a word in the log.
  using NextFrame = base::Result<std::optional<base::ByteView>>;

  [[nodiscard]] Awaitable<NextFrame> next_frame();
  [[nodiscard]] Awaitable<base::Status> answer(base::ByteView body);
  [[nodiscard]] Awaitable<base::Result<quoting::QuoteOutput>> make_quote(const QuoteJob& job);
  [[nodiscard]] Awaitable<base::Status> send(base::ByteView frame);
  [[nodiscard]] Awaitable<void> wait(Descriptor::wait_type readiness);
  [[nodiscard]] Awaitable<void> let_others_run();

  Received receive();
  [[nodiscard]] NextFrame ended_by_peer(Received how) const;
  [[nodiscard]] NextFrame ended_by_deadline() const;
  [[nodiscard]] bool idle() const { return reader_.phase() == FrameReader::Phase::kEmpty; }
  [[nodiscard]] bool may_end_for_drain() const { return context_.draining && answered_ && idle(); }
  [[nodiscard]] bool out_of_time() const { return expired_ || abandoned_; }

  void allow_for_phase();
  void allow(std::chrono::milliseconds time);
  void wake();

  SessionContext& context_;
  Descriptor connection_;
  Peer peer_;
  Time deadline_ = Time::max();
  Timer* sleeper_ = nullptr;        // set while waiting for a quote
  std::string_view request_name_;   // of the request in progress
  std::optional<FrameReader::Phase> timed_phase_;  // the phase that deadline_ was set for
  bool expired_ = false;
  bool abandoned_ = false;
  bool answered_ = false;
  bool waited_ = false;  // since the last answer, so that other sessions had their turn
  FrameReader reader_;
};

}  // namespace quoted::service
