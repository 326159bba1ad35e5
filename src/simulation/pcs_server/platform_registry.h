// Which registered platform a request is about. Private to the service.
#pragma once

#include "simulation/pcs_server/call.h"
#include "simulation/pcs_server/parameters.h"
#include "simulation/pcs_server/service_world.h"

namespace quoted::simulation {

// Usable from many threads. What it is given must outlive it.
class PlatformRegistry {
 public:
  PlatformRegistry(const MasterSeed& seed, ServiceWorld& world, const Notice& notice)
      : seed_(seed), world_(world), notice_(notice) {}

  // Keeps the platform of a manifest (platform_manifest.h), and the QE id when one is given.
  // Malformed, BadSignature, ServiceUnavailable.
  [[nodiscard]] base::Result<RegisteredPlatform> add(base::ByteView manifest, base::UnixTime now,
                                                     const std::optional<sgx::QeId>& qe_id);

  // By encrypted_ppid, whose qeid is then remembered; by qeid where that is missing or zeros, as
  // quote providers send it (pcs-api 7.1, 10). InvalidArgument, PlatformUnknown or
  // NotFoundAtSource.
  [[nodiscard]] base::Result<RegisteredPlatform> find(const Call& call,
                                                      const Parameters& parameters);

  // PCCS's POST platforms (pcs-api 6.4).
  [[nodiscard]] base::Status add_record(const Call& call, const Parameters& record);

 private:
  [[nodiscard]] base::Result<RegisteredPlatform> with_ppid(const Call& call,
                                                           base::ByteView encrypted,
                                                           const std::optional<sgx::QeId>& qe_id);
  void remember(const World& world, const sgx::QeId& qe_id, const sgx::Ppid& ppid);

  const MasterSeed& seed_;
  ServiceWorld& world_;
  const Notice& notice_;
};

}  // namespace quoted::simulation
