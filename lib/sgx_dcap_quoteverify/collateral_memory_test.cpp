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

verification::PreparedCollateral kept(CollateralMemory& memory, const Texts& in) {
  if (auto known = memory.find(views(in))) return *known;
  collateral::Collateral copy = copy_of(views(in));
  auto prepared = verification::PreparedCollateral::prepare(copy).value();
  memory.keep(std::move(copy), prepared);
  return prepared;
}

// Which preparation it is: copies share what they were made of.
const void* preparation(CollateralMemory& memory, const Texts& in) {
  return &kept(memory, in).parsed();
}

bool knows(CollateralMemory& memory, const Texts& in) { return memory.find(views(in)).has_value(); }

// With this size in all.
Texts of_size(std::size_t bytes, const std::string& name) {
  Texts out = texts(name);
  std::size_t others = 0;
  for (const std::string& text : out) others += text.size();
  out[4] += std::string(bytes - others, ' ');
  return out;
}

TEST(CollateralMemory, KnowsNothingThatItWasNotToldToKeep) {
  CollateralMemory memory;
  EXPECT_FALSE(knows(memory, texts()));
  EXPECT_FALSE(knows(memory, texts()));
  EXPECT_EQ(memory.size(), 0U);
}

TEST(CollateralMemory, KnowsTheSameBytesElsewhere) {
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

TEST(CollateralMemory, ForgetsWhatWasUsedLeastRecently) {
  CollateralMemory memory;
  for (std::size_t i = 0; i < CollateralMemory::kMaxEntries; ++i) {
    (void)preparation(memory, texts(std::to_string(i)));
  }
  // The oldest is used again, and by that no longer the first to go.
  EXPECT_TRUE(knows(memory, texts("0")));
  (void)preparation(memory, texts("new"));
  EXPECT_EQ(memory.size(), CollateralMemory::kMaxEntries);
  EXPECT_FALSE(knows(memory, texts("1")));
  EXPECT_TRUE(knows(memory, texts("0")));
  EXPECT_TRUE(knows(memory, texts("2")));
  EXPECT_TRUE(knows(memory, texts("new")));
}

TEST(CollateralMemory, DoesNotKeepWhatIsTooLarge) {
  CollateralMemory memory;
  const Texts large = of_size(CollateralMemory::kMaxBytes, "large");
  const Texts larger = of_size(CollateralMemory::kMaxBytes + 1, "large");
  (void)preparation(memory, larger);
  EXPECT_EQ(memory.size(), 0U);
  (void)preparation(memory, large);
  EXPECT_TRUE(knows(memory, large));
}

TEST(CollateralMemory, KeepsNoMoreBytesThanItMay) {
  constexpr std::size_t kFit = CollateralMemory::kMaxBytesInAll / CollateralMemory::kMaxBytes;
  CollateralMemory memory;
  for (std::size_t i = 0; i < kFit; ++i) {
    (void)preparation(memory, of_size(CollateralMemory::kMaxBytes, std::to_string(i)));
  }
  EXPECT_EQ(memory.size(), kFit);
  // A small one costs the least recent of the large ones its place, and leaves room for more.
  (void)preparation(memory, texts("small"));
  (void)preparation(memory, texts("smaller"));
  EXPECT_EQ(memory.size(), kFit + 1);
  EXPECT_FALSE(knows(memory, of_size(CollateralMemory::kMaxBytes, "0")));
  EXPECT_TRUE(knows(memory, of_size(CollateralMemory::kMaxBytes, "1")));
}

TEST(CollateralMemory, ThreadsThatBeginTogetherKeepOne) {
  CollateralMemory memory;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&memory, &failed, i] {
      for (int round = 0; round < 50; ++round) {
        const Texts in = texts(std::to_string((i + round) % 3));
        (void)kept(memory, in);
        if (!knows(memory, in)) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(memory.size(), 3U);
}

}  // namespace
}  // namespace quoted::quoteverify
