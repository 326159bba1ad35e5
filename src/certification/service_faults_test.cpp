// One test for each thing that a source can do wrong.
#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "base/hex.h"
#include "certification/service.h"
#include "certification/testing/service_fixture.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using testing::code;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNow;
using testing::TestWorld;
using namespace std::chrono_literals;

using SourceFaults = testing::ServiceTest;
using SourceBreaker = testing::ServiceTest;
using CollateralSet = testing::ServiceTest;
using ServiceThreads = testing::ServiceTest;

// ---- Sources that do not answer, or not with what was asked for

TEST_F(SourceFaults, EveryErrorIsPassedOnAndTheNextSourceAsked) {
  const auto second = another_source("second");
  for (const ErrorCode error :
       {ErrorCode::kHostNotFound, ErrorCode::kEndpointRefused, ErrorCode::kProxyFailed,
        ErrorCode::kTlsFailed, ErrorCode::kTlsNotTrusted, ErrorCode::kTransferTimeout,
        ErrorCode::kTransferBroken, ErrorCode::kReplyTooLarge, ErrorCode::kRedirectRefused,
        ErrorCode::kReplyNotUnderstood, ErrorCode::kNotACertificationService,
        ErrorCode::kApiVersionRetired, ErrorCode::kApiKeyRefused, ErrorCode::kSourceBusy,
        ErrorCode::kSourceFailed, ErrorCode::kNotFoundAtSource}) {
    options.cache_dir.clear();
    source->fail_with(error);
    EXPECT_EQ(code(start()->document(world.tcb_info(), Freshness::kCacheFirst)), error);
    EXPECT_EQ(start({source, second})->document(world.tcb_info(), Freshness::kCacheFirst)->source,
              "second");
  }
  for (const ErrorCode error : {ErrorCode::kPlatformUnknown, ErrorCode::kNoPckForTcb}) {
    source->fail_with(error);
    EXPECT_EQ(code(start()->pck_certificate(world.pck_request(), Freshness::kCacheFirst)), error);
    EXPECT_TRUE(
        start({source, second})->pck_certificate(world.pck_request(), Freshness::kCacheFirst));
  }
}

TEST_F(SourceFaults, TheErrorIsThatOfTheNearestAndNamesAll) {
  const auto down = another_source("down");
  down->fail_with(ErrorCode::kEndpointRefused);
  const auto nearer = another_source("nearer");
  nearer->fail_with(ErrorCode::kNotFoundAtSource);
  const auto busy = another_source("busy");
  busy->fail_with(ErrorCode::kSourceBusy);
  const auto answer =
      start({down, nearer, busy})->document(world.tcb_info(), Freshness::kCacheFirst);
  ASSERT_EQ(code(answer), ErrorCode::kNotFoundAtSource);
  for (const auto* const name : {"down: ", "nearer: ", "busy: "}) {
    EXPECT_THAT(answer.error().summary(), HasSubstr(name));
  }
  EXPECT_TRUE(answer.error().summary().starts_with("nearer: "));
}

