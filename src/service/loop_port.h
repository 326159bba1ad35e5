// How other threads hand work to an event loop that may be gone by then: a platform may complete
// a quote after the connection, the loop and the server have ended. Private.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "service/asio.h"

namespace quoted::service {

// Shared by the loop and everything that may outlive it.
class LoopPort {
 public:
  explicit LoopPort(asio::io_context& context) : context_(&context) {}

  // Called by the loop: on its thread before it runs, and before it is destroyed.
  void open() { thread_ = std::this_thread::get_id(); }
  void close() {
    const std::scoped_lock lock(mutex_);
    context_ = nullptr;
  }

  [[nodiscard]] bool on_loop_thread() const { return std::this_thread::get_id() == thread_; }

  // Runs `work` on the loop's thread, or drops it when the loop is gone. Any thread.
  void post(std::function<void()> work);

 private:
  std::mutex mutex_;
  asio::io_context* context_;
  std::atomic<std::thread::id> thread_;
};

}  // namespace quoted::service
