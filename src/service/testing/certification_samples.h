// A wish as the front process sends one, and what a certifier answers. For tests.
#pragma once

#include <algorithm>

#include "service/certification_link.h"
#include "simulation/testing/pck_answers.h"

namespace quoted::service::test {

inline const base::UnixTime kNow =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);

// PEM of leaf and chain apart, as services give them.
[[nodiscard]] inline certification::PckCertification split_chain(
    const simulation::PckCertification& answer) {
  const std::size_t second = answer.chain_pem.find("-----BEGIN", 1);
  return {.cpu_svn = answer.tcb.cpu_svn,
          .pce_isv_svn = answer.tcb.isv_svn,
          .leaf_pem = answer.chain_pem.substr(0, second),
          .issuer_chain_pem = answer.chain_pem.substr(second)};
}

[[nodiscard]] inline certification::PckCertification certificate_for(
    const CertificationWish& wish) {
  const certification::PckRequest& request = wish.registration.platform;
  simulation::PckQuery query;
  query.qe_id = request.qe_id;
  query.encrypted_ppid = crypto::RsaCiphertext::parse(request.encrypted_ppid).value();
  query.cpu_svn = request.cpu_svn;
  query.pce_info.isv_svn = request.pce_isv_svn;
  return split_chain(simulation::test::pck_answer(query, kNow));
}

}  // namespace quoted::service::test
