#include "service/certifier.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "crypto/pem.h"
#include "crypto/random.h"
#include "service/certification_log.h"
#include "service/supervisor.h"
#include "telemetry/names.h"

namespace quoted::service {
namespace {

namespace event = telemetry::event;
using base::ErrorCode;
using base::Result;
using base::text;
using certification::Freshness;
using certification::PckCertification;
using std::chrono::seconds;

// A node has one level of its SVNs, two while it is updated.
constexpr std::size_t kMaxWishes = 4;
constexpr seconds kFirstRetry{1};
constexpr seconds kLongestRetry{30};
constexpr seconds kLongestWait{60};
constexpr std::chrono::milliseconds kFirstWish{5'000};

// Doubles, and no two nodes that failed together ask together again.
seconds pause_after(unsigned failures) {
  const seconds base = std::min(kLongestRetry, kFirstRetry * (1U << std::min(failures, 10U)));
  std::array<std::byte, 1> random{};
  (void)crypto::fill_random(random);
  return seconds(base.count() / 2 + base.count() * std::to_integer<int>(random[0]) / 512 + 1);
}

}  // namespace

Certifier::Certifier(const CertificationLink& to_front, certification::Service& service,
                     const base::Clock& clock, telemetry::Logger& logger)
    : to_front_(to_front), service_(service), clock_(clock), logger_(logger) {}

bool Certifier::take_wishes() {
  while (true) {
    auto received = to_front_.receive_wish();
    if (!received) {
      logger_.error(event::kCertifierFailed, received.error().summary());
      // A closed link says so for ever; a message that is not one is gone.
      if (received.error().code() == ErrorCode::kPeerClosed) return false;
      continue;
    }
    if (!*received) return true;
    const auto known = std::ranges::find_if(
        wishes_, [&](const Wish& one) { return one.wish.id == (*received)->id; });
    if (known == wishes_.end()) {
      if (wishes_.size() == kMaxWishes) wishes_.erase(wishes_.begin());
      wishes_.push_back({.wish = std::move(**received), .last = {}});
    } else if (known->wish.registration == (*received)->registration) {
      if (known->answered) to_front_.send(known->last);
    } else {
      *known = {.wish = std::move(**received), .last = {}};
    }
  }
}

void Certifier::handle_wishes() {
  if (!take_wishes()) return;
  for (const Freshness freshness : {Freshness::kCacheOnly, Freshness::kCacheFirst}) {
    for (Wish& wish : wishes_) {
      if (!wish.answered) answer(wish, freshness, freshness == Freshness::kCacheFirst);
    }
  }
  for (Wish& wish : wishes_) {
    if (!wish.last.certificate || wish.prefetched) continue;
    wish.prefetched = true;
    prefetch_collateral(wish.last.certificate->pck);
  }
}

Result<certification::Answer<PckCertification>> Certifier::ask(Wish& wish, Freshness freshness) {
  const certification::Registration& node = wish.wish.registration;
  auto outcome = service_.pck_certificate(node.platform, freshness);
  const bool unknown = !outcome && outcome.error().code() == ErrorCode::kPlatformUnknown;
  if (!unknown || freshness == Freshness::kCacheOnly || node.platform_manifest.empty()) {
    return outcome;
  }
  if (auto registered = service_.register_platform(node); !registered) {
    logger_.warning(event::kRegistrationFailed, registered.error().summary(),
                    {{"code", registered.error().entry().id}});
    return outcome;
  }
  logger_.info(event::kPlatformRegistered, "this platform made itself known",
               {{"qe_id", node.platform.qe_id.hex()}});
  return service_.pck_certificate(node.platform, Freshness::kRefresh);
}

void Certifier::answer(Wish& wish, Freshness freshness, bool failures_too) {
  auto outcome = ask(wish, freshness);
  if (!outcome && !failures_too) return;
  CertificationAnswer now{.id = wish.wish.id, .certificate = {}, .failure = {}};
  if (outcome) {
    now.certificate = {.pck = outcome->value,
                       .stale = outcome->stale,
                       .source = outcome->source,
                       .fetched = outcome->fetched,
                       .refresh_at = outcome->refresh_at};
    if (outcome->stale) {
      now.failure = base::Error(ErrorCode::kSourceFailed,
                                "no source answers; the certificate in the cache is past the time "
                                "of its refresh");
    }
  } else {
    now.failure = std::move(outcome).error();
  }
  wish.failures = now.failure ? wish.failures + 1 : 0;
  wish.retry_at = clock_.now() + pause_after(wish.failures);
  wish.answered = true;
  to_front_.send(now);
  wish.last = std::move(now);
}

// What verifies this node's quotes, so that it lies in the cache before anybody on the node asks.
void Certifier::prefetch_collateral(const PckCertification& pck) {
  const auto chain = crypto::parse_pem_chain(pck.leaf_pem);
  if (!chain || chain->empty()) return;
  const auto leaf = collateral::PckCertificate::create(chain->front());
  if (!leaf) return;
  const bool by_platform_ca = leaf->certificate().issuer_cn() == collateral::kPlatformCaCn;
  const certification::PlatformLine line{
      .tee = collateral::Tee::kSgx,
      .fmspc = leaf->sgx().fmspc,
      .ca = by_platform_ca ? collateral::PckCa::kPlatform : collateral::PckCa::kProcessor};
  // What went wrong was told to the observer; quotes do not need it.
  (void)service_.collateral(line, Freshness::kCacheFirst);
}

base::UnixTime Certifier::refresh() {
  base::UnixTime next = std::min(service_.refresh_due(), clock_.now() + kLongestWait);
  for (Wish& wish : wishes_) {
    const bool wanting = wish.last.failure.has_value();
    // A clock that was set back must not put the next attempt off for as long.
    wish.retry_at = std::min(wish.retry_at, clock_.now() + 2 * kLongestRetry);
    if (wanting && clock_.now() >= wish.retry_at) {
      answer(wish, Freshness::kCacheFirst, true);
    } else if (!wanting) {
      // The refresh may have brought another certificate: a PCK of a newer TCB level.
      const auto outcome =
          service_.pck_certificate(wish.wish.registration.platform, Freshness::kCacheOnly);
      const bool same = outcome && wish.last.certificate &&
                        outcome->value == wish.last.certificate->pck && !outcome->stale;
      if (!same) answer(wish, Freshness::kCacheFirst, true);
    }
    if (wish.last.failure) next = std::min(next, wish.retry_at);
  }
  return next;
}

namespace {

// True when something can be read.
bool wait_for(const CertificationLink& link, std::chrono::milliseconds time) {
  pollfd event{.fd = link.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&event, 1, static_cast<int>(time.count())) > 0 && (event.revents & POLLIN) != 0;
}

// So that the front has the reason, and not only the log.
void refuse_wishes(const CertificationLink& to_front, const base::Error& why) {
  while (wait_for(to_front, kFirstWish)) {
    const auto wish = to_front.receive_wish();
    if (!wish || !*wish) return;
    to_front.send(CertificationAnswer{.id = (*wish)->id, .certificate = {}, .failure = why});
  }
}

}  // namespace

int run_certifier(const CertificationLink& to_front,
                  const CertificationServiceFactory& make_service, const base::Clock& clock,
                  telemetry::Logger& logger) {
  // Nothing is lost when it ends at any moment: the cache is written whole or not at all.
  (void)std::signal(SIGTERM, SIG_DFL);
  sigset_t unblocked;
  ::sigemptyset(&unblocked);
  ::sigaddset(&unblocked, SIGTERM);
  ::sigprocmask(SIG_UNBLOCK, &unblocked, nullptr);

  CertificationLog observer(logger);
  auto service = make_service(observer);
  if (!service) {
    logger.error(event::kCertifierFailed, service.error().summary(),
                 {{"code", service.error().entry().id}});
    refuse_wishes(to_front, service.error());
    return static_cast<int>(ExitCode::kStartFailure);
  }
  Certifier certifier(to_front, **service, clock, logger);
  // The front comes first: what is due in the cache may take the network's time.
  (void)wait_for(to_front, kFirstWish);
  while (true) {
    certifier.handle_wishes();
    const base::UnixTime next = certifier.refresh();
    const auto wait =
        std::clamp<std::chrono::seconds>(next - clock.now(), seconds(0), kLongestWait);
    // At least a moment, so that no clock or link can make it spin.
    constexpr std::chrono::milliseconds kAtLeast{50};
    (void)wait_for(to_front, std::max<std::chrono::milliseconds>(wait, kAtLeast));
  }
}

}  // namespace quoted::service
