// What the manufacturer of the development world answers to a node that asks for its PCK
// certificate. For tests.
#pragma once

#include "simulation/authority/pck_provider.h"

namespace quoted::simulation::test {

[[nodiscard]] inline PckCertification pck_answer(const PckQuery& query, base::UnixTime now) {
  const auto seed = MasterSeed::development();
  const CertificateStore nothing_kept({}, [](const std::string&) {});
  const auto authority = CertificateAuthority::create(seed, now, nothing_kept).value();
  PlatformModel model = default_platform_model();
  model.cpu_svn = query.cpu_svn;
  model.pce_isv_svn = query.pce_info.isv_svn;
  const auto machine = manufacture(seed, model).value();
  const AuthorityPckProvider provider(seed, authority, machine, nothing_kept);
  return provider
      .pck_certification(query.qe_id, query.encrypted_ppid, query.cpu_svn, query.pce_info)
      .value();
}

}  // namespace quoted::simulation::test
