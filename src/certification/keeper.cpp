#include "certification/keeper.h"

#include "base/text.h"
#include "certification/schedule.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

// Cached under a root that this process does not trust: another's, who shares the directory.
bool is_of_others(ErrorCode code) {
  return code == ErrorCode::kRootNotTrusted || code == ErrorCode::kSimulatedRootNotTrusted ||
         code == ErrorCode::kCryptoFailure;
}

bool lacks_ppid(const Request& request) {
  const auto* const pck = std::get_if<PckRequest>(&request);
  return pck != nullptr && pck->encrypted_ppid.empty();
}

// What an attempt counts for. Some sources know a platform by the encrypted PPID only: that they
// did not know one without says nothing about it with.
std::string attempt_key(const Request& request) {
  return cache_key(request) + (lacks_ppid(request) ? "/no-ppid" : "");
}

}  // namespace

Keeper::Keeper(ServiceOptions options, std::vector<std::unique_ptr<Source>> sources,
               const base::Clock& clock, ServiceObserver& observer, std::uint64_t jitter)
    : options_(std::move(options)),
      clock_(clock),
      check_(options_.roots),
      sources_(options_, std::move(sources), clock, observer),
      store_(options_.cache_dir, observer),
      jitter_(jitter) {}

Result<Obtained> Keeper::obtain(const Request& request, Freshness freshness) {
  const std::string key = cache_key(request);
  const std::string attempt = attempt_key(request);
  const KeptPtr seen = look_up(request, key);
  const base::UnixTime now = clock_.now();
  const Judgement judged = seen ? judge(*seen, now) : Judgement{};
  const bool stale = judged.worth == Worth::kStale;
  if (judged.worth == Worth::kFresh && freshness != Freshness::kRefresh) {
    return serve(seen, request, false);
  }
  if (freshness == Freshness::kCacheOnly) {
    if (stale) return serve(seen, request, true);
    if (judged.why) return fail(*judged.why);
    return fail(ErrorCode::kNotInCache, text(describe(request), " is not in the cache"));
  }
  // Nobody waits for a source that is being asked already, or failed a moment ago, while there is
  // something to be had without.
  if (stale && freshness == Freshness::kCacheFirst &&
      (flights_.under_way(attempt) || failed_lately(attempt, now))) {
    return serve(seen, request, true);
  }
  const auto fetched = flights_.run(attempt, [&] { return fetch(request, key, seen, freshness); });
  if (fetched) return serve(*fetched, request, false);
  if (judged.worth != Worth::kNone) return serve(seen, request, stale);
  if (judged.why && fetched.error().code() == ErrorCode::kNoCollateralSource) {
    return fail(*judged.why);
  }
  return fail(fetched.error());
}

Result<Obtained> Keeper::obtain_root_crl(const crypto::P256Point& root_key, const std::string& url,
                                         Freshness freshness) {
  const DocumentRequest any_root = RootCaCrlRequest{url};
  const DocumentRequest this_root = RootCaCrlRequest{url, root_key};
  const KeptPtr there = look_up(any_root, cache_key(any_root));
  const bool taken = there && there->facts.root_key != root_key;
  Request request = taken ? this_root : any_root;
  const KeptPtr newest = newest_root_crl(root_key);
  if (newest && judge(*newest, clock_.now()).worth == Worth::kFresh) request = newest->request;
  auto out = obtain(request, freshness);
  if (!out || out->kept->facts.root_key == root_key) return out;
  return obtain(this_root, freshness);
}

KeptPtr Keeper::newest_root_crl(const crypto::P256Point& root_key) {
  std::call_once(root_crls_loaded_, [this] { load_all(kRootCaCrlPrefix); });
  KeptPtr out;
  for (const KeptPtr& kept : memory_.all(kRootCaCrlPrefix)) {
    if (kept->facts.root_key != root_key) continue;
    if (!out || is_older(out->facts.edition, kept->facts.edition)) out = kept;
  }
  return out;
}

Judgement Keeper::judge(const Kept& kept, base::UnixTime now) {
  const std::string what = describe(kept.request);
  if (Status good = check_not_revoked(kept.facts, what); !good) {
    return {Worth::kNone, std::move(good).error()};
  }
  Status current = check_current(kept.facts, what, now);
  if (current) return {Worth::kFresh, std::nullopt};
  const bool served_on =
      now > kept.facts.valid_until && now - kept.facts.valid_until <= options_.stale_limit;
  return {served_on ? Worth::kStale : Worth::kNone, std::move(current).error()};
}

