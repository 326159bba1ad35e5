#include "certification/service.h"

#include <fstream>
#include <set>

#include "base/file.h"
#include "certification/cache_file.h"
#include "certification/document_check.h"
#include "certification/testing/service_fixture.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using testing::code;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNow;
using namespace std::chrono_literals;

using ServiceCache = testing::ServiceTest;
using ServiceRefresh = testing::ServiceTest;
using ServiceClock = testing::ServiceTest;
using ServiceDisk = testing::ServiceTest;
using ServiceRevocation = testing::ServiceTest;

// ---- The cache comes first

TEST_F(ServiceCache, EachAnswerIsFetchedOnce) {
  const auto service = start();
  for (int round = 0; round < 3; ++round) {
    for (const DocumentRequest& request : world.requests()) {
      const auto answer = service->document(request, Freshness::kCacheFirst);
      ASSERT_TRUE(answer) << answer.error().summary();
      EXPECT_EQ(answer->source, "fake");
      EXPECT_EQ(answer->fetched, kNow);
      EXPECT_FALSE(answer->stale);
      EXPECT_GT(answer->refresh_at, kNow);
      EXPECT_LE(answer->refresh_at, kNow + options.refresh_after);
      EXPECT_GT(answer->usable_until, kNow + options.stale_limit);
      EXPECT_EQ(source->calls(request), 1);
    }
    const auto pck = service->pck_certificate(world.pck_request(), Freshness::kCacheFirst);
    ASSERT_TRUE(pck) << pck.error().summary();
    EXPECT_EQ(pck->value.leaf_pem, world.pck().leaf_pem);
    EXPECT_EQ(pck->value.issuer_chain_pem, world.pck().issuer_chain_pem);
    EXPECT_EQ(pck->value.cpu_svn, world.pck().cpu_svn);
    EXPECT_EQ(pck->value.pce_isv_svn, world.pck().pce_isv_svn);
    EXPECT_EQ(source->calls(world.pck_request()), 1);
  }
}

TEST_F(ServiceCache, ARestartFindsItAll) {
  const Document first = start()->document(world.tcb_info(), Freshness::kCacheFirst).value().value;
  (void)start()->pck_certificate(world.pck_request(), Freshness::kCacheFirst);
  const auto service = start({});
  const auto answer = service->document(world.tcb_info(), Freshness::kCacheOnly);
  ASSERT_TRUE(answer) << answer.error().summary();
  EXPECT_EQ(answer->value.body, first.body);
  EXPECT_EQ(answer->value.issuer_chain_pem, first.issuer_chain_pem);
  EXPECT_EQ(answer->source, "fake");
  PckRequest encrypted_anew = world.pck_request();
  encrypted_anew.encrypted_ppid[0] ^= std::byte{1};
  EXPECT_TRUE(service->pck_certificate(encrypted_anew, Freshness::kCacheOnly));
}

TEST_F(ServiceCache, CacheOnlyNeverAsksAndRefreshAlwaysDoes) {
  const auto service = start();
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheOnly)),
            ErrorCode::kNotInCache);
  EXPECT_EQ(source->calls(), 0);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kRefresh));
    EXPECT_EQ(source->calls(), i);
  }
  source->fail_with(ErrorCode::kEndpointRefused);
  const auto kept = service->document(world.tcb_info(), Freshness::kRefresh);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->stale);
}

TEST_F(ServiceCache, WithoutSourcesTheCacheIsAllThereIs) {
  EXPECT_EQ(code(start({})->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kNoCollateralSource);
  EXPECT_EQ(code(start({})->register_platform({})), ErrorCode::kNoCollateralSource);
}

TEST_F(ServiceCache, WithoutRootsThereIsNoService) {
  const auto service = Service::create({}, {}, clock, observer);
  EXPECT_EQ(code(service), ErrorCode::kInvalidArgument);
}

TEST_F(ServiceCache, WithoutADirectoryItLivesInMemory) {
  options.cache_dir.clear();
  const auto service = start();
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheOnly));
}

TEST_F(ServiceCache, RegistrationGoesToTheFirstThatTakesIt) {
  const auto second = another_source("second");
  int registered = 0;
  second->registration = [&](const Registration&) {
    ++registered;
    return base::Status();
  };
  const auto service = start({source, second});
  source->fail_with(ErrorCode::kPlatformUnknown);
  second->fail_with(ErrorCode::kPlatformUnknown);
  EXPECT_EQ(code(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst)),
            ErrorCode::kPlatformUnknown);
  EXPECT_TRUE(service->register_platform({world.pck_request(), {}}));
  EXPECT_EQ(registered, 1);
  // What was not known before may be now.
  second->recover();
  EXPECT_TRUE(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst));
}

