// pckcert and pckcerts (pcs-api 3.1, 3.2, 6.4). Private to the service.
#pragma once

#include "http/response.h"
#include "simulation/pcs_server/platform_certificates.h"
#include "simulation/pcs_server/platform_registry.h"

namespace quoted::simulation {

// Usable from many threads. What it is given must outlive it.
class PckEndpoints {
 public:
  PckEndpoints(const CertificateAuthority& authority, PlatformCertificates& certificates,
               PlatformRegistry& registry)
      : authority_(authority), certificates_(certificates), registry_(registry) {}

  [[nodiscard]] base::Result<http::Response> certificate(const Call& call);
  [[nodiscard]] base::Result<http::Response> certificates(const Call& call);
  // Of the levels that a platform with `cpusvn` has reached.
  [[nodiscard]] base::Result<http::Response> certificates_of_configuration(const Call& call);

 private:
  struct Asked {
    Parameters parameters;
    RegisteredPlatform platform;
  };
  // What the request is about, out of its query or its body.
  [[nodiscard]] base::Result<Asked> asked(const Call& call);
  [[nodiscard]] base::Result<http::Response> list(const Call& call, const Asked& about,
                                                  const std::optional<sgx::CpuSvn>& cpu_svn);
  void add_headers(http::Response& response, const Call& call,
                   const PlatformIdentity& platform) const;

  const CertificateAuthority& authority_;
  PlatformCertificates& certificates_;
  PlatformRegistry& registry_;
};

}  // namespace quoted::simulation