// Each spoils a document; none of them is stored, and the next source is asked.
TEST_F(SourceFaults, WhatDoesNotVerifyIsNeitherServedNorStored) {
  const TestWorld stranger(9);
  struct Fault {
    const char* name;
    std::function<void(Document&)> spoil;
  };
  const std::vector<Fault> faults{
      {"empty body", [](Document& d) { d.body.clear(); }},
      {"truncated body", [](Document& d) { d.body.resize(d.body.size() / 2); }},
      {"one byte short", [](Document& d) { d.body.pop_back(); }},
      {"a bit of the content", [](Document& d) { d.body[d.body.size() / 3] ^= std::byte{1}; }},
      {"a bit of the signature", [](Document& d) { d.body[d.body.size() - 5] ^= std::byte{1}; }},
      {"a web page",
       [](Document& d) { d.body = base::to_bytes(base::as_bytes("<html>hello</html>")); }},
      {"hex instead of DER",
       [](Document& d) { d.body = base::to_bytes(base::as_bytes(base::to_hex(d.body))); }},
      {"no chain", [](Document& d) { d.issuer_chain_pem.clear(); }},
      {"another PKI's chain",
       [&](Document& d) { d.issuer_chain_pem = stranger.authority().tcb_issuer_chain_pem(); }},
      {"another issuer's chain",
       [&](Document& d) {
         d.issuer_chain_pem = world.authority().pck_issuer_chain_pem(collateral::PckCa::kProcessor);
       }},
  };
  const auto second = another_source("second");
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    source->change(fault.spoil);
    for (const DocumentRequest& request : world.requests()) {
      const bool chainless = std::holds_alternative<RootCaCrlRequest>(request);
      if (chainless && std::string_view(fault.name).ends_with("chain")) continue;
      SCOPED_TRACE(describe(request));
      const auto service = start();
      EXPECT_NE(code(service->document(request, Freshness::kCacheFirst)), ErrorCode::kInternal);
      EXPECT_EQ(code(service->document(request, Freshness::kCacheOnly)), ErrorCode::kNotInCache);
      EXPECT_THAT(files(), IsEmpty());
      EXPECT_EQ(start({source, second})->document(request, Freshness::kCacheFirst)->source,
                "second");
      std::filesystem::remove_all(options.cache_dir);
    }
  }
}

TEST_F(SourceFaults, AnUnfitPckCertificateIsNeitherServedNorStored) {
  const TestWorld stranger(9);
  const std::vector<std::function<void(PckCertification&)>> faults{
      [&](PckCertification& c) { c = stranger.pck(); },
      [](PckCertification& c) { ++c.pce_isv_svn; },
      [](PckCertification& c) { c.cpu_svn = sgx::CpuSvn(); },
      [](PckCertification& c) { c.issuer_chain_pem.clear(); },
      [](PckCertification& c) { c.leaf_pem.clear(); },
  };
  for (const auto& spoil : faults) {
    PckCertification spoilt = world.pck();
    spoil(spoilt);
    source->pck = [spoilt](const PckRequest&) { return base::Result<PckCertification>(spoilt); };
    const auto service = start();
    EXPECT_NE(code(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst)),
              ErrorCode::kInternal);
    EXPECT_THAT(files(), IsEmpty());
  }
}

TEST_F(SourceFaults, AnotherPlatformsPckCertificateIsRefused) {
  const TestWorld neighbour(2);
  options.roots = world.roots();
  options.roots.push_back(neighbour.roots().front());
  ASSERT_TRUE(start()->pck_certificate(world.pck_request(), Freshness::kCacheFirst));
  source->pck = [&](const PckRequest&) { return base::Result<PckCertification>(neighbour.pck()); };
  PckRequest at_another_tcb = world.pck_request();
  ++at_another_tcb.pce_isv_svn;
  const auto service = start();
  EXPECT_EQ(code(service->pck_certificate(at_another_tcb, Freshness::kCacheFirst)),
            ErrorCode::kPckSelectionFailed);
  EXPECT_EQ(service->pck_certificate(world.pck_request(), Freshness::kRefresh)->value.leaf_pem,
            world.pck().leaf_pem);
  PckRequest first_use = world.pck_request();
  first_use.qe_id.mutable_view()[0] = std::byte{1};
  EXPECT_TRUE(service->pck_certificate(first_use, Freshness::kCacheFirst))
      << "or else the test proves nothing";
}

