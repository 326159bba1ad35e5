// The quote provider library as the host of QE and PCE uses it (quote-generation 7). Kept open as
// long as this lives: its cache and its connections are in it.
#pragma once

#include <filesystem>

#include "simulation/qe3/pck_provider.h"

namespace quoted::inproc {

// For one thread at a time, which is inside a ForkGate; while the provider works, which may take as
// long as the network does, it is outside.
class Provider final : public simulation::PckProvider {
 public:
  Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  ~Provider() override;

  // In place of the usual names. Too late for a library that is open.
  void set_path(const std::filesystem::path& path) { path_ = path; }

  // Without a chain where there is no provider: quotes then carry type 3 data. An error of the
  // provider's has its number as peer_code.
  [[nodiscard]] base::Result<simulation::PckCertification> pck_certification(
      const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
      const sgx::CpuSvn& raw_cpu_svn, const simulation::PceInfo& raw_pce_info) const override;

 private:
  struct Functions;
  [[nodiscard]] bool open() const;
  [[nodiscard]] bool open_usual() const;
  [[nodiscard]] Functions functions() const;

  std::filesystem::path path_;
  mutable void* library_ = nullptr;
};

}  // namespace quoted::inproc
