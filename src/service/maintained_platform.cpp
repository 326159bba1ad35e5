#include "service/maintained_platform.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "crypto/pem.h"
#include "crypto/random.h"
#include "telemetry/names.h"

namespace quoted::service {
namespace {

namespace event = telemetry::event;
using base::text;
using quoting::CertificationState;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick{500};
// Everybody who may use the socket may read it.
constexpr mode_t kPublishedMode = 0644;

simulation::PckCertification to_simulation(const certification::PckCertification& pck) {
  simulation::PckCertification out;
  out.tcb = {pck.cpu_svn, pck.pce_isv_svn};
  out.pce_info.isv_svn = pck.pce_isv_svn;
  out.chain_pem = pck.leaf_pem + pck.issuer_chain_pem;
  return out;
}

certification::PckRequest to_request(const simulation::PckQuery& query) {
  certification::PckRequest out;
  out.qe_id = query.qe_id;
  out.pce_id = query.pce_info.pce_id;
  out.cpu_svn = query.cpu_svn;
  out.pce_isv_svn = query.pce_info.isv_svn;
  out.encrypted_ppid = base::to_bytes(query.encrypted_ppid.view());
  return out;
}

std::string fmspc_of(const certification::PckCertification& pck) {
  const auto chain = crypto::parse_pem_chain(pck.leaf_pem);
  if (!chain || chain->empty()) return {};
  const auto leaf = collateral::PckCertificate::create(chain->front());
  return leaf ? leaf->sgx().fmspc.hex() : std::string();
}

}  // namespace

MaintainedPlatform::MaintainedPlatform(std::unique_ptr<quoting::SimulatedPlatform> platform,
                                       const CertificationLink* to_certifier,
                                       MaintenanceOptions options, const base::Clock& clock,
                                       telemetry::Logger& logger)
    : platform_(std::move(platform)),
      to_certifier_(to_certifier),
      options_(std::move(options)),
      clock_(clock),
      logger_(logger),
      since_(clock.now()) {}

base::Result<std::unique_ptr<MaintainedPlatform>> MaintainedPlatform::start(
    std::unique_ptr<quoting::SimulatedPlatform> platform, const CertificationLink* to_certifier,
    MaintenanceOptions options, const base::Clock& clock, telemetry::Logger& logger) {
  std::unique_ptr<MaintainedPlatform> out(
      new MaintainedPlatform(std::move(platform), to_certifier, std::move(options), clock, logger));
  out->stop_.reset(::eventfd(0, EFD_CLOEXEC));
  if (!out->stop_.valid()) {
    return base::fail(base::ErrorCode::kDescriptorsExhausted,
                      text("cannot make an event descriptor: ", base::errno_text(errno)));
  }
  QUOTED_CHECK(out->publish_machine());
  out->tell_state();
  out->thread_ = std::thread([&self = *out] { self.run(); });
  if (to_certifier != nullptr) {
    std::unique_lock lock(out->mutex_);
    out->settled_changed_.wait_for(lock, out->options_.first_answer, [&] { return out->settled_; });
  }
  return out;
}

MaintainedPlatform::~MaintainedPlatform() { prepare_to_stop(); }

void MaintainedPlatform::prepare_to_stop() {
  if (!thread_.joinable()) return;
  constexpr std::uint64_t kOne = 1;
  while (::write(stop_.get(), &kOne, sizeof kOne) < 0 && errno == EINTR) {
  }
  thread_.join();
}

void MaintainedPlatform::run() {
  // Answers to a front process before this one.
  handle_answers();
  std::array<std::byte, sizeof next_id_> random{};
  (void)crypto::fill_random(random);
  next_id_ = std::bit_cast<std::uint32_t>(random);
  ask();
  do {
    handle_answers();
    follow_node();
    ask_again();
    platform_->retire(steady_clock::now());
    tell_state();
  } while (wait_for_event());
}

// False when it is to stop.
bool MaintainedPlatform::wait_for_event() {
  std::array<pollfd, 2> events = {pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = to_certifier_ == nullptr ? -1 : to_certifier_->fd(),
                                         .events = POLLIN,
                                         .revents = 0}};
  ::poll(events.data(), events.size(), static_cast<int>(kTick.count()));
  return (events[0].revents & POLLIN) == 0;
}

