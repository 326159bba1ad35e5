// The simulated platform: CPU, PCE, QE3 and manufacturer in this process, no security at all.
// Quotes complete before `quote` returns.
#pragma once

#include <atomic>
#include <filesystem>

#include "base/clock.h"
#include "quoting/platform.h"
#include "simulation/authority/master_seed.h"
#include "simulation/notice.h"

namespace quoted::quoting {

struct SimulatedPlatformOptions {
  // Keeps issued certificates and the sealed attestation key. Made when absent; empty keeps
  // nothing.
  std::filesystem::path state_dir;
  // Which machine of the simulated world this is; another name, other fuses.
  std::string platform_name = "default";
  base::UnixTime now;
  simulation::Notice notice;
};

class SimulatedPlatform final : public Platform {
 public:
  // Ready to quote when it returns. StateDirectoryUnusable when the directory cannot be made or
  // written; damaged files in it are rebuilt and told through `notice`.
  [[nodiscard]] static base::Result<std::unique_ptr<SimulatedPlatform>> create(
      simulation::MasterSeed seed, const SimulatedPlatformOptions& options);
  ~SimulatedPlatform() override;

  [[nodiscard]] std::shared_ptr<const PlatformSnapshot> snapshot() const override;
  void quote(const QuoteRequest& request, Deadline deadline, QuoteCompletion done) override;

  // Content of the file simulation::kPublishedCpuFileName.
  [[nodiscard]] base::Bytes published_cpu() const;

 private:
  struct World;
  explicit SimulatedPlatform(std::unique_ptr<World> world);
  [[nodiscard]] base::Result<QuoteOutput> make_quote(const QuoteRequest& request);

  std::unique_ptr<World> world_;
  std::shared_ptr<const PlatformSnapshot> snapshot_;
  std::atomic<std::uint32_t> quotes_made_{0};
};

}  // namespace quoted::quoting
