// The simulated manufacturer's certification service (pcs-api): what is answered to a request, in
// either dialect. The state directory holds the world (world_file.h), the certificates and the
// documents that were issued; docs/simulated-pcs.md is the user's side.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret_bytes.h"
#include "http/router.h"
#include "simulation/authority/master_seed.h"
#include "simulation/notice.h"
#include "simulation/pcs_server/call.h"

namespace quoted::simulation {

struct PcsServiceOptions {
  std::filesystem::path state_dir;  // must exist
  Notice notice;
  std::optional<base::SecretBytes> api_key;     // PCS: wanted for PCK certificates
  std::optional<base::SecretBytes> user_token;  // PCCS: wanted for registrations
  // How a slow endpoint waits.
  std::function<void(std::chrono::seconds)> sleep;
};

// Is told of every answer, on the thread that made it.
using PcsObserver = std::function<void(const http::Request&, const http::Response&)>;

// Usable from many threads.
class PcsService {
 public:
  // `clock` must outlive it. The errors of WorldFile::load, StateDirectoryUnusable.
  [[nodiscard]] static base::Result<std::unique_ptr<PcsService>> create(MasterSeed seed,
                                                                        PcsServiceOptions options,
                                                                        const base::Clock& clock);
  ~PcsService();

  [[nodiscard]] http::Response handle(Dialect dialect, const http::Request& request);

  // Every path of a dialect, for http::Server. Handlers refer to this object.
  [[nodiscard]] http::Router routes(Dialect dialect, PcsObserver observer = {});
  // How the server's own refusals look in a dialect.
  [[nodiscard]] static http::Response write_error(Dialect dialect, unsigned status,
                                                  const base::Error& error);

 private:
  struct Parts;
  explicit PcsService(std::unique_ptr<Parts> parts);
  [[nodiscard]] http::Response answer(Dialect dialect, const http::Request& request);

  std::unique_ptr<Parts> parts_;
};

}  // namespace quoted::simulation
