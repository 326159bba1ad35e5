#include "certification/collateral_sets.h"

#include <algorithm>

#include "base/text.h"
#include "certification/schedule.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxLines = 256;

enum Place : std::size_t { kTcbInfo, kQeIdentity, kPckCrl, kRootCaCrl };

DocumentRequest tcb_info_of(const PlatformLine& line) {
  return TcbInfoRequest{line.tee, line.fmspc};
}
DocumentRequest identity_of(const PlatformLine& line) {
  return EnclaveIdentityRequest{line.tee == collateral::Tee::kTdx ? EnclaveIdentity::kTdQe
                                                                  : EnclaveIdentity::kQe};
}

base::Bytes bytes_of(const std::string& text) { return base::to_bytes(base::as_bytes(text)); }

}  // namespace

CollateralSets::CollateralSets(Keeper& keeper, const ServiceOptions& options,
                               const base::Clock& clock)
    : keeper_(keeper),
      clock_(clock),
      verifier_(options.roots),
      stale_limit_(options.stale_limit),
      retry_after_(options.retry_missing_after) {}

// `of_numbered` goes for the two documents that have an evaluation data number.
Result<CollateralSets::Parts> CollateralSets::gather(const PlatformLine& line, Freshness freshness,
                                                     Freshness of_numbered) {
  QUOTED_TRY(const Obtained tcb_info, keeper_.obtain(tcb_info_of(line), of_numbered));
  QUOTED_TRY(const Obtained identity, keeper_.obtain(identity_of(line), of_numbered));
  QUOTED_TRY(const Obtained pck_crl,
             keeper_.obtain(DocumentRequest(PckCrlRequest{line.ca}), freshness));
  const auto& urls = tcb_info.kept->facts.issuers.back().crl_urls();
  if (urls.empty()) {
    return fail(ErrorCode::kIssuerChainInvalid, "the root of the TCB info names no CRL");
  }
  QUOTED_TRY(const Obtained root_crl,
             keeper_.obtain_root_crl(tcb_info.kept->facts.root_key, urls.front(), freshness));
  return Parts{tcb_info.kept, identity.kept, pck_crl.kept, root_crl.kept};
}

// As the verifier will look at them, at a time when all of them count.
Result<CollateralSets::SetPtr> CollateralSets::assemble(const Parts& parts) const {
  for (const KeptPtr& part : parts) {
    if (part->facts.root_key != parts[kTcbInfo]->facts.root_key) {
      return fail(ErrorCode::kIssuerChainInvalid,
                  base::text(describe(part->request), " is of another root than ",
                             describe(parts[kTcbInfo]->request)));
    }
  }
  Set set{parts, {}};
  const auto record = [&](Place place) -> const CacheRecord& { return parts[place]->record; };
  set.documents = {.pck_crl_issuer_chain = bytes_of(record(kPckCrl).issuer_chain_pem),
                   .root_ca_crl = record(kRootCaCrl).body,
                   .pck_crl = record(kPckCrl).body,
                   .tcb_info_issuer_chain = bytes_of(record(kTcbInfo).issuer_chain_pem),
                   .tcb_info = record(kTcbInfo).body,
                   .qe_identity_issuer_chain = bytes_of(record(kQeIdentity).issuer_chain_pem),
                   .qe_identity = record(kQeIdentity).body};
  QUOTED_TRY(const auto prepared, verification::PreparedCollateral::prepare(set.documents));
  QUOTED_CHECK(prepared.all_parsed());
  const auto& validity = prepared.validity();
  if (!validity || validity->latest_issue > validity->earliest_expiration) {
    return fail(ErrorCode::kCollateralExpired,
                "one part of the collateral was past before another was issued");
  }
  QUOTED_CHECK(verifier_.check(
      prepared, std::clamp(clock_.now(), validity->latest_issue, validity->earliest_expiration)));
  return std::make_shared<const Set>(std::move(set));
}

Worth CollateralSets::worth(const Set& set) {
  const base::UnixTime now = clock_.now();
  Worth out = Worth::kFresh;
  for (const KeptPtr& part : set.parts) out = std::min(out, keeper_.judge(*part, now).worth);
  return out;
}

Answer<collateral::Collateral> CollateralSets::answer(const Set& set) {
  Answer<collateral::Collateral> out;
  out.value = set.documents;
  out.stale = worth(set) != Worth::kFresh;
  out.fetched = out.refresh_at = out.usable_until = base::UnixTime::max();
  for (const KeptPtr& part : set.parts) {
    out.fetched = std::min(out.fetched, part->record.fetched);
    out.refresh_at = std::min(out.refresh_at, part->refresh_at);
    out.usable_until = std::min(out.usable_until, part->facts.valid_until + stale_limit_);
    const std::string& source = part->record.source;
    if (out.source.contains(source)) continue;
    out.source += base::text(out.source.empty() ? "" : ", ", source);
  }
  return out;
}

CollateralSets::Line CollateralSets::recall(const LineKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = lines_.find(key);
  return found == lines_.end() ? Line{} : found->second;
}

void CollateralSets::remember(const LineKey& key, Line line) {
  const std::scoped_lock lock(mutex_);
  line.used = clock_.now();
  lines_.insert_or_assign(key, std::move(line));
  if (lines_.size() <= kMaxLines) return;
  lines_.erase(
      std::ranges::min_element(lines_, {}, [](const auto& entry) { return entry.second.used; }));
}

Result<Answer<collateral::Collateral>> CollateralSets::get(const PlatformLine& line,
                                                           Freshness freshness) {
  const LineKey key{cache_key(tcb_info_of(line)),
                    cache_key(DocumentRequest(PckCrlRequest{line.ca}))};
  Line known = recall(key);
  const auto is_mixed = [](const Parts& parts) {
    return parts[kTcbInfo]->facts.edition.number != parts[kQeIdentity]->facts.edition.number;
  };

  auto parts = gather(line, freshness, freshness);
  if (parts && known.last && known.last->parts == *parts) return answer(*known.last);
  Result<SetPtr> set = parts ? assemble(*parts) : fail(parts.error());
  const auto is_whole = [&] { return set && !is_mixed((*set)->parts); };

  // One of them may have been replaced at the source since we fetched the other.
  if (parts && !is_whole() && freshness != Freshness::kCacheOnly &&
      !(known.mixed_at && within(*known.mixed_at, retry_after_, clock_.now()))) {
    known.mixed_at = clock_.now();
    if (auto again = gather(line, freshness, Freshness::kRefresh)) set = assemble(*again);
  }
  if (is_whole()) {
    remember(key, {*set, std::nullopt, {}});
    return answer(**set);
  }
  remember(key, known);
  const Worth old = known.last ? worth(*known.last) : Worth::kNone;
  if (old == Worth::kFresh) return answer(*known.last);
  // Documents of different numbers verify, and the lower number is what they are worth: a cache
  // between us and the manufacturer may hold such for weeks.
  if (set) return answer(**set);
  if (old == Worth::kStale) return answer(*known.last);
  return fail(set.error());
}

}  // namespace quoted::certification