TEST_F(SourceFaults, AStaleDocumentIsRefused) {
  world.issued = kNow - 24h * 31;
  EXPECT_EQ(code(start()->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kCollateralExpired);
  world.issued = kNow + 1h;
  EXPECT_EQ(code(start()->document(world.qe_identity(), Freshness::kCacheFirst)),
            ErrorCode::kCollateralNotYetValid);
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(SourceFaults, NobodyBringsBackAnOlderEdition) {
  world.state.evaluation_number = 7;
  const auto service = start();
  const Document good = service->document(world.tcb_info(), Freshness::kCacheFirst).value().value;
  world.state.evaluation_number = 6;
  world.issued = kNow;
  const auto again = service->document(world.tcb_info(), Freshness::kRefresh);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->value.body, good.body);
  EXPECT_EQ(start()->document(world.tcb_info(), Freshness::kRefresh)->value.body, good.body)
      << "nor after a restart";
  EXPECT_THAT(observer.take(),
              Contains(HasSubstr("failed the SGX TCB info of FMSPC " + world.fmspc().hex())));
  // Once the newer one is past there is nothing else.
  clock.advance(24h * 30);
  world.issued = clock.now();
  EXPECT_NE(service->document(world.tcb_info(), Freshness::kCacheFirst)->value.body, good.body);
}

TEST_F(SourceFaults, WhatIsNotThereIsNotAskedForAgainAtOnce) {
  source->fail_with(ErrorCode::kNotFoundAtSource);
  const auto service = start();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
              ErrorCode::kNotFoundAtSource);
  }
  EXPECT_EQ(source->calls(), 1);
  EXPECT_EQ(code(service->document(world.qe_identity(), Freshness::kCacheFirst)),
            ErrorCode::kNotFoundAtSource);
  EXPECT_EQ(source->calls(), 2) << "another document";
  clock.advance(options.retry_missing_after);
  source->recover();
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
}

TEST_F(SourceFaults, WhatOneDoesNotHaveAnotherThatIsDownMayHave) {
  const auto down = another_source("down");
  down->fail_with(ErrorCode::kEndpointRefused);
  source->fail_with(ErrorCode::kNotFoundAtSource);
  const auto service = start({source, down});
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kNotFoundAtSource);
  down->recover();
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst));
}

TEST_F(SourceFaults, ASourceIsAskedForWhatItIsForOnly) {
  const auto certificates = another_source("certificates");
  certificates->for_collateral = false;
  source->for_certificates = false;
  const auto service = start({certificates, source});
  EXPECT_EQ(service->document(world.tcb_info(), Freshness::kCacheFirst)->source, "fake");
  EXPECT_EQ(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst)->source,
            "certificates");
  EXPECT_EQ(certificates->calls(), 1);
  EXPECT_EQ(source->calls(), 1);
  options.cache_dir.clear();
  EXPECT_EQ(code(start({certificates})->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kNoCollateralSource);
}

TEST_F(SourceFaults, AnAttemptWithoutTheEncryptedPpidSaysNothingOfOneWithIt) {
  PckRequest without = world.pck_request();
  without.encrypted_ppid.clear();
  std::latch asked(1);
  std::latch answer(1);
  source->pck = [&](const PckRequest& request) -> std::optional<base::Result<PckCertification>> {
    if (!request.encrypted_ppid.empty()) return std::nullopt;
    if (!asked.try_wait()) asked.count_down();
    answer.wait();
    return base::fail(ErrorCode::kPlatformUnknown, "it goes by the encrypted PPID");
  };
  options.cache_dir.clear();
  const auto after = start();
  const auto meanwhile = start();
  std::thread slow([&] {
    EXPECT_EQ(code(meanwhile->pck_certificate(without, Freshness::kCacheFirst)),
              ErrorCode::kPlatformUnknown);
  });
  asked.wait();
  auto with = std::async(std::launch::async, [&] {
    return meanwhile->pck_certificate(world.pck_request(), Freshness::kCacheFirst).has_value();
  });
  EXPECT_EQ(with.wait_for(20s), std::future_status::ready);
  answer.count_down();
  slow.join();
  EXPECT_TRUE(with.get());
  EXPECT_EQ(code(after->pck_certificate(without, Freshness::kCacheFirst)),
            ErrorCode::kPlatformUnknown);
  EXPECT_TRUE(after->pck_certificate(world.pck_request(), Freshness::kCacheFirst));
}

// ---- Sources that fail again and again

