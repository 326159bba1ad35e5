// Fetches again, on a thread of its own, what a cache has before it is too old.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "certification/service.h"

namespace quoted::pcs {

class Refresher {
 public:
  // Both outlive it.
  Refresher(certification::Service& service, const base::Clock& clock);
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;
  // Waits for the fetch that is under way, within its deadline.
  ~Refresher();

 private:
  void run();

  certification::Service& service_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace quoted::pcs
