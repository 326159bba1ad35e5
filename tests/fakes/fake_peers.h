// Says about every connection what a test wants to hear.
#pragma once

#include <atomic>

#include "service/peer.h"

namespace quoted::test {

class FakePeers final : public service::PeerResolver {
 public:
  explicit FakePeers(base::Result<service::Peer> answer) : answer_(std::move(answer)) {}

  [[nodiscard]] base::Result<service::Peer> resolve(int) const override {
    ++asked_;
    return answer_;
  }

  [[nodiscard]] int asked() const { return asked_; }

 private:
  base::Result<service::Peer> answer_;
  mutable std::atomic<int> asked_{0};
};

}  // namespace quoted::test