TEST_F(SourceBreaker, OpensTriesOnceAndCloses) {
  const auto service = start();
  const auto ask = [&] {
    return code(service->document(world.tcb_info(), Freshness::kCacheFirst));
  };
  source->fail_with(ErrorCode::kTransferTimeout);
  for (unsigned i = 0; i < options.failures_to_suspend; ++i) {
    EXPECT_EQ(ask(), ErrorCode::kTransferTimeout);
  }
  int calls = source->calls();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(), ErrorCode::kSourceSuspended);
  EXPECT_EQ(source->calls(), calls);
  std::chrono::seconds pause = options.suspend_first;
  for (int i = 0; i < 10; ++i) {
    clock.advance(pause - 1s);
    EXPECT_EQ(ask(), ErrorCode::kSourceSuspended);
    clock.advance(1s);
    EXPECT_EQ(ask(), ErrorCode::kTransferTimeout) << "one finds out";
    EXPECT_EQ(ask(), ErrorCode::kSourceSuspended);
    EXPECT_EQ(source->calls(), ++calls);
    pause = std::min(2 * pause, options.suspend_longest);
  }
  EXPECT_EQ(pause, options.suspend_longest);
  clock.advance(pause);
  source->recover();
  EXPECT_EQ(ask(), ErrorCode::kInternal);
  source->fail_with(ErrorCode::kTransferTimeout);
  EXPECT_EQ(code(service->document(world.qe_identity(), Freshness::kCacheFirst)),
            ErrorCode::kTransferTimeout)
      << "it counts anew";
}

TEST_F(SourceBreaker, SaysWhatItFailedWith) {
  options.failures_to_suspend = 1;
  const auto service = start();
  source->fail_with(ErrorCode::kTlsNotTrusted);
  (void)service->document(world.tcb_info(), Freshness::kCacheFirst);
  const auto answer = service->document(world.tcb_info(), Freshness::kCacheFirst);
  ASSERT_EQ(code(answer), ErrorCode::kSourceSuspended);
  EXPECT_THAT(answer.error().summary(), HasSubstr("as the test wants it"));
}

TEST_F(SourceBreaker, AClockSetBackEndsTheSuspension) {
  options.failures_to_suspend = 1;
  const auto service = start();
  source->fail_with(ErrorCode::kEndpointRefused);
  (void)service->document(world.tcb_info(), Freshness::kCacheFirst);
  clock.advance(-1h);
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kEndpointRefused);
}

TEST_F(SourceBreaker, AnswersOfAWorkingSourceDoNotCount) {
  source->fail_with(ErrorCode::kNotFoundAtSource);
  const auto service = start();
  for (unsigned char i = 0; i < 20; ++i) {
    sgx::Fmspc other;
    other.mutable_view()[0] = std::byte{i};
    EXPECT_EQ(code(service->document(TcbInfoRequest{collateral::Tee::kSgx, other},
                                     Freshness::kCacheFirst)),
              ErrorCode::kNotFoundAtSource);
  }
}

