#include "http/worker_pool.h"

#include <gmock/gmock.h>

#include <memory>
#include <semaphore>
#include <system_error>

namespace quoted::http {
namespace {

TEST(WorkerPool, ThreadThatCannotBeMadeIsAnErrorAndNoHang) {
  int made = 0;
  const auto make = [&](std::function<void()> body) {
    if (++made == 3) {
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    }
    return std::jthread(std::move(body));
  };
  EXPECT_THROW(WorkerPool(4, 1, make), std::system_error);
  EXPECT_EQ(made, 3);
}

TEST(WorkerPool, EndWaitsForWorkThatHasBegunAndDropsTheRest) {
  WorkerPool pool(1, 2);
  std::binary_semaphore begun(0);
  std::atomic<bool> finished{false};
  std::atomic<bool> dropped_ran{false};
  ASSERT_TRUE(pool.submit([&] {
    begun.release();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    finished = true;
  }));
  begun.acquire();
  ASSERT_TRUE(pool.submit([&] { dropped_ran = true; }));
  pool.end();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(dropped_ran);
  pool.end();
}

TEST(WorkerPool, WorkIsGoneBeforeTheLockIsTakenAgain) {
  WorkerPool pool(1, 1);
  std::binary_semaphore done(0);
  // Would wait for ever for the lock if that were held.
  const auto resubmits = [&](const int*) { (void)pool.submit([&] { done.release(); }); };
  std::shared_ptr<int> held(new int(1), [&](const int* one) {
    resubmits(one);
    delete one;
  });
  ASSERT_TRUE(pool.submit([held = std::move(held)] {}));
  EXPECT_TRUE(done.try_acquire_for(std::chrono::seconds(30)));
}

}  // namespace
}  // namespace quoted::http
