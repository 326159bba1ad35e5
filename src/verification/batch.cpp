#include "verification/batch.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

namespace quoted::verification {

std::vector<Verdict> verify_all(const Verifier& verifier, std::span<const base::ByteView> quotes,
                                const PreparedCollateral& collateral, base::UnixTime at,
                                const VerifyOptions& options, unsigned threads) {
  std::vector<Verdict> out(quotes.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < quotes.size(); i = next++) {
      out[i] = verifier.verify(quotes[i], collateral, at, options);
    }
  };
  const std::size_t wanted = threads == 0 ? std::thread::hardware_concurrency() : threads;
  std::vector<std::jthread> helpers;
  try {
    while (helpers.size() + 1 < std::min(wanted, quotes.size())) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // Where no more threads are to be had, the work is shared by those that are.
  }
  work();
  helpers.clear();
  return out;
}

}  // namespace quoted::verification
