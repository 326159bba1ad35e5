// Certifies many nodes that start at once: against the simulated manufacturer, and through a cache
// over it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <regex>
#include <sstream>

#include "base/text.h"
#include "certification/fleet.h"
#include "common/environment.h"
#include "common/scratch.h"
#include "common/statistics.h"
#include "simulation/authority/certificate_authority.h"
#include "test_support/subprocess.h"

namespace quoted::bench {
namespace {

struct Options {
  std::string pcs;
  std::size_t nodes = 1000;
  long patience = 120;
};

// quoted-pcs on ports of its own.
class Pcs {
 public:
  Pcs(const Options& options, const std::filesystem::path& state,
      const std::vector<std::string>& more = {})
      : process_(command(options, state, more)) {
    test::Process::eventually(
        [&] { return process_.out().find("ready") != std::string::npos || !process_.running(); },
        std::chrono::seconds(60));
    std::smatch found;
    const std::string out = process_.out();
    if (!std::regex_search(out, found, std::regex("pccs (http://[0-9.:]+)"))) {
      throw std::runtime_error("quoted-pcs does not serve: " + process_.err());
    }
    source_ = "pccs=" + found[1].str() + "/sgx/certification/v4/";
  }

  [[nodiscard]] const std::string& source() const { return source_; }
  // Those it has answered up to now.
  [[nodiscard]] std::size_t requests() const {
    std::istringstream log(process_.err());
    std::size_t count = 0;
    for (std::string line; std::getline(log, line);) {
      if (line.find(kAnswered) == std::string::npos) continue;
      ++count;
      // Repeats that the log left out.
      std::smatch left_out;
      if (std::regex_search(line, left_out, std::regex("\"suppressed\":(\\d+)"))) {
        count += std::stoul(left_out[1]);
      }
    }
    return count;
  }

 private:
  static constexpr const char* kAnswered = "\"event\":\"pcs_answered\"";
  static std::vector<std::string> command(const Options& options,
                                          const std::filesystem::path& state,
                                          const std::vector<std::string>& more) {
    std::vector<std::string> out = {options.pcs,   "--state-dir",  state,
                                    "--listen",    "127.0.0.1:0",  "--listen-pccs",
                                    "127.0.0.1:0", "--log-format", "json"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  test::Process process_;
  std::string source_;
};

double percentile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  return values.at(static_cast<std::size_t>(last * part));
}

void print(const std::string& line) { std::puts(line.c_str()); }

// False unless all were certified.
bool report(const char* what, const Fleet& fleet, const FleetResult& result, std::size_t requests) {
  print(base::text(what, ":\n  certified: ", result.certified, " of ", fleet.size()));
  if (!result.trouble.empty()) print("  not certified: " + result.trouble);
  if (result.seconds.empty()) return false;
  print("  all within: " + fixed(result.elapsed.count(), 2) + " s");
  print("  requests per node: " +
        fixed(static_cast<double>(requests) / static_cast<double>(fleet.size()), 2));
  print("  requests per second: " +
        fixed(static_cast<double>(requests) / result.elapsed.count(), 0));
  print("  a node waits: median " + fixed(percentile(result.seconds, 0.5), 3) + " s, p99 " +
        fixed(percentile(result.seconds, 0.99), 3) + " s");
  return result.certified == fleet.size();
}

int run(const Options& options) {
  print("certification of nodes that start at once\n" + describe_environment());
  const Scratch scratch;
  const std::chrono::seconds patience(options.patience);
  const auto fleet = Fleet::manufacture(options.nodes);
  if (!fleet) throw std::runtime_error(fleet.error().summary());

  bool all = true;
  double direct_seconds = 0;
  {
    const Pcs manufacturer(options, scratch.path() / "direct");
    const FleetResult result = fleet->certify(manufacturer.source(), patience);
    all = report("against the manufacturer", *fleet, result, manufacturer.requests());
    direct_seconds = result.elapsed.count();
  }
  const auto seed = simulation::MasterSeed::development();
  const auto root_file = scratch.path() / "root.pem";
  {
    const simulation::CertificateStore nothing_kept({}, [](const std::string&) {});
    const auto authority =
        simulation::CertificateAuthority::create(seed, base::SystemClock().now(), nothing_kept);
    if (!authority) throw std::runtime_error(authority.error().summary());
    scratch.write("root.pem", base::as_bytes(authority->root().pem()));
  }
  const Pcs manufacturer(options, scratch.path() / "upstream");
  const Pcs cache(options, scratch.path() / "cache",
                  {"--cache", manufacturer.source(), "--root", root_file});
  const FleetResult cold = fleet->certify(cache.source(), patience);
  const std::size_t cold_requests = cache.requests();
  all = report("through a cache that has nothing", *fleet, cold, cold_requests) && all;
  const std::size_t upstream = manufacturer.requests();
  print("  of these reach the manufacturer, per node: " +
        fixed(static_cast<double>(upstream) / static_cast<double>(fleet->size()), 2));
  const FleetResult warm = fleet->certify(cache.source(), patience);
  all = report("through the cache when it knows them", *fleet, warm,
               cache.requests() - cold_requests) &&
        all;
  print(base::text("  reach the manufacturer: ", manufacturer.requests() - upstream));

  // The baseline is the first run: the same nodes without a cache.
  print("\ncold cache: " + fixed(cold.elapsed.count() / direct_seconds, 3) + " x");
  print("warm cache: " + fixed(warm.elapsed.count() / direct_seconds, 3) + " x");
  return all ? 0 : 1;
}

}  // namespace
}  // namespace quoted::bench

int main(int argc, char** argv) {
  quoted::bench::Options options;
  CLI::App app("Certifies many simulated nodes that start at once", "certification_bench");
  app.add_option("--pcs", options.pcs, "The program quoted-pcs")->required();
  app.add_option("--nodes", options.nodes, "How many")->check(CLI::Range(1, 10'000));
  app.add_option("--patience", options.patience, "Seconds until a node gives up");
  CLI11_PARSE(app, argc, argv);
  try {
    return quoted::bench::run(options);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "certification_bench: %s\n", failure.what());
    return 1;
  }
}
