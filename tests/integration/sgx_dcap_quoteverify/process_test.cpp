// The library inside processes that fork while other threads verify.
#include <atomic>
#include <thread>

#include "library_test.h"

namespace quoted::test {
namespace {

TEST(Fork, ChildVerifiesWhateverItsParentWasDoing) {
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Arguments a;
      while (!stop) {
        // Each time another collateral, so that the library's memory of them changes all the time.
        a.collateral.parts[0].insert(0, " ");
        a.collateral.place(0) = a.collateral.parts[0].data();
        ++a.collateral.size(0);
        if (a.tee() != SGX_QL_SUCCESS) ++wrong;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(in_child([] {
      Arguments a;
      EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
      EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
    }));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Fork, ChildOfAChildVerifies) {
  Arguments a;
  ASSERT_EQ(a.tee(), SGX_QL_SUCCESS);
  EXPECT_TRUE(in_child([&] {
    EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
    EXPECT_TRUE(in_child([&] { EXPECT_EQ(a.tee(), SGX_QL_SUCCESS); }));
  }));
}

TEST(Threads, MayVerifyDifferentQuotes) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (const char* const name :
       {"sgx-v3-platform-sw-hardening", "sgx-v3-processor-out-of-date-eval19", "tdx-v4-up-to-date",
        "tdx-v5-td-relaunch-advised", "sgx-v3-platform-expired-crl"}) {
    threads.emplace_back([&wrong, name] {
      const VectorCase vector = vector_named(name);
      for (int i = 0; i < 20; ++i) {
        Arguments a(vector);
        const auto code = static_cast<std::uint32_t>(a.tee());
        const auto result = static_cast<std::uint32_t>(a.result);
        if (code != vector.qv_return || result != vector.qv_result ||
            a.status != vector.expiration_status) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace quoted::test
