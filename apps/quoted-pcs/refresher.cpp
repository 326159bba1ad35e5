#include "quoted-pcs/refresher.h"

#include <algorithm>

namespace quoted::pcs {
namespace {

// Whatever the service says: clocks jump.
constexpr std::chrono::seconds kShortest{1};
constexpr std::chrono::seconds kLongest{60};

}  // namespace

Refresher::Refresher(certification::Service& service, const base::Clock& clock)
    : service_(service), clock_(clock), thread_([this] { run(); }) {}

Refresher::~Refresher() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  stop_changed_.notify_all();
  thread_.join();
}

void Refresher::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    const base::UnixTime next = service_.refresh_due();
    const auto wait = std::clamp(std::chrono::seconds(next - clock_.now()), kShortest, kLongest);
    lock.lock();
    stop_changed_.wait_for(lock, wait, [this] { return stop_; });
  }
}

}  // namespace quoted::pcs
