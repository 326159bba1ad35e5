// Which nonces were issued, when, and which of them have had their one answer. Without it somebody
// who once saw good evidence could send it again for ever. Over which connection an answer comes
// does not matter: what is sent back can be read by the attested key alone.
#pragma once

#include <chrono>
#include <deque>

#include "common/messages.h"
#include "relying_party/judgement.h"

namespace quoted::sample {

class NonceLedger {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Each nonce is good for one answer that arrives at most `good_for` after its issue.
  explicit NonceLedger(std::chrono::milliseconds good_for) : good_for_(good_for) {}

  [[nodiscard]] std::chrono::milliseconds good_for() const { return good_for_; }

  [[nodiscard]] base::Result<Nonce> issue(Time now);

  // Takes the one answer to `nonce`, good or not. Nonces that were issued very long ago count as
  // never issued.
  [[nodiscard]] Judgement redeem(const Nonce& nonce, Time now);

 private:
  struct Entry {
    Nonce nonce;
    Time issued;
    bool answered = false;
  };

  std::chrono::milliseconds good_for_;
  std::deque<Entry> entries_;  // oldest first
};

}  // namespace quoted::sample
