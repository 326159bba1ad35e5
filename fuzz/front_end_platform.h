// The simulated platform as the hostile part of its world may make it: slow, late, or out of order.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "quoting/simulated_platform.h"

namespace quoted::fuzz {

class FrontEndPlatform final : public quoting::Platform {
 public:
  explicit FrontEndPlatform(quoting::Platform& real) : real_(real) {}

  // From now on quotes are made when complete_one is called.
  void set_slow(bool slow) { slow_ = slow; }

  // Why there are no quotes for now; none makes it work again.
  void set_reason(std::optional<base::Error> reason) { reason_ = std::move(reason); }

  // Quotes wait to be completed.
  [[nodiscard]] bool busy() const { return !waiting_.empty(); }

  // Completes the oldest quote that waits. False when none does.
  bool complete_one() {
    if (waiting_.empty()) return false;
    auto [request, deadline, done] = std::move(waiting_.front());
    waiting_.pop_front();
    real_.quote(request, deadline, std::move(done));
    return true;
  }

  [[nodiscard]] std::shared_ptr<const quoting::PlatformSnapshot> snapshot() const override {
    if (!reason_) return real_.snapshot();
    auto out = std::make_shared<quoting::PlatformSnapshot>(*real_.snapshot());
    out->state = quoting::CertificationState::kUncertified;
    out->reason = reason_;
    out->quote_size = 0;
    return out;
  }

  void quote(const quoting::QuoteRequest& request, quoting::Deadline deadline,
             quoting::QuoteCompletion done) override {
    if (slow_) {
      waiting_.push_back({request, deadline, std::move(done)});
    } else {
      real_.quote(request, deadline, std::move(done));
    }
  }

 private:
  struct Waiting {
    quoting::QuoteRequest request;
    quoting::Deadline deadline;
    quoting::QuoteCompletion done;
  };

  quoting::Platform& real_;
  std::optional<base::Error> reason_;
  std::deque<Waiting> waiting_;
  bool slow_ = false;
};

}  // namespace quoted::fuzz
