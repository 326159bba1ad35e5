#include "verification/batch.h"

#include <gtest/gtest.h>

#include "verification/testing/forge.h"
#include "verification/testing/verdict_dump.h"

namespace quoted::verification {
namespace {

using testing::dump;
using testing::Forge;
using testing::Forged;

// Good ones, bad ones and garbage, each in its place whatever the number of threads.
TEST(Batch, SaysOfEachWhatTheVerifierSays) {
  const Forged world = Forge::sgx().make();
  const auto prepared = PreparedCollateral::prepare(world.collateral).value();
  std::vector<base::Bytes> quotes;
  for (std::size_t i = 0; i < 60; ++i) {
    base::Bytes quote = world.quote;
    if (i % 3 == 1) quote[100 + i] ^= std::byte{1};
    if (i % 7 == 2) quote.resize(i * 20);
    quotes.push_back(std::move(quote));
  }
  const std::vector<base::ByteView> views(quotes.begin(), quotes.end());
  for (const unsigned threads : {0U, 1U, 2U, 8U, 200U}) {
    const Verifier verifier(world.roots);
    const auto verdicts = verify_all(verifier, views, prepared, world.at, {}, threads);
    ASSERT_EQ(verdicts.size(), quotes.size());
    for (std::size_t i = 0; i < quotes.size(); ++i) {
      EXPECT_EQ(dump(verdicts[i]),
                dump(Verifier(world.roots).verify(quotes[i], prepared, world.at, {})))
          << threads << " threads, quote " << i;
    }
  }
}

TEST(Batch, OfNothingIsNothing) {
  const Forged world = Forge::sgx().make();
  const auto prepared = PreparedCollateral::prepare(world.collateral).value();
  EXPECT_TRUE(verify_all(Verifier(world.roots), {}, prepared, world.at, {}).empty());
}

}  // namespace
}  // namespace quoted::verification
