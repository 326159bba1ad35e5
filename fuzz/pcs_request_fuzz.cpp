// Hostile requests to the simulated manufacturer's service, in both dialects: nothing crashes,
// nothing that was not asked for properly changes the world, and every reply keeps the promises
// that all replies keep.
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "fuzz.h"
#include "http/target.h"
#include "simulation/authority/world_file.h"
#include "simulation/pcs_server/pcs_service.h"

using namespace quoted;

namespace {

class StandingClock final : public base::Clock {
 public:
  [[nodiscard]] base::UnixTime now() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);
  }
};

// One service for all inputs, in a directory that is gone at the end.
struct World {
  World() {
    std::string name = (std::filesystem::temp_directory_path() / "quoted-fuzz-XXXXXX").string();
    fuzz::require(::mkdtemp(name.data()) != nullptr);
    directory = name;
    simulation::PcsServiceOptions options;
    options.state_dir = directory;
    options.notice = [](const std::string&) {};
    auto made = simulation::PcsService::create(simulation::MasterSeed::development(),
                                               std::move(options), clock);
    fuzz::require(made.has_value());
    service = *std::move(made);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  StandingClock clock;
  std::filesystem::path directory;
  std::unique_ptr<simulation::PcsService> service;
};

// "METHOD target\nbody"; a header before the body would be read by the server, not the handler.
http::Request request_of(std::string_view text) {
  http::Request out;
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view head = text.substr(0, line);
  const std::size_t blank = std::min(head.find(' '), head.size());
  out.method = head.substr(0, blank);
  const auto target = http::parse_target(head.substr(std::min(blank + 1, head.size())));
  out.path = target ? target->path : "/";
  if (target) out.query = target->query;
  const std::string_view body = text.substr(std::min(line + 1, text.size()));
  out.body = base::to_bytes(base::as_bytes(body));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const http::Request request = request_of(base::as_text(fuzz::input(data, size)));
  for (const auto dialect : {simulation::Dialect::kPcs, simulation::Dialect::kPccs}) {
    const http::Response reply = world.service->handle(dialect, request);
    fuzz::require(reply.status >= 200 && reply.status < 600 && reply.status != 500);
    fuzz::require(http::find_header(reply.headers, "Request-ID").value_or("").size() == 32);
    fuzz::require(reply.body.size() < 65533);
  }
  // Nobody without the seed registers a platform.
  fuzz::require(simulation::WorldFile(world.directory).load()->platforms.empty());
  return 0;
}
