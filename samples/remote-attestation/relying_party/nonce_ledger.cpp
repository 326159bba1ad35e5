#include "relying_party/nonce_ledger.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/random.h"

namespace quoted::sample {
namespace {

using base::text;
using std::chrono::milliseconds;

// Whoever asks for challenges without end must not make the ledger grow without end.
constexpr std::size_t kMaxEntries = 1024;

}  // namespace

base::Result<Nonce> NonceLedger::issue(Time now) {
  Entry entry{{}, now};
  QUOTED_CHECK(crypto::fill_random(entry.nonce.mutable_view()));
  if (entries_.size() == kMaxEntries) entries_.pop_front();
  entries_.push_back(entry);
  return entry.nonce;
}

Judgement NonceLedger::redeem(const Nonce& nonce, Time now) {
  const auto found = std::ranges::find(entries_, nonce, &Entry::nonce);
  if (found == entries_.end()) {
    return refuse("the nonce is wrong: the evidence answers one that was never issued here");
  }
  if (found->answered) {
    return refuse("the evidence is a replay: its nonce has been answered before");
  }
  found->answered = true;
  const auto age = std::chrono::ceil<milliseconds>(now - found->issued);
  if (age > good_for_) {
    return refuse(text("the evidence is stale: its nonce was issued ", age.count(),
                       " ms ago and was good for ", good_for_.count(), " ms"));
  }
  return text("issued here ", age.count(), " ms ago, answered for the first time");
}

}  // namespace quoted::sample