// Against the CRLs that are at hand: nothing is fetched for this.
Status Keeper::check_not_revoked(const DocumentFacts& facts, std::string_view what) {
  if (facts.issuers.empty()) return {};
  const auto crl = [this](DocumentRequest request) { return look_up(request, cache_key(request)); };
  // Memory may have had to give it up; the disk goes by the address.
  const auto& urls = facts.issuers.back().crl_urls();
  if (!urls.empty()) (void)crl(RootCaCrlRequest{urls.front()});
  const KeptPtr root_crl = newest_root_crl(facts.root_key);
  const KeptPtr pck_crl = facts.pck ? crl(PckCrlRequest{facts.ca}) : nullptr;
  return certification::check_not_revoked(facts, what, root_crl ? &root_crl->facts : nullptr,
                                          pck_crl ? &pck_crl->facts : nullptr);
}

KeptPtr Keeper::look_up(const Request& request, const std::string& key) {
  if (KeptPtr found = memory_.find(key)) return found;
  const KeptPtr loaded = load(request, key);
  return loaded ? memory_.put_instead_of(nullptr, loaded) : nullptr;
}

KeptPtr Keeper::load(const Request& request, const std::string& key) {
  auto record = store_.load(key);
  if (!record) return nullptr;
  auto facts = examine(check_, request, *record);
  if (facts) return keep(request, *std::move(record), *std::move(facts));
  if (!is_of_others(facts.error().code())) store_.discard(key, facts.error());
  return nullptr;
}

KeptPtr Keeper::keep(const Request& request, CacheRecord record, DocumentFacts facts) {
  const base::UnixTime refresh_at =
      refresh_time(record.fetched, facts.valid_until, options_.refresh_after,
                   jitter_ ^ std::hash<std::string>()(record.key));
  return std::make_shared<const Kept>(
      Kept{request, std::move(record), std::move(facts), refresh_at});
}

Result<Obtained> Keeper::serve(KeptPtr kept, const Request& request, bool stale) {
  // The encrypted PPID is not on the disk; some sources will want it for the next refresh.
  if (lacks_ppid(kept->request) && !lacks_ppid(request)) {
    kept = memory_.put_instead_of(kept, keep(request, kept->record, kept->facts));
  }
  if (memory_.mark_is_due(kept->record.key, clock_.now())) store_.mark_used(kept->record.key);
  return Obtained{std::move(kept), stale};
}

std::optional<FailedAttempt> Keeper::failed_lately(const std::string& attempt,
                                                   base::UnixTime now) const {
  auto failure = memory_.failure(attempt);
  return failure && within(failure->at, options_.retry_missing_after, now) ? failure : std::nullopt;
}

KeptPtr Keeper::find_newer(const Request& request, const std::string& key, const KeptPtr& seen,
                           Freshness freshness) {
  const base::UnixTime now = clock_.now();
  const KeptPtr here = memory_.find(key);
  if (here && here != seen && judge(*here, now).worth == Worth::kFresh) return here;
  // Who asks anew for what is not due wants to hear the source itself.
  if (!seen || (freshness == Freshness::kRefresh && due(*seen, now) > now)) return nullptr;
  KeptPtr on_disk = load(request, key);
  if (!on_disk || on_disk->record.fetched <= seen->record.fetched || due(*on_disk, now) <= now ||
      judge(*on_disk, now).worth != Worth::kFresh) {
    return nullptr;
  }
  // When it was fetched stands in the file, for anybody to write who may write there.
  if (!check_no_rollback(on_disk->facts, seen->facts, describe(request), now)) return nullptr;
  memory_.put(on_disk);
  return on_disk;
}

Result<KeptPtr> Keeper::fetch(const Request& request, const std::string& key, const KeptPtr& seen,
                              Freshness freshness) {
  if (KeptPtr newer = find_newer(request, key, seen, freshness)) return newer;
  const std::string attempt = attempt_key(request);
  const auto failure = failed_lately(attempt, clock_.now());
  if (failure && failure->all_answered) return fail(failure->error);
  auto fetched = sources_.fetch(
      request, [&](const CacheRecord& record) { return accept(request, key, record); });
  if (!fetched) {
    const auto& [error, all_answered] = fetched.error();
    memory_.note_failure(attempt, {clock_.now(), error, all_answered});
    return fail(error);
  }
  memory_.forget_failure(key);
  memory_.forget_failure(attempt);
  KeptPtr kept = keep(request, std::move(fetched->record), std::move(fetched->facts));
  memory_.put(kept);
  store_.save({kept, &kept->record});
  return kept;
}

