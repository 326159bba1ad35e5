// The whole front end against hostile clients: real sessions on socket pairs and one event loop
// that this thread turns by hand, before the simulated platform. The input is a script of what
// clients do, cut into pieces as it likes, of what becomes of the platform, and of time passing.
// FrontEndPeer judges what comes back; here it is judged when connections end.
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <list>
#include <memory>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "front_end_peer.h"
#include "front_end_platform.h"
#include "front_end_requests.h"
#include "fuzz.h"
#include "service/session.h"
#include "splitter.h"

using namespace quoted;

namespace {

using fuzz::require;

constexpr std::size_t kMaxConnections = 8;
constexpr int kMaxSteps = 200;

// Made once: what no input changes.
struct World {
  std::unique_ptr<quoting::SimulatedPlatform> platform;
  std::vector<base::Bytes> requests;
  base::UniqueFd nowhere{::open("/dev/null", O_WRONLY | O_CLOEXEC)};

  World() {
    quoting::SimulatedPlatformOptions options;
    options.now = base::UnixTime(std::chrono::seconds(1'750'000'000));
    options.notice = [](const std::string&) {};
    platform =
        quoting::SimulatedPlatform::create(simulation::MasterSeed::development(), options).value();
    requests = fuzz::genuine_requests(*platform);
  }
};

// Stands still, so that what is logged does not depend on the hour.
class StoppedClock final : public telemetry::LogClock {
 public:
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override { return {}; }
};

struct Connection {
  fuzz::FrontEndPeer peer;
  service::Session* session = nullptr;  // while it lives
  bool ended = false;
  bool excused = false;  // something other than the peer may have ended it
};

class Run {
 public:
  Run(const World& world, fuzz::Splitter script)
      : world_(world),
        script_(script),
        ending_(script_.last_byte()),
        platform_(*world.platform),
        logger_(log_options(world.nowhere.get(), script_.last_byte()), clock_),
        keep_running_(io_.get_executor()),
        port_(std::make_shared<service::LoopPort>(io_)),
        context_{.options = options_,
                 .platform = platform_,
                 .logger = logger_,
                 .io = io_,
                 .port = port_} {
    // On a loop that does not know its thread every quote comes as from another one.
    if ((script_.last_byte() & 1U) == 0) port_->open();
    connect(false);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { port_->close(); }

  void play() {
    for (int steps = 0; steps < kMaxSteps && !script_.empty(); ++steps) step();
    turn();
    end();
    for (const Connection& connection : connections_) require(connection.ended);
    port_->close();
    while (platform_.complete_one()) io_.poll();
  }

 private:
  enum class Action : std::uint8_t {
    kRequest,
    kRequestInPieces,
    kFrame,
    kBytes,
    kConnect,
    kHalfClose,
    kClose,
    kReading,
    kTimePasses,
    kDrain,
    kSlowPlatform,
    kCompleteQuote,
    kPlatformState,
    kCount,
  };

  static telemetry::LogOptions log_options(int fd, std::uint8_t choice) {
    telemetry::LogOptions out;
    out.fd = fd;
    out.level = (choice & 1U) != 0 ? telemetry::Level::kError : telemetry::Level::kDebug;
    out.format = (choice & 2U) != 0 ? telemetry::LogFormat::kText : telemetry::LogFormat::kJson;
    return out;
  }

  void step() {
    const std::uint8_t what = script_.byte();
    const std::uint8_t how = script_.byte();
    auto& connection = *std::next(connections_.begin(),
                                  static_cast<std::ptrdiff_t>((how & 7U) % connections_.size()));
    act(static_cast<Action>(what % static_cast<std::uint8_t>(Action::kCount)), connection, how);
    const bool goes_on_at_once = (how & 0x80U) != 0;
    if (!goes_on_at_once) turn();
  }

  void act(Action action, Connection& connection, std::uint8_t how) {
    fuzz::FrontEndPeer& peer = connection.peer;
    const bool choice = (how & 8U) != 0;
    switch (action) {
      case Action::kRequest:
        return peer.send(altered_request());
      case Action::kRequestInPieces:
        return send_in_pieces(peer);
      case Action::kFrame:
        return send_frame(peer, script_.take(script_.u16()));
      case Action::kBytes:
        return peer.send(script_.take(script_.u16()));
      case Action::kConnect:
        return connect(choice);
      case Action::kHalfClose:
        return peer.half_close();
      case Action::kClose:
        return peer.close();
      case Action::kReading:
        return peer.set_reading(choice);
      case Action::kTimePasses:
        return let_time_pass();
      case Action::kDrain:
        return drain();
      case Action::kSlowPlatform:
        return platform_.set_slow(choice);
      case Action::kCompleteQuote:
        return (void)platform_.complete_one();
      case Action::kPlatformState:
        return set_platform_state(script_.byte());
      case Action::kCount:
        return;
    }
  }

  // ---- What clients do

  void connect(bool with_small_buffer) {
    if (connections_.size() >= kMaxConnections) return;
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
    base::UniqueFd ours(ends[0]);
    base::UniqueFd theirs(ends[1]);
    if (with_small_buffer) {
      constexpr int kLeast = 1;
      ::setsockopt(theirs.get(), SOL_SOCKET, SO_SNDBUF, &kLeast, sizeof(kLeast));
    }
    const std::uint32_t quote_size = world_.platform->snapshot()->quote_size;
    Connection& connection = connections_.emplace_back(
        Connection{.peer = fuzz::FrontEndPeer(std::move(ours), quote_size)});
    boost::asio::co_spawn(io_, serve(connection, std::move(theirs)), boost::asio::detached);
  }

  base::Bytes altered_request() {
    base::Bytes frame = world_.requests[script_.byte() % world_.requests.size()];
    for (unsigned edits = script_.byte() % 4U; edits > 0; --edits) {
      const std::size_t at = script_.u16() % frame.size();
      frame[at] ^= static_cast<std::byte>(script_.byte());
    }
    return frame;
  }

  void send_in_pieces(fuzz::FrontEndPeer& peer) {
    const std::size_t piece = 1U + script_.byte();
    const base::Bytes frame = altered_request();
    for (base::ByteView rest = frame; !rest.empty();) {
      const base::ByteView now = rest.first(std::min(piece, rest.size()));
      peer.send(now);
      rest = rest.subspan(now.size());
      turn();
    }
  }

  static void send_frame(fuzz::FrontEndPeer& peer, base::ByteView body) {
    const auto prefix = aesm::encode_frame_prefix(static_cast<std::uint32_t>(body.size()));
    base::Bytes frame(prefix.begin(), prefix.end());
    base::append(frame, body);
    peer.send(frame);
  }

  // ---- What becomes of the service

  service::Awaitable<void> serve(Connection& connection, base::UniqueFd socket) {
    try {
      service::Session session(context_, std::move(socket), service::Peer{.uid = 1000});
      connection.session = &session;
      co_await session.run();
    } catch (...) {
      require(false);  // sessions fail by value
    }
    connection.session = nullptr;
    connection.ended = true;
  }

  void set_platform_state(std::uint8_t choice) {
    constexpr std::array kReasons{base::ErrorCode::kServiceUnavailable, base::ErrorCode::kInternal,
                                  base::ErrorCode::kAttestationKeyNotInitialized};
    if (choice % 4U == 3) return platform_.set_reason(std::nullopt);
    platform_.set_reason(base::Error(kReasons[choice % 4U], "for the sake of the test"));
  }

  void drain() {
    context_.draining = true;
    for_each_session([](service::Session& session) { session.draining_began(); });
  }

  // Every deadline passes. Who waits for the client is closed; who waits for a quote answers that
  // there is none, and goes on.
  void let_time_pass() {
    turn();
    std::vector<const Connection*> must_end;
    for (Connection& connection : connections_) {
      if (!connection.peer.awaits_answer()) must_end.push_back(&connection);
      connection.excused = true;
    }
    expire();
    turn();
    for (const Connection* connection : must_end) require(connection->ended);
    for (Connection& connection : connections_) connection.excused = connection.ended;
  }

  void expire() {
    for_each_session(
        [](service::Session& session) { session.end_wait_if_due(service::Session::Time::max()); });
  }

  // ---- The loop

  // Until nobody has anything left to do.
  void turn() {
    do {
      for (Connection& connection : connections_) connection.peer.receive();
    } while (io_.poll() > 0);
    if (platform_.busy()) return;
    for (Connection& connection : connections_) judge(connection);
  }

  void judge(Connection& connection) const {
    const fuzz::FrontEndPeer& peer = connection.peer;
    const bool read_all = peer.open() && peer.reading();
    if (context_.draining && !connection.ended && read_all) {
      require(!peer.answered() || !peer.idle());
    }
    const bool drained = context_.draining && (peer.answered() || !read_all);
    if (connection.ended && drained && !connection.excused) {
      require(!read_all || !peer.awaits_answer());
      connection.excused = true;
    }
    peer.judge_rest(connection.ended, connection.excused);
  }

  // Three ways in which all of it ends.
  void end() {
    switch (ending_ % 3U) {
      case 0:
        for (Connection& connection : connections_) connection.peer.close();
        while (platform_.complete_one()) turn();
        break;
      case 1:
        for (Connection& connection : connections_) connection.excused = true;
        for_each_session([](service::Session& session) { session.abandon(); });
        break;
      default:
        // One wait of each session ends each time, and no request waits more than twice: for its
        // quote, and to be taken.
        for (int left = kMaxWaits; any_session() && left > 0; --left) let_time_pass();
        break;
    }
    turn();
  }

  template <class Do>
  void for_each_session(const Do& act_on) {
    for (Connection& connection : connections_) {
      if (connection.session != nullptr) act_on(*connection.session);
    }
  }

  [[nodiscard]] bool any_session() const {
    return std::ranges::any_of(connections_,
                               [](const Connection& one) { return one.session != nullptr; });
  }

  // A step sends at most 64 KiB, and a request that waits has more than 512 bytes.
  static constexpr int kMaxWaits = 2 * kMaxSteps * 128;

  const World& world_;
  fuzz::Splitter script_;
  std::uint8_t ending_;
  fuzz::FrontEndPlatform platform_;
  StoppedClock clock_;
  telemetry::Logger logger_;
  service::ServerOptions options_;
  std::list<Connection> connections_;  // before io_, which owns the coroutines
  service::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_1};
  service::asio::executor_work_guard<service::Executor> keep_running_;
  std::shared_ptr<service::LoopPort> port_;
  service::SessionContext context_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  Run(world, fuzz::Splitter(fuzz::input(data, size))).play();
  return 0;
}
