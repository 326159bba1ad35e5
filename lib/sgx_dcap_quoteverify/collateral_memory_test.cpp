#include "sgx_dcap_quoteverify/collateral_memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "base/text.h"

namespace quoted::quoteverify {
namespace {

using Texts = std::array<std::string, collateral::kCollateralParts.size()>;

// What the documents say does not matter: garbage is prepared too.
Texts texts(const std::string& name = "x") {
  Texts out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = base::text("part ", i, ' ', name);
  return out;
}

Documents views(const Texts& in) {
  Documents out;
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = base::as_bytes(in[i]);
  return out;
}

// Which preparation it is: copies share what they were made of.
const void* preparation(CollateralMemory& memory, const Texts& in) {
  return &memory.prepare(views(in)).value().parsed();
}

TEST(CollateralMemory, PreparesTheSameBytesOnce) {
  CollateralMemory memory;
  const Texts first = texts();
  const Texts elsewhere = texts();
  EXPECT_EQ(preparation(memory, first), preparation(memory, elsewhere));
  EXPECT_EQ(memory.size(), 1U);
}

TEST(CollateralMemory, TellsEveryByteOfEveryPart) {
  CollateralMemory memory;
  const void* const original = preparation(memory, texts());
  for (std::size_t part = 0; part < collateral::kCollateralParts.size(); ++part) {
    Texts changed = texts();
    changed[part].back() = 'y';
    EXPECT_NE(preparation(memory, changed), original) << part;
    Texts longer = texts();
    longer[part] += ' ';
    EXPECT_NE(preparation(memory, longer), original) << part;
  }
}

TEST(CollateralMemory, TellsWhereOnePartEndsAndTheNextBegins) {
  CollateralMemory memory;
  Texts moved = texts();
  moved[1] = moved[0].back() + moved[1];
  moved[0].pop_back();
  EXPECT_NE(preparation(memory, moved), preparation(memory, texts()));
}

TEST(CollateralMemory, ForgetsTheOldest) {
  CollateralMemory memory;
  (void)preparation(memory, texts("oldest"));
  const auto kept = memory.prepare(views(texts("second"))).value();
  for (std::size_t i = 2; i < CollateralMemory::kMaxEntries + 1; ++i) {
    (void)preparation(memory, texts(std::to_string(i)));
  }
  EXPECT_EQ(memory.size(), CollateralMemory::kMaxEntries);
  EXPECT_EQ(preparation(memory, texts("second")), &kept.parsed());
  const auto again = memory.prepare(views(texts("oldest"))).value();
  EXPECT_EQ(preparation(memory, texts("oldest")), &again.parsed());
  // Its coming back cost the second its place.
  EXPECT_NE(preparation(memory, texts("second")), &kept.parsed());
}

TEST(CollateralMemory, DoesNotKeepWhatIsTooLarge) {
  CollateralMemory memory;
  Texts large = texts();
  std::size_t others = 0;
  for (const std::string& text : large) others += text.size();
  large[4] += std::string(CollateralMemory::kMaxBytes - others, ' ');
  (void)preparation(memory, large);
  EXPECT_EQ(memory.size(), 1U);
  large[4] += ' ';
  EXPECT_TRUE(memory.prepare(views(large)));
  EXPECT_EQ(memory.size(), 1U);
}

TEST(CollateralMemory, ThreadsThatBeginTogetherKeepOne) {
  CollateralMemory memory;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&memory, &failed, i] {
      for (int round = 0; round < 50; ++round) {
        if (!memory.prepare(views(texts(std::to_string((i + round) % 3))))) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(memory.size(), 3U);
}

}  // namespace
}  // namespace quoted::quoteverify
