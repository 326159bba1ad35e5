#include "crypto/signature_memo.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace quoted::crypto {
namespace {

P256PublicKey key(unsigned char seed) {
  return P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, std::byte{seed}))
      .value()
      .public_key();
}

// Counts how often it is asked.
struct Asked {
  bool answer;
  int times = 0;
  bool good(const SignatureMemo& memo, const P256PublicKey& under) {
    return memo.good(under, [this] { return ++times, answer; });
  }
};

TEST(SignatureMemo, AsksOnceForAGoodKey) {
  const SignatureMemo memo;
  Asked yes{true};
  EXPECT_TRUE(yes.good(memo, key(1)));
  EXPECT_TRUE(yes.good(memo, key(1)));
  EXPECT_EQ(yes.times, 1);
}

TEST(SignatureMemo, NeverSaysOfAnotherKeyWhatHoldsForOne) {
  const SignatureMemo memo;
  Asked yes{true};
  Asked no{false};
  EXPECT_TRUE(yes.good(memo, key(1)));
  EXPECT_FALSE(no.good(memo, key(2)));
  EXPECT_EQ(no.times, 1);
  EXPECT_TRUE(yes.good(memo, key(1)));
  EXPECT_EQ(yes.times, 1);
}

TEST(SignatureMemo, DoesNotRememberWhatFails) {
  const SignatureMemo memo;
  Asked no{false};
  EXPECT_FALSE(no.good(memo, key(1)));
  EXPECT_FALSE(no.good(memo, key(1)));
  EXPECT_EQ(no.times, 2);
}

TEST(SignatureMemo, ServesManyThreads) {
  const SignatureMemo memo;
  const P256PublicKey good = key(1);
  const P256PublicKey bad = key(2);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) {
        EXPECT_TRUE(memo.good(good, [] { return true; }));
        EXPECT_FALSE(memo.good(bad, [] { return false; }));
      }
    });
  }
}

}  // namespace
}  // namespace quoted::crypto
