// quoted-pcs --cache: answers nodes out of a verifying cache over other certification services, as
// a PCCS does, and on the other listener as Intel's service. Nothing is answered that did not
// verify.
#pragma once

#include "certification/service.h"
#include "http/router.h"
#include "simulation/pcs_server/pcs_service.h"

namespace quoted::pcs {

// Usable from many threads.
class CacheService {
 public:
  // `service` outlives it.
  explicit CacheService(certification::Service& service) : service_(service) {}

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

  certification::Service& service_;
};

}  // namespace quoted::pcs