// Of every level that is wanted and was not asked for yet; those that are not wanted any more are
// forgotten.
void MaintainedPlatform::ask() {
  if (to_certifier_ == nullptr) return;
  const auto queries = platform_->queries();
  std::erase_if(asked_, [&](const auto& one) {
    return std::ranges::none_of(queries, [&](const quoting::CertificationQuery& query) {
      return query.level == one.second.level;
    });
  });
  for (const quoting::CertificationQuery& query : queries) {
    const bool known = std::ranges::any_of(
        asked_, [&](const auto& one) { return one.second.level == query.level; });
    if (known) continue;
    const std::uint32_t id = next_id_++;
    CertificationWish wish{.id = id,
                           .registration = {.platform = to_request(query.pck),
                                            .platform_manifest = options_.platform_manifest}};
    to_certifier_->send(wish);
    asked_[id] = {.level = query.level, .wish = std::move(wish), .at = steady_clock::now()};
  }
  if (!platform_->newest_is_certified()) {
    platform_->set_state(
        CertificationState::kCertifying,
        base::Error(base::ErrorCode::kUncertified,
                    text("no PCK certificate for ", to_text(platform_->level()), " has come yet")));
  }
}

// The same wish under the same id: an answer that is on its way stays one.
void MaintainedPlatform::ask_again() {
  if (to_certifier_ == nullptr) return;
  const auto now = steady_clock::now();
  for (auto& [id, asked] : asked_) {
    if (now - asked.at < (asked.answered ? options_.remind : options_.ask_again)) continue;
    asked.at = now;
    to_certifier_->send(asked.wish);
  }
}

void MaintainedPlatform::handle_answers() {
  if (to_certifier_ == nullptr) return;
  while (true) {
    const auto received = to_certifier_->receive_answer();
    if (!received) {
      logger_.error(event::kCertifierFailed, received.error().summary());
      if (received.error().code() == base::ErrorCode::kPeerClosed) return;
      continue;
    }
    if (!*received) return;
    handle(**received);
  }
}

void MaintainedPlatform::handle(const CertificationAnswer& answer) {
  const auto asked = asked_.find(answer.id);
  if (asked == asked_.end()) return;
  asked->second.answered = true;
  const bool is_newest = asked->second.level == platform_->level();
  std::optional<base::Error> trouble = answer.failure;
  if (answer.certificate) {
    const auto changed =
        platform_->certify(asked->second.level, to_simulation(answer.certificate->pck));
    if (!changed) {
      trouble = changed.error();
    } else {
      if (is_newest || !in_use_) {
        in_use_ = answer.certificate;
        fmspc_ = fmspc_of(in_use_->pck);
      }
      if (*changed) {
        if (const auto published = publish_machine(); !published) {
          logger_.error(event::kPlatformNotice, published.error().summary());
        }
      }
    }
  }
  // Without the previous level the newest does as well.
  if (trouble && is_newest) {
    platform_->set_state(CertificationState::kUncertified, std::move(trouble));
  }
  const bool all_answered =
      std::ranges::all_of(asked_, [](const auto& one) { return one.second.answered; });
  if (!all_answered && !platform_->snapshot()->can_quote()) return;
  const std::scoped_lock lock(mutex_);
  settled_ = true;
  settled_changed_.notify_all();
}