TEST_F(SourceBreaker, AnswersWithoutContactDoNotCount) {
  const auto service = start();
  const auto without_contact = [&](ErrorCode error) {
    source->can_ask = base::fail(error, "nobody was asked");
    PckRequest request = world.pck_request();
    request.qe_id.mutable_view()[0] ^= static_cast<std::byte>(error);  // each another platform
    EXPECT_EQ(code(service->pck_certificate(request, Freshness::kCacheFirst)), error);
    EXPECT_EQ(code(service->register_platform({})), error);
  };
  source->registration = [](const Registration&) { return base::Status(); };
  for (unsigned i = 0; i < options.failures_to_suspend; ++i) {
    without_contact(ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(service->document(world.qe_identity(), Freshness::kCacheFirst)) << "not suspended";
  source->fail_with(ErrorCode::kTransferTimeout);
  for (unsigned i = 0; i < options.failures_to_suspend; ++i) {
    EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
              ErrorCode::kTransferTimeout);
    without_contact(ErrorCode::kPlatformUnknown);
    source->can_ask = {};
  }
  EXPECT_EQ(code(service->document(world.tcb_info(), Freshness::kCacheFirst)),
            ErrorCode::kSourceSuspended)
      << "not taken for a working one";
}

// ---- Sets that belong together

class Sets : public testing::ServiceTest {
 protected:
  [[nodiscard]] base::Result<Answer<collateral::Collateral>> get(
      Freshness freshness = Freshness::kCacheFirst) {
    return service->collateral(line, freshness);
  }
  void next_number() {
    ++world.state.evaluation_number;
    world.issued += 1h;
  }
  // The source goes on answering `request` out of the world as it is now.
  void freeze(const DocumentRequest& request) {
    source->document = [key = cache_key(Request(request)),
                        frozen = world.document(request)](const DocumentRequest& asked) {
      return cache_key(Request(asked)) == key ? std::optional(base::Result<Document>(frozen))
                                              : std::nullopt;
    };
  }

  PlatformLine line{collateral::Tee::kSgx, world.fmspc(), collateral::PckCa::kPlatform};
  std::unique_ptr<Service> service = start();
};

TEST_F(Sets, HaveAllPartsAndVerify) {
  const auto answer = get();
  ASSERT_TRUE(answer) << answer.error().summary();
  const collateral::Collateral& set = answer->value;
  EXPECT_EQ(base::as_text(set.tcb_info),
            base::as_text(service->document(world.tcb_info(), Freshness::kCacheOnly)->value.body));
  for (const auto& part : collateral::kCollateralParts) {
    EXPECT_FALSE((set.*part.bytes).empty()) << part.name;
  }
  EXPECT_EQ(answer->source, "fake");
  EXPECT_EQ(answer->fetched, kNow);
  EXPECT_FALSE(answer->stale);
  const int calls = source->calls();
  EXPECT_EQ(calls, 4);
  EXPECT_TRUE(get());
  EXPECT_TRUE(get(Freshness::kCacheOnly));
  EXPECT_EQ(source->calls(), calls);
  EXPECT_TRUE(start({})->collateral(line, Freshness::kCacheOnly)) << "after a restart";
}

TEST_F(Sets, AnOlderWholeSetIsServedUntilTheNewOneIsWhole) {
  const auto old = get().value();
  freeze(world.qe_identity());
  next_number();
  const auto during = get(Freshness::kRefresh);
  ASSERT_TRUE(during) << during.error().summary();
  EXPECT_EQ(during->value.tcb_info, old.value.tcb_info);
  EXPECT_EQ(during->value.qe_identity, old.value.qe_identity);
  const int calls = source->calls();
  EXPECT_EQ(get()->value.tcb_info, old.value.tcb_info);
  EXPECT_EQ(source->calls(), calls) << "the sources are not asked each time";
  source->recover();
  clock.advance(options.retry_missing_after);
  const auto after = get();
  ASSERT_TRUE(after);
  EXPECT_NE(after->value.tcb_info, old.value.tcb_info);
  EXPECT_NE(after->value.qe_identity, old.value.qe_identity);
  EXPECT_FALSE(after->stale);
}

TEST_F(Sets, AChangeBetweenTwoRequestsIsMendedAtOnce) {
  bool changed = false;
  const Document before = world.document(world.tcb_info());
  next_number();
  source->document = [&](const DocumentRequest& asked) -> std::optional<base::Result<Document>> {
    if (changed || !std::holds_alternative<TcbInfoRequest>(asked)) return std::nullopt;
    changed = true;
    return before;
  };
  const auto answer = get();
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->value.tcb_info, before.body);
  EXPECT_EQ(source->calls(world.tcb_info()), 2);
}

TEST_F(Sets, WithoutAnOlderOneAMixOfNumbersCounts) {
  freeze(world.qe_identity());
  next_number();
  EXPECT_TRUE(get());
}