// ---- Refreshing, and serving on when that fails

TEST_F(ServiceRefresh, WhatIsDueIsFetchedBeforeItExpires) {
  const auto service = start();
  for (const DocumentRequest& request : world.requests()) {
    ASSERT_TRUE(service->document(request, Freshness::kCacheFirst));
  }
  const base::UnixTime next = service->refresh_due();
  EXPECT_EQ(source->calls(), 4) << "nothing is due yet";
  EXPECT_GT(next, kNow + options.refresh_after / 2);
  EXPECT_LE(next, kNow + options.refresh_after);
  clock.set(kNow + options.refresh_after);
  world.issued = kNow;
  EXPECT_GT(service->refresh_due(), clock.now());
  for (const DocumentRequest& request : world.requests()) {
    EXPECT_EQ(source->calls(request), 2);
    EXPECT_EQ(service->document(request, Freshness::kCacheOnly)->fetched, clock.now());
  }
}

TEST_F(ServiceRefresh, WhatLiesInTheCacheIsRefreshedToo) {
  ASSERT_TRUE(start()->document(world.tcb_info(), Freshness::kCacheFirst));
  const auto service = start();
  clock.advance(options.refresh_after);
  (void)service->refresh_due();
  EXPECT_EQ(source->calls(world.tcb_info()), 2);
}

TEST_F(ServiceRefresh, NodesDoNotAskAtOnce) {
  std::set<base::UnixTime> times;
  for (int i = 0; i < 8; ++i) {
    options.cache_dir.clear();
    times.insert(start()->document(world.tcb_info(), Freshness::kCacheFirst)->refresh_at);
  }
  EXPECT_GT(times.size(), 1U);
}

TEST_F(ServiceRefresh, AFailedRefreshIsTriedAgainAndServedOver) {
  const auto service = start();
  ASSERT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
  clock.advance(options.refresh_after);
  source->fail_with(ErrorCode::kEndpointRefused);
  EXPECT_EQ(service->refresh_due(), clock.now() + options.retry_missing_after);
  EXPECT_FALSE(service->document(world.tcb_info(), Freshness::kCacheFirst)->stale);
  const int calls = source->calls();
  EXPECT_EQ(service->refresh_due(), clock.now() + options.retry_missing_after);
  EXPECT_EQ(source->calls(), calls) << "not again at once";
  clock.advance(options.retry_missing_after);
  source->recover();
  EXPECT_GT(service->refresh_due(), clock.now() + options.retry_missing_after);
  EXPECT_EQ(source->calls(), calls + 1);
}

TEST_F(ServiceRefresh, PastItsDateItIsServedAsStaleUpToTheLimit) {
  const auto service = start();
  const auto good = service->document(world.tcb_info(), Freshness::kCacheFirst).value();
  source->fail_with(ErrorCode::kEndpointRefused);
  const base::UnixTime expires = good.usable_until - options.stale_limit;
  for (const Freshness freshness :
       {Freshness::kCacheOnly, Freshness::kCacheFirst, Freshness::kRefresh}) {
    clock.set(expires);
    EXPECT_FALSE(service->document(world.tcb_info(), freshness)->stale);
    clock.set(expires + 1s);
    EXPECT_TRUE(service->document(world.tcb_info(), freshness)->stale);
    clock.set(good.usable_until);
    EXPECT_TRUE(service->document(world.tcb_info(), freshness)->stale);
    clock.set(good.usable_until + 1s);
    EXPECT_FALSE(service->document(world.tcb_info(), freshness));
  }
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheOnly)),
            ErrorCode::kCollateralExpired);
  source->recover();
  clock.advance(1h);
  world.issued = clock.now();
  EXPECT_FALSE(service->document(world.tcb_info(), Freshness::kCacheFirst)->stale);
}

// ---- Clocks that jump

