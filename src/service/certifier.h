// The certifier process: asks certification services for what the front process needs, keeps the
// cache, and tells the front what it got. It alone uses the network; it has no client's connection
// and no device.
#pragma once

#include <functional>
#include <memory>

#include "certification/service.h"
#include "service/certification_link.h"
#include "telemetry/log.h"

namespace quoted::service {

// Made in the certifier process. Its observer is given.
using CertificationServiceFactory =
    std::function<base::Result<std::unique_ptr<certification::Service>>(
        certification::ServiceObserver& observer)>;

// Runs until SIGTERM; gives the exit code of the process.
[[nodiscard]] int run_certifier(const CertificationLink& to_front,
                                const CertificationServiceFactory& make_service,
                                const base::Clock& clock, telemetry::Logger& logger);

// What the process does, without the process: one call for each thing that happens.
class Certifier {
 public:
  // All outlive it.
  Certifier(const CertificationLink& to_front, certification::Service& service,
            const base::Clock& clock, telemetry::Logger& logger);

  // Takes all wishes that have arrived, answers what the cache has, and then the rest. A wish that
  // comes again is answered as before, without the network.
  void handle_wishes();
  // Asks again for what has no certificate or an old one, refreshes what is due, and tells the
  // front what changed. Gives the time of the next call.
  [[nodiscard]] base::UnixTime refresh();

 private:
  struct Wish {
    CertificationWish wish;
    CertificationAnswer last;
    unsigned failures = 0;
    base::UnixTime retry_at{};
    bool answered = false;
    bool prefetched = false;
  };

  // False when the link is of no more use.
  [[nodiscard]] bool take_wishes();
  // Tells the front what came, and keeps it; without a certificate only if `failures_too`.
  void answer(Wish& wish, certification::Freshness freshness, bool failures_too);
  [[nodiscard]] base::Result<certification::Answer<certification::PckCertification>> ask(
      Wish& wish, certification::Freshness freshness);
  void prefetch_collateral(const certification::PckCertification& pck);

  const CertificationLink& to_front_;
  certification::Service& service_;
  const base::Clock& clock_;
  telemetry::Logger& logger_;
  std::vector<Wish> wishes_;  // the newest last
};

}  // namespace quoted::service
