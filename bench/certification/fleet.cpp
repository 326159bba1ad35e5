#include "certification/fleet.h"

#include <latch>
#include <mutex>
#include <random>
#include <thread>

#include "base/text.h"
#include "certification/settings.h"
#include "quoting/simulated_node.h"
#include "simulation/authority/certificate_authority.h"
#include "simulation/authority/platform_manifest.h"

namespace quoted::bench {
namespace {

using base::Result;
using certification::Freshness;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

Result<certification::Registration> make_node(const simulation::MasterSeed& seed,
                                              const std::string& name) {
  simulation::PlatformModel model = simulation::default_platform_model();
  model.name = name;
  QUOTED_TRY(auto machine, simulation::manufacture(seed, model));
  QUOTED_TRY(const auto node,
             quoting::SimulatedNode::create(std::move(machine), simulation::kSimulatedQeIsvSvn,
                                            nullptr, {}, [](const std::string&) {}));
  QUOTED_TRY(const simulation::PckQuery query, node->pck_query());
  certification::Registration out;
  out.platform.qe_id = query.qe_id;
  out.platform.cpu_svn = query.cpu_svn;
  out.platform.pce_isv_svn = query.pce_info.isv_svn;
  out.platform.encrypted_ppid = base::to_bytes(query.encrypted_ppid.view());
  QUOTED_TRY(out.platform_manifest, simulation::serialize_platform_manifest(seed, model));
  return out;
}

Result<std::unique_ptr<certification::Service>> make_service(
    const std::string& source, const std::vector<verification::TrustedRoot>& roots,
    const base::Clock& clock, certification::ServiceObserver& observer) {
  certification::Settings settings;
  QUOTED_TRY(auto one, certification::parse_source(source));
  settings.sources.push_back(std::move(one));
  QUOTED_TRY(auto sources, certification::make_sources(settings));
  certification::ServiceOptions options;
  options.roots = roots;
  options.retry_missing_after = std::chrono::seconds(0);
  options.failures_to_suspend = 1000;
  return certification::Service::create(options, std::move(sources), clock, observer);
}

// One node until it is certified or its patience is over.
base::Status certify_one(const certification::Registration& node, const std::string& source,
                         const std::vector<verification::TrustedRoot>& roots,
                         steady_clock::time_point until) {
  const base::SystemClock clock;
  certification::ServiceObserver observer;
  QUOTED_TRY(const auto service, make_service(source, roots, clock, observer));
  std::mt19937 random(std::random_device{}());
  for (milliseconds pause(50);; pause = std::min(pause * 2, milliseconds(2'000))) {
    auto answer = service->pck_certificate(node.platform, Freshness::kCacheFirst);
    if (!answer && answer.error().code() == base::ErrorCode::kPlatformUnknown &&
        service->register_platform(node)) {
      answer = service->pck_certificate(node.platform, Freshness::kRefresh);
    }
    if (answer) return {};
    if (steady_clock::now() >= until) return base::fail(std::move(answer).error());
    std::this_thread::sleep_for(
        milliseconds(std::uniform_int_distribution<milliseconds::rep>(1, pause.count())(random)));
  }
}

}  // namespace

Result<Fleet> Fleet::manufacture(std::size_t nodes) {
  const auto seed = simulation::MasterSeed::development();
  Fleet out;
  for (std::size_t i = 0; i < nodes; ++i) {
    QUOTED_TRY(auto node, make_node(seed, base::text("node-", i)));
    out.nodes_.push_back(std::move(node));
  }
  const simulation::CertificateStore nothing_kept({}, [](const std::string&) {});
  QUOTED_TRY(const auto authority, simulation::CertificateAuthority::create(
                                       seed, base::SystemClock().now(), nothing_kept));
  out.roots_.push_back({.name = "the simulated root", .key = authority.root().public_key()});
  return out;
}

FleetResult Fleet::certify(const std::string& source, std::chrono::seconds patience) const {
  FleetResult out;
  std::mutex mutex;
  std::latch start(static_cast<std::ptrdiff_t>(nodes_.size() + 1));
  std::vector<std::thread> threads;
  threads.reserve(nodes_.size());
  for (const certification::Registration& node : nodes_) {
    threads.emplace_back([&, &node = node] {
      start.arrive_and_wait();
      const auto begin = steady_clock::now();
      const auto done = certify_one(node, source, roots_, begin + patience);
      const std::chrono::duration<double> took = steady_clock::now() - begin;
      const std::scoped_lock lock(mutex);
      if (done) {
        ++out.certified;
        out.seconds.push_back(took.count());
      } else {
        out.trouble = done.error().summary();
      }
    });
  }
  const auto begin = steady_clock::now();
  start.arrive_and_wait();
  for (std::thread& thread : threads) thread.join();
  out.elapsed = steady_clock::now() - begin;
  return out;
}

}  // namespace quoted::bench