TEST_F(ServiceClock, BackByADayOrAYearAndAgain) {
  for (const std::chrono::hours by : {24h, 24h * 365}) {
    const auto service = start();
    ASSERT_TRUE(service->document(world.tcb_info(), Freshness::kRefresh));
    const int calls = source->calls();
    clock.set(kNow - by - 1h);
    // Issued in what is the future now.
    EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheOnly)),
              ErrorCode::kCollateralNotYetValid);
    EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
              ErrorCode::kCollateralNotYetValid);
    EXPECT_EQ(source->calls(), calls + 1) << "the source is asked";
    EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
              ErrorCode::kCollateralNotYetValid);
    EXPECT_EQ(source->calls(), calls + 1) << "but not each time";
    EXPECT_LE(service->refresh_due(), clock.now() + options.refresh_after);
    clock.set(kNow);
    EXPECT_FALSE(service->document(world.tcb_info(), Freshness::kCacheFirst)->stale);
    EXPECT_EQ(source->calls(), calls + 1);
  }
}

TEST_F(ServiceClock, ForwardByADayOrAYearAndBack) {
  for (const std::chrono::hours by : {24h, 24h * 365}) {
    const auto service = start();
    ASSERT_TRUE(service->document(world.tcb_info(), Freshness::kRefresh));
    clock.set(kNow + by);
    (void)service->refresh_due();
    const auto ahead = service->document(world.tcb_info(), Freshness::kCacheFirst);
    EXPECT_EQ(ahead.has_value(), by == 24h);
    clock.set(kNow);
    const auto back = service->document(world.tcb_info(), Freshness::kCacheFirst);
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->stale);
  }
}

// What was fetched while the clock was ahead is due at once when it is right again.
TEST_F(ServiceClock, WhatComesFromTheFutureIsNotForEver) {
  clock.set(kNow + 24h * 20);
  const auto service = start();
  ASSERT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
  clock.set(kNow);
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
  (void)service->refresh_due();
  EXPECT_EQ(source->calls(), 2);
  EXPECT_EQ(service->document(world.tcb_info(), Freshness::kCacheOnly)->fetched, kNow);
  EXPECT_LE(service->refresh_due(), kNow + options.refresh_after);
}

// ---- Revocation

TEST_F(ServiceRevocation, OfThePlatformEndsItsCertificate) {
  const auto service = start();
  ASSERT_TRUE(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst));
  world.revoke_pck();
  ASSERT_TRUE(service->document(world.pck_crl(), Freshness::kCacheFirst));
  EXPECT_EQ(code(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst)),
            ErrorCode::kCertificateRevoked);
  EXPECT_EQ(code(start()->pck_certificate(world.pck_request(), Freshness::kCacheOnly)),
            ErrorCode::kCertificateRevoked)
      << "after a restart";
}

TEST_F(ServiceRevocation, OfTheSignerEndsItsDocuments) {
  const auto service = start();
  const PlatformLine line{collateral::Tee::kSgx, world.fmspc(), collateral::PckCa::kPlatform};
  ASSERT_TRUE(service->collateral(line, Freshness::kCacheFirst));
  world.state.revoked_issuers = {simulation::RevocableIssuer::kTcbSigning};
  ++world.state.root_crl_number;
  ASSERT_TRUE(service->document(world.root_crl(), Freshness::kRefresh));
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kCertificateRevoked);
  EXPECT_EQ(code(service->collateral(line, Freshness::kCacheFirst)), ErrorCode::kCertificateRevoked)
      << "nor does the set that was whole before count any more";
}

// There are several genuine certificates of one root, which name several addresses.
TEST_F(ServiceRevocation, ARootsCrlCountsWhateverAddressItCameFrom) {
  const RootCaCrlRequest elsewhere{"https://elsewhere.invalid/root.der"};
  ASSERT_TRUE(start()->document(world.tcb_info(), Freshness::kCacheFirst));
  const Document harmless = world.document(world.root_crl());
  world.state.revoked_issuers = {simulation::RevocableIssuer::kTcbSigning};
  ++world.state.root_crl_number;
  const auto service = start();
  ASSERT_TRUE(service->document(elsewhere, Freshness::kCacheFirst));
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheOnly)),
            ErrorCode::kCertificateRevoked);
  EXPECT_EQ(code(start()->document(world.tcb_info(), Freshness::kCacheOnly)),
            ErrorCode::kCertificateRevoked)
      << "after a restart";
  source->document = [&](const DocumentRequest&) { return base::Result<Document>(harmless); };
  EXPECT_EQ(code(service->document(world.root_crl(), Freshness::kCacheFirst)),
            ErrorCode::kCollateralExpired)
      << "an older one under the address of the chain";
}