Result<DocumentFacts> Keeper::accept(const Request& request, const std::string& key,
                                     const CacheRecord& record) {
  const std::string what = describe(request);
  const base::UnixTime now = clock_.now();
  QUOTED_TRY(DocumentFacts facts, examine(check_, request, record));
  QUOTED_CHECK(check_current(facts, what, now));
  QUOTED_CHECK(check_not_revoked(facts, what));
  QUOTED_CHECK(check_same_platform(request, facts, now));
  // On the disk there may be a newer one than in memory, which another process put there.
  const KeptPtr in_memory = look_up(request, key);
  QUOTED_CHECK(check_is_same_root(request, facts, in_memory, now));
  const bool is_root_crl = key.starts_with(kRootCaCrlPrefix);
  for (const KeptPtr& cached :
       {in_memory, load(request, key), is_root_crl ? newest_root_crl(facts.root_key) : nullptr}) {
    // What a revoked signer wrote shall not keep out what comes after it.
    if (cached && check_not_revoked(cached->facts, what)) {
      QUOTED_CHECK(check_no_rollback(facts, cached->facts, what, now));
    }
  }
  return facts;
}

Status Keeper::check_same_platform(const Request& request, const DocumentFacts& facts,
                                   base::UnixTime now) {
  const auto* const pck = std::get_if<PckRequest>(&request);
  if (pck == nullptr) return {};
  std::call_once(pcks_loaded_, [this] { load_all("pck/"); });
  for (const KeptPtr& kept : memory_.all(cache_key_prefix(pck->qe_id))) {
    if (judge(*kept, now).worth == Worth::kNone) continue;
    QUOTED_CHECK(certification::check_same_platform(facts, kept->facts));
  }
  return {};
}

// A CRL in the place of another root's would make us forget what that one has revoked.
Status Keeper::check_is_same_root(const Request& request, const DocumentFacts& facts,
                                  const KeptPtr& cached, base::UnixTime now) const {
  const std::string what = describe(request);
  if (!cache_key(request).starts_with(kRootCaCrlPrefix) || !cached ||
      cached->facts.root_key == facts.root_key || !check_current(cached->facts, what, now)) {
    return {};
  }
  return fail(ErrorCode::kCrlInvalid, text(what, " is of another root than the one in the cache"));
}

Status Keeper::register_platform(const Registration& platform) {
  QUOTED_CHECK(sources_.register_platform(platform));
  memory_.forget_failures("pck/");
  return {};
}

base::UnixTime Keeper::due(const Kept& kept, base::UnixTime now) const {
  // Fetched in what is the future now: the clock was wrong then, or is.
  const base::UnixTime at = kept.record.fetched > now + kSlowClock ? now : kept.refresh_at;
  const auto failure = memory_.failure(attempt_key(kept.request));
  if (!failure) return at;
  const auto retry = retry_pause(options_.retry_missing_after, failure->in_a_row);
  return within(failure->at, retry, now) ? std::max(at, failure->at + retry) : at;
}

void Keeper::load_all(std::string_view prefix) {
  for (const std::string& key : store_.keys()) {
    if (!key.starts_with(prefix)) continue;
    if (const auto request = parse_cache_key(key)) (void)look_up(*request, key);
  }
}

base::UnixTime Keeper::refresh_due() {
  std::call_once(loaded_, [this] { load_all({}); });
  store_.retry();
  base::UnixTime next = clock_.now() + options_.refresh_after;
  for (const KeptPtr& kept : memory_.all()) {
    const std::string& key = kept->record.key;
    if (due(*kept, clock_.now()) <= clock_.now()) {
      (void)flights_.run(attempt_key(kept->request),
                         [&] { return fetch(kept->request, key, kept, Freshness::kCacheFirst); });
    }
    const KeptPtr now_there = memory_.find(key);
    next = std::min(next, due(now_there ? *now_there : *kept, clock_.now()));
  }
  return std::max(next, clock_.now() + std::chrono::seconds(1));
}

}  // namespace quoted::certification
