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
  using MakeThread = std::function<std::jthread(std::function<void()> body)>;

  // `work` that is submitted must not throw. Throws what `make_thread` throws.
  WorkerPool(std::size_t threads, std::size_t max_queued,
             const MakeThread& make_thread = &plain_thread);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { end(); }

  // Waits for work that has begun; what still waits in the queue is dropped. Not from the pool.
  void end();

  // False, and nothing done, when the queue is full.
  [[nodiscard]] bool submit(std::function<void()> work);

 private:
  static std::jthread plain_thread(std::function<void()> body);
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::size_t max_queued_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace quoted::http