TEST_F(ServiceRevocation, ASetTakesTheRootsNewestCrl) {
  const RootCaCrlRequest elsewhere{"https://elsewhere.invalid/root.der"};
  const auto service = start();
  const PlatformLine line{collateral::Tee::kSgx, world.fmspc(), collateral::PckCa::kPlatform};
  ASSERT_TRUE(service->collateral(line, Freshness::kCacheFirst));
  ++world.state.root_crl_number;
  const Document newer = service->document(elsewhere, Freshness::kCacheFirst).value().value;
  EXPECT_EQ(service->collateral(line, Freshness::kCacheFirst)->value.root_ca_crl, newer.body);
}

TEST_F(ServiceRevocation, AnotherTrustedRootsCrlDoesNotTakeItsPlace) {
  const testing::TestWorld other(2);
  options.roots = world.roots();
  options.roots.push_back(other.roots().front());
  const auto service = start();
  const Document own = service->document(world.root_crl(), Freshness::kCacheFirst).value().value;
  source->document = [&](const DocumentRequest& asked) -> std::optional<base::Result<Document>> {
    if (!std::holds_alternative<RootCaCrlRequest>(asked)) return std::nullopt;
    return other.document(asked);
  };
  EXPECT_EQ(service->document(world.root_crl(), Freshness::kRefresh)->value.body, own.body);
  // A source that has the other root's only is passed over.
  options.cache_dir.clear();
  const auto second = another_source("second");
  const auto fresh = start({source, second});
  ASSERT_TRUE(fresh->document(world.root_crl(), Freshness::kCacheFirst));
  const PlatformLine line{collateral::Tee::kSgx, world.fmspc(), collateral::PckCa::kPlatform};
  const auto set = fresh->collateral(line, Freshness::kCacheFirst);
  ASSERT_TRUE(set) << set.error().summary();
  EXPECT_TRUE(
      DocumentCheck(world.roots()).examine(world.root_crl(), Document{set->value.root_ca_crl, {}}));
}

// ---- A disk that is hostile, broken or shared

TEST_F(ServiceDisk, EveryFlippedBitIsFoundOut) {
  ASSERT_TRUE(start()->document(world.root_crl(), Freshness::kCacheFirst));
  const std::filesystem::path file = files().front();
  const base::Bytes whole = base::read_file(file, kMaxCacheFile).value();
  const auto service = start({});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    base::Bytes flipped = whole;
    flipped[at] ^= static_cast<std::byte>(1U << (at % 8));
    ASSERT_TRUE(base::write_file(file, flipped, 0600));
    ASSERT_EQ(code(service->document(world.root_crl(), Freshness::kCacheOnly)),
              ErrorCode::kNotInCache)
        << at;
    ASSERT_THAT(observer.take(), Contains("damaged: CACHE_DAMAGED")) << at;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(base::write_file(file, base::ByteView(whole).first(size), 0600));
    ASSERT_EQ(code(service->document(world.root_crl(), Freshness::kCacheOnly)),
              ErrorCode::kNotInCache)
        << size;
    ASSERT_THAT(observer.take(), ElementsAre("damaged: CACHE_DAMAGED")) << size;
  }
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_TRUE(start()->document(world.root_crl(), Freshness::kCacheFirst)) << "fetched again";
  EXPECT_TRUE(start({})->document(world.root_crl(), Freshness::kCacheOnly));
}

// Whoever writes there can compute the digest as well as we can.
TEST_F(ServiceDisk, AFileWithAGoodDigestIsStillVerified) {
  ASSERT_TRUE(start()->document(world.tcb_info(), Freshness::kCacheFirst));
  const std::filesystem::path file = files().front();
  CacheRecord record = read_cache_file(base::read_file(file, kMaxCacheFile).value()).value();
  record.body[record.body.size() / 2] ^= std::byte{1};
  ASSERT_TRUE(base::write_file(file, write_cache_file(record).value(), 0600));
  const auto service = start();
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheOnly)),
            ErrorCode::kNotInCache);
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
  EXPECT_EQ(observer.damaged_files().size(), 1U);
}

