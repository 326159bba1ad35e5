// quoted-pcs --cache: answers nodes out of a verifying cache over other certification services, as
// a PCCS does, and on the other listener as Intel's service. Nothing is answered that did not
// verify.
#pragma once

#include <cstddef>
#include <semaphore>

#include "certification/service.h"
#include "http/router.h"
#include "simulation/pcs_server/pcs_service.h"

namespace quoted::pcs {

// Usable from many threads.
class CacheService {
 public:
  // `service` outlives it. At most so many requests wait for what is above the cache at a time; a
  // request that the cache can answer never waits for those.
  CacheService(certification::Service& service, std::size_t upstream)
      : service_(service), upstream_(static_cast<std::ptrdiff_t>(upstream)) {}

  [[nodiscard]] http::Response handle(simulation::Dialect dialect, const http::Request& request);

  // Every path of a dialect. Handlers refer to this object.
  [[nodiscard]] http::Router routes(simulation::Dialect dialect, simulation::PcsObserver observer);

 private:
  using Reply = base::Result<http::Response>;

  Reply answer(simulation::Dialect dialect, const http::Request& request);
  Reply pck_certificate(simulation::Dialect dialect, const http::Request& request);
  Reply pck_crl(simulation::Dialect dialect, const http::Request& request);
  Reply root_crl(bool as_hex);
  Reply tcb_info(collateral::Tee tee, const http::Request& request);
  Reply identity(certification::EnclaveIdentity id, const http::Request& request);
  Reply register_record(const http::Request& request);
  base::Result<certification::Document> document(const certification::DocumentRequest& request);

  // Out of the cache, else from above it if there is room among those who wait. SourceBusy.
  template <class Ask>
  auto obtain(const Ask& ask) -> decltype(ask(certification::Freshness::kCacheOnly));

  certification::Service& service_;
  std::counting_semaphore<> upstream_;
};

}  // namespace quoted::pcs
