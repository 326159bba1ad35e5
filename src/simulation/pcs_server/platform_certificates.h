// The PCK certificates of registered platforms, one for each TCB level (quote-generation 4.2):
// the manufacturer knows the provisioning secret, so it computes the key of every level.
// Private to the service.
#pragma once

#include <map>
#include <mutex>

#include "simulation/authority/platform_level.h"

namespace quoted::simulation {

// CPUSVN || PCESVN, 36 upper-case digits.
[[nodiscard]] std::string tcbm_text(const Psvn& level);

// Usable from many threads. What it is given must outlive it.
class PlatformCertificates {
 public:
  PlatformCertificates(const MasterSeed& seed, const CertificateAuthority& authority,
                       const CertificateStore& store)
      : seed_(seed), authority_(authority), store_(store) {}

  // Issued when it is asked for the first time.
  [[nodiscard]] base::Result<crypto::Certificate> certificate(const PlatformIdentity& identity,
                                                              const Psvn& level);

  // The one among those of all levels of `state` by the rule of section 6, and its level.
  // NoPckForTcb when the raw TCB is below every level.
  struct Chosen {
    Psvn level;
    crypto::Certificate certificate;
  };
  [[nodiscard]] base::Result<Chosen> choose(const PlatformIdentity& identity, const TcbState& state,
                                            const Psvn& raw);

 private:
  const MasterSeed& seed_;
  const CertificateAuthority& authority_;
  const CertificateStore& store_;
  std::mutex mutex_;
  std::map<std::string, crypto::Certificate> issued_;
};

}  // namespace quoted::simulation