TEST_F(ServiceDisk, AnotherRootsDocumentsAreNeitherServedNorTakenAway) {
  ASSERT_TRUE(start()->document(world.tcb_info(), Freshness::kCacheFirst));
  options.roots = {verification::intel_root()};
  EXPECT_EQ(code(start()->document(world.tcb_info(), Freshness::kCacheOnly)),
            ErrorCode::kNotInCache);
  EXPECT_EQ(code(start()->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kSimulatedRootNotTrusted);
  options.roots.clear();
  EXPECT_TRUE(start()->document(world.tcb_info(), Freshness::kCacheOnly));
}

TEST_F(ServiceDisk, ALostDirectoryIsToldOnceAndDoneWithout) {
  const auto service = start();
  std::filesystem::remove_all(options.cache_dir);
  std::ofstream(options.cache_dir) << "in its place";
  for (const DocumentRequest& request : world.requests()) {
    EXPECT_TRUE(service->document(request, Freshness::kCacheFirst));
    EXPECT_TRUE(service->document(request, Freshness::kCacheOnly));
  }
  const auto events = observer.take();
  EXPECT_EQ(std::ranges::count(events, "degraded"), 1);
  std::filesystem::remove(options.cache_dir);
  (void)service->refresh_due();
  EXPECT_THAT(observer.take(), ElementsAre("recovered"));
  EXPECT_EQ(files().size(), 4U) << "what could not be written then";
}

TEST_F(ServiceDisk, TwoServicesShareADirectory) {
  const auto one = start();
  const auto two = start();
  for (const DocumentRequest& request : world.requests()) {
    ASSERT_TRUE(one->document(request, Freshness::kCacheFirst));
    ASSERT_TRUE(two->document(request, Freshness::kCacheFirst));
    EXPECT_EQ(source->calls(request), 1);
  }
  clock.advance(options.refresh_after);
  world.issued = kNow;
  (void)one->refresh_due();
  (void)two->refresh_due();
  for (const DocumentRequest& request : world.requests()) {
    EXPECT_EQ(source->calls(request), 2) << "the other finds what the first fetched";
    EXPECT_EQ(two->document(request, Freshness::kCacheOnly)->fetched, clock.now());
  }
}

// Who may write there can put an older edition in a newer one's place, and the time of its arrival
// into the future.
TEST_F(ServiceDisk, AnOlderEditionInAFileDoesNotReplaceWhatIsInMemory) {
  const std::unique_ptr<Service> victim = start();
  ASSERT_TRUE(victim->document(world.tcb_info(), Freshness::kCacheFirst));
  const std::filesystem::path file = files().front();
  const base::Bytes older = base::read_file(file, kMaxCacheFile).value();
  ++world.state.evaluation_number;
  const Document newer = victim->document(world.tcb_info(), Freshness::kRefresh).value().value;
  clock.advance(options.refresh_after);
  CacheRecord planted = read_cache_file(older).value();
  planted.fetched = clock.now();
  ASSERT_TRUE(base::write_file(file, write_cache_file(planted).value(), 0600));
  source->fail_with(ErrorCode::kEndpointRefused);
  (void)victim->refresh_due();
  EXPECT_EQ(victim->document(world.tcb_info(), Freshness::kCacheOnly)->value.body, newer.body);
  EXPECT_EQ(victim->document(world.tcb_info(), Freshness::kRefresh)->value.body, newer.body);
}

TEST_F(ServiceDisk, AnOlderEditionIsNotWrittenOverANewerOfAnotherProcess) {
  const auto one = start();
  const auto two = start();
  ASSERT_TRUE(one->document(world.tcb_info(), Freshness::kCacheFirst));
  ++world.state.evaluation_number;
  const Document newer = two->document(world.tcb_info(), Freshness::kRefresh).value().value;
  --world.state.evaluation_number;
  world.issued += 1h;  // not older than what the first has in memory
  EXPECT_TRUE(one->document(world.tcb_info(), Freshness::kRefresh));
  EXPECT_EQ(start({})->document(world.tcb_info(), Freshness::kCacheOnly)->value.body, newer.body);
}

TEST_F(ServiceDisk, ARefreshTakesWhatAnotherProcessFetchedOnceItIsDue) {
  const auto reader = start();
  const auto daemon = start();
  ASSERT_TRUE(reader->document(world.tcb_info(), Freshness::kCacheFirst));
  clock.advance(options.refresh_after);
  world.issued = kNow;
  ASSERT_TRUE(daemon->document(world.tcb_info(), Freshness::kRefresh));
  const int calls = source->calls();
  EXPECT_EQ(reader->document(world.tcb_info(), Freshness::kRefresh)->fetched, clock.now());
  EXPECT_EQ(source->calls(), calls);
  EXPECT_TRUE(reader->document(world.tcb_info(), Freshness::kRefresh));
  EXPECT_EQ(source->calls(), calls + 1) << "what is not due is asked for";
}

}  // namespace
}  // namespace quoted::certification
