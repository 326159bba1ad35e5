#include "verify/many.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

#include "base/text.h"
#include "common/statistics.h"
#include "verification/batch.h"
#include "verify/raw_verify.h"
#include "verify/workload.h"

namespace quoted::bench {
namespace {

using base::text;
using verification::Verdict;
using verification::Verifier;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kKeys = 200;
constexpr int kRounds = 7;

double seconds_of(const auto& work) {
  const auto before = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - before).count();
}

// Half of the quotes come from a tenth of the QEs, as on a cluster with some busy nodes.
std::vector<base::ByteView> traffic(const std::vector<base::Bytes>& quotes, std::size_t count) {
  std::mt19937 random(1);
  std::vector<base::ByteView> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = random() % 2 == 0 ? quotes.size() / 10 : quotes.size();
    out.emplace_back(quotes[random() % from]);
  }
  return out;
}

void require_verified(const std::vector<Verdict>& verdicts) {
  for (const Verdict& verdict : verdicts) {
    if (verdict.decision != verification::Decision::kVerified) {
      throw std::runtime_error("a quote of the batch is not verified");
    }
  }
}

double raw_per_second(std::size_t count, unsigned threads) {
  verify_raw(1);
  const double seconds = seconds_of([&] {
    std::vector<std::jthread> helpers;
    for (unsigned i = 0; i < threads; ++i) {
      helpers.emplace_back([&] { verify_raw(count / threads); });
    }
  });
  return static_cast<double>(count / threads * threads) / seconds;
}

std::size_t resident_kib() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::string scaling(Platform& platform, const std::vector<base::ByteView>& batch) {
  const auto prepared = verification::PreparedCollateral::prepare(platform.collateral()).value();
  std::string out;
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned threads = 1; threads <= processors; threads *= 2) {
    const Verifier verifier(platform.roots(), {.facts = 4096});
    const auto verify = [&] {
      require_verified(verify_all(verifier, batch, prepared, platform.at(), {}, threads));
    };
    verify();
    std::vector<double> own;
    std::vector<double> raw;
    for (int i = 0; i < kRounds; ++i) {
      raw.push_back(raw_per_second(batch.size(), threads));
      own.push_back(static_cast<double>(batch.size()) / seconds_of(verify));
    }
    out +=
        text("  ", threads, threads == 1 ? " thread, " : " threads, ", "room for 4096: ",
             fixed(spread_of(ratios(own, raw)).median, 3), " x the raw verifications that ",
             threads == 1 ? "it makes" : "as many make", " (", fixed(spread_of(own).median, 0),
             " quotes and ", fixed(spread_of(raw).median, 0), " raw verifications in a second)\n");
  }
  return out;
}

std::string memory(Platform& platform, const std::vector<base::Bytes>& quotes) {
  const auto prepared = verification::PreparedCollateral::prepare(platform.collateral()).value();
  const Verifier verifier(platform.roots());
  const std::size_t before = resident_kib();
  for (const base::Bytes& quote : quotes) {
    (void)verifier.verify(quote, prepared, platform.at(), {});
  }
  const std::size_t after = resident_kib();
  const auto known = verifier.statistics().quotes;
  return text("  remembered of one platform: ", known.facts, " of ", quotes.size(),
              " QE reports in ", after - before, " KiB, ", known.evictions, " given up\n");
}

std::string hit_ratio(Platform& platform, const std::vector<base::ByteView>& batch,
                      std::size_t facts) {
  const auto prepared = verification::PreparedCollateral::prepare(platform.collateral()).value();
  const Verifier verifier(platform.roots(), {.facts = facts});
  for (const base::ByteView quote : batch) {
    (void)verifier.verify(quote, prepared, platform.at(), {});
  }
  const auto known = verifier.statistics().quotes;
  const double share =
      static_cast<double>(known.hits) / static_cast<double>(known.hits + known.misses);
  return text("  found again with room for ", facts, ": ", fixed(share * 100, 1), " % of ",
              batch.size(), " quotes of ", kKeys, " QE reports, ", known.facts, " remembered\n");
}

}  // namespace

std::string measure_many(std::size_t quotes) {
  Platform platform;
  const std::vector<base::Bytes> all = platform.quotes_of_new_keys(kKeys);
  const std::vector<base::ByteView> batch = traffic(all, quotes);
  return scaling(platform, batch) + hit_ratio(platform, batch, 512) +
         hit_ratio(platform, batch, 4096) + memory(platform, all);
}

}  // namespace quoted::bench