void MaintainedPlatform::follow_node() {
  const auto changed = platform_->follow_node_state();
  if (!changed) {
    if (changed.error().summary() == last_node_trouble_) return;
    last_node_trouble_ = changed.error().summary();
    logger_.error(event::kNodeStateUnusable, last_node_trouble_);
    return;
  }
  last_node_trouble_.clear();
  if (!*changed) return;
  logger_.info(event::kNodeUpdated, "the SVNs of this node were changed",
               {{"node", to_text(platform_->level())}});
  if (to_certifier_ != nullptr) {
    ask();
  } else if (const auto published = publish_machine(); !published) {
    logger_.error(event::kPlatformNotice, published.error().summary());
  }
}

base::Status MaintainedPlatform::publish_machine() {
  QUOTED_CHECK(
      base::write_file(options_.published_cpu, platform_->published_cpu(), kPublishedMode));
  if (options_.provision.empty()) return {};
  QUOTED_TRY(const simulation::Provision provision, platform_->provision());
  return simulation::save_provision(options_.provision, provision);
}

// A hostile process can make any number of it; what is written is bounded.
std::optional<EpcStatus> MaintainedPlatform::epc_status() const {
  if (!options_.epc) return std::nullopt;
  const auto usage = options_.epc->usage();
  if (!usage) return std::nullopt;
  static constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto bounded = [](std::uint64_t value) {
    return static_cast<std::int64_t>(std::min(value, kMost));
  };
  EpcStatus out{.size = bounded(usage->size),
                .own = bounded(usage->own),
                .others = bounded(usage->others.size()),
                .others_bytes = bounded(usage->others_bytes),
                .largest = {}};
  for (const simulation::EpcUser& user : usage->others) {
    if (out.largest.size() == kMaxEpcProcesses) break;
    out.largest.push_back({.pid = user.pid, .bytes = bounded(user.bytes)});
  }
  return out;
}

void MaintainedPlatform::tell_state() {
  const auto snapshot = platform_->snapshot();
  if (snapshot->state != last_state_) since_ = clock_.now();
  ServiceStatus status{.version = QUOTED_VERSION,
                       .platform = "simulated",
                       .simulated = true,
                       .pid = ::getpid(),
                       .node = to_text(platform_->level()),
                       .state = std::string(certification_state_name(snapshot->state)),
                       .since = since_,
                       .reason = {},
                       .remedy = {},
                       .source = {},
                       .fetched = {},
                       .refresh_at = {},
                       .tcb = {},
                       .epc = epc_status()};
  if (snapshot->reason) {
    status.reason = text(snapshot->reason->entry().id, ": ", snapshot->reason->summary());
    status.remedy = snapshot->reason->entry().remedy;
  }
  if (in_use_) {
    status.source = in_use_->source;
    status.fetched = in_use_->fetched;
    status.refresh_at = in_use_->refresh_at;
    status.tcb = CertifiedTcb{.cpu_svn = in_use_->pck.cpu_svn.hex(),
                              .pce_isv_svn = in_use_->pck.pce_isv_svn,
                              .fmspc = fmspc_};
  }
  std::string content = format_status(status);
  if (content == last_told_) return;
  if (snapshot->state != last_state_ || (last_told_.empty() && !status_trouble_)) {
    const bool good = snapshot->state == CertificationState::kCertified;
    const bool bad = snapshot->state == CertificationState::kUncertified ||
                     snapshot->state == CertificationState::kStale;
    logger_.log(bad ? telemetry::Level::kWarning : telemetry::Level::kInfo,
                event::kCertificationState,
                good ? "quotes can be made" : status.reason.value_or("asking for a certificate"),
                {{"state", status.state},
                 {"source", status.source},
                 {"node", status.node},
                 {"remedy", status.remedy.value_or("")}});
  }
  last_state_ = snapshot->state;
  if (const auto written =
          base::write_file(options_.status_file, base::as_bytes(content), kPublishedMode);
      !written) {
    if (!std::exchange(status_trouble_, true)) {
      logger_.warning(event::kStatusNotWritten, written.error().summary());
    }
    return;
  }
  status_trouble_ = false;
  last_told_ = std::move(content);
}

}  // namespace quoted::service
