// One simulated world whose certificates are kept in a directory. For tests.
#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "simulation/authority/manufacturer.h"
#include "simulation/testing/samples.h"
#include "test_support/temp_dir.h"

namespace quoted::simulation::test {

[[nodiscard]] inline base::UnixTime midnight(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day));
}

inline const base::UnixTime kNow = midnight(2026, 7, 1);
inline constexpr std::array kBothCas = {PckCa::kPlatform, PckCa::kProcessor};

class AuthorityTest : public ::testing::Test {
 protected:
  [[nodiscard]] CertificateStore store() {
    return {dir_.path(), [this](const std::string& message) { notices_.push_back(message); }};
  }
  [[nodiscard]] CertificateAuthority authority(base::UnixTime now = kNow,
                                               const MasterSeed& seed = MasterSeed::development()) {
    return CertificateAuthority::create(seed, now, store()).value();
  }

  [[nodiscard]] static ManufacturedPlatform platform(PckCa ca) {
    PlatformModel model = default_platform_model();
    model.pck_ca = ca;
    return manufacture(MasterSeed::development(), model).value();
  }
  [[nodiscard]] static Psvn raw_tcb(const ManufacturedPlatform& platform) {
    return {platform.cpu.cpu_svn(), platform.model.pce_isv_svn};
  }

  // The PCK certificate of a platform at its own level.
  [[nodiscard]] crypto::Certificate pck(const CertificateAuthority& authority, PckCa ca) {
    const ManufacturedPlatform of = platform(ca);
    const Secs pce = simulated_pce_secs(of.model.pce_isv_svn);
    const auto key = derive_pck_key(of.cpu, pce, raw_tcb(of)).value();
    return authority
        .issue_pck(describe_platform(seed_, of, raw_tcb(of)).value(), key.public_key(), ca, seed_,
                   store())
        .value();
  }

  [[nodiscard]] static MasterSeed other_seed() {
    return MasterSeed::parse(base::Bytes(32, std::byte{7})).value();
  }

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return dir_ / (name + ".pem");
  }

  const MasterSeed seed_ = MasterSeed::development();
  quoted::test::TempDir dir_;
  std::vector<std::string> notices_;
};

}  // namespace quoted::simulation::test
