// Threads that take work from one bounded queue. Private to the module.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace quoted::http {

class WorkerPool {
 public:
  // `work` that is submitted must not throw.
  WorkerPool(std::size_t threads, std::size_t max_queued);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  // Waits for work that has begun; what still waits in the queue is dropped.
  ~WorkerPool();

  // False, and nothing done, when the queue is full.
  [[nodiscard]] bool submit(std::function<void()> work);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::size_t max_queued_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace quoted::http