TEST_F(Sets, PartsOfDifferentRootsNeverMix) {
  const TestWorld other(2);
  options.roots = world.roots();
  options.roots.push_back(other.roots().front());
  service = start();
  source->document = [&](const DocumentRequest& asked) -> std::optional<base::Result<Document>> {
    if (!std::holds_alternative<EnclaveIdentityRequest>(asked)) return std::nullopt;
    return other.document(asked);
  };
  EXPECT_TRUE(service->document(world.qe_identity(), Freshness::kCacheFirst));
  EXPECT_EQ(code(get()), ErrorCode::kIssuerChainInvalid);
  source->recover();
  clock.advance(options.retry_missing_after);
  world.issued = kNow;
  EXPECT_TRUE(get());
}

TEST_F(Sets, AreStaleWhenAPartIs) {
  const auto good = get().value();
  source->fail_with(ErrorCode::kEndpointRefused);
  clock.set(good.usable_until);
  const auto stale = get();
  ASSERT_TRUE(stale);
  EXPECT_TRUE(stale->stale);
  clock.advance(1s);
  EXPECT_FALSE(get());
}

TEST_F(Sets, AMissingPartIsTheError) {
  source->document = [](const DocumentRequest& asked) -> std::optional<base::Result<Document>> {
    if (!std::holds_alternative<PckCrlRequest>(asked)) return std::nullopt;
    return base::fail(ErrorCode::kNotFoundAtSource, "no CRL here");
  };
  EXPECT_EQ(code(get()), ErrorCode::kNotFoundAtSource);
}

// ---- Many threads

TEST_F(ServiceThreads, ManyWhoWantTheSameAskOnce) {
  constexpr int kThreads = 8;
  const auto service = start();
  const PlatformLine line{collateral::Tee::kSgx, world.fmspc(), collateral::PckCa::kPlatform};
  std::latch begin(kThreads);
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      begin.arrive_and_wait();
      for (const DocumentRequest& request : world.requests()) {
        if (!service->document(request, Freshness::kCacheFirst)) ++failures;
      }
      if (!service->pck_certificate(world.pck_request(), Freshness::kCacheFirst)) ++failures;
      if (!service->collateral(line, Freshness::kCacheFirst)) ++failures;
      (void)service->refresh_due();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  for (const DocumentRequest& request : world.requests()) EXPECT_EQ(source->calls(request), 1);
  EXPECT_EQ(source->calls(world.pck_request()), 1);
}

TEST_F(ServiceThreads, WhoHasSomethingStaleDoesNotWaitForASlowSource) {
  const auto service = start();
  const auto good = service->document(world.tcb_info(), Freshness::kCacheFirst).value();
  clock.set(good.usable_until);
  world.issued = clock.now();
  std::latch asked(1);
  std::latch answer(1);
  source->document = [&](const DocumentRequest&) -> std::optional<base::Result<Document>> {
    asked.count_down();
    answer.wait();
    return std::nullopt;
  };
  std::thread slow(
      [&] { EXPECT_FALSE(service->document(world.tcb_info(), Freshness::kCacheFirst)->stale); });
  asked.wait();
  EXPECT_TRUE(service->document(world.tcb_info(), Freshness::kCacheFirst)->stale);
  answer.count_down();
  slow.join();
  EXPECT_FALSE(service->document(world.tcb_info(), Freshness::kCacheFirst)->stale);
}

TEST_F(ServiceThreads, EverythingAtOnceOnASharedDirectory) {
  constexpr int kThreads = 4;
  const auto one = start();
  const auto two = start();
  const PlatformLine line{collateral::Tee::kSgx, world.fmspc(), collateral::PckCa::kPlatform};
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Service& service = i % 2 == 0 ? *one : *two;
      for (int round = 0; round < 10; ++round) {
        const Freshness freshness = round % 3 == 0 ? Freshness::kRefresh : Freshness::kCacheFirst;
        if (!service.collateral(line, freshness)) ++failures;
        if (!service.pck_certificate(world.pck_request(), freshness)) ++failures;
        clock.advance(1h);
        (void)service.refresh_due();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_THAT(observer.damaged_files(), IsEmpty());
}

}  // namespace
}  // namespace quoted::certification
