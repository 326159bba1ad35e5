// The two listeners of quoted-pcs, one for each dialect, and what they log.
#pragma once

#include <functional>
#include <memory>

#include "http/server.h"
#include "quoted-pcs/options.h"
#include "simulation/pcs_server/pcs_service.h"

namespace quoted::pcs {

class Servers {
 public:
  // What is answered in a dialect; the observer is to be told of every answer.
  using Routes = std::function<http::Router(simulation::Dialect, simulation::PcsObserver)>;

  // Serves when it returns; what `routes` refers to and `logger` outlive it. The errors of
  // http::Server::start.
  [[nodiscard]] static base::Result<std::unique_ptr<Servers>> start(const Options& options,
                                                                    const Routes& routes,
                                                                    telemetry::Logger& logger);

  // "http://127.0.0.1:8080", "https://..." or "unix:/path": where clients of a dialect go.
  [[nodiscard]] std::string address(simulation::Dialect dialect) const;

  // Returns when the requests under way have been answered.
  void stop();

 private:
  class Log final : public http::ServerObserver {
   public:
    explicit Log(telemetry::Logger& logger) : logger_(logger) {}
    void rejected(http::Rejection why, const base::Error& error) override;
    void failed(std::string_view what, std::string_view reason) override;

   private:
    telemetry::Logger& logger_;
  };

  Servers(telemetry::Logger& logger, bool secured) : log_(logger), secured_(secured) {}

  Log log_;
  bool secured_;
  std::unique_ptr<http::Server> pcs_;
  std::unique_ptr<http::Server> pccs_;
};

}  // namespace quoted::pcs
