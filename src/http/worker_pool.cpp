#include "http/worker_pool.h"

#include <utility>

namespace quoted::http {

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_queued, const MakeThread& make_thread)
    : max_queued_(max_queued) {
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.push_back(make_thread([this] { run(); }));
    }
  } catch (...) {
    // No destructor runs now, and those that were made wait for work for ever.
    end();
    throw;
  }
}

std::jthread WorkerPool::plain_thread(std::function<void()> body) {
  return std::jthread(std::move(body));
}

void WorkerPool::end() {
  std::deque<std::function<void()>> dropped;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_all();
  threads_.clear();
}

bool WorkerPool::submit(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= max_queued_) return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) return;
    {
      // Ends before the lock is taken again: what it holds is no business of the other threads.
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
    }
    lock.lock();
  }
}

}  // namespace quoted::http
