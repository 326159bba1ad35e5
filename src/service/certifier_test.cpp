#include "service/certifier.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "fakes/captured_log.h"
#include "service/testing/certification_samples.h"
#include "simulation/qe3/qe3.h"
#include "simulation/testing/enclaves.h"

namespace quoted::service {
namespace {

using base::ErrorCode;
using certification::Answer;
using certification::Freshness;
using certification::PckCertification;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ManualClock final : public base::Clock {
 public:
  [[nodiscard]] base::UnixTime now() const override { return now_; }
  void advance(std::chrono::seconds time) { now_ += time; }

 private:
  base::UnixTime now_ = test::kNow;
};

// Gives what a test put in.
class FakeService final : public certification::Service {
 public:
  base::Result<Answer<PckCertification>> pck_certificate(const certification::PckRequest&,
                                                         Freshness freshness) override {
    asked.push_back(freshness);
    if (freshness == Freshness::kCacheOnly && !in_cache) {
      return base::fail(ErrorCode::kNotInCache, "never fetched");
    }
    if (needs_registration && registered == 0) {
      return base::fail(ErrorCode::kPlatformUnknown, "never seen");
    }
    if (failure) return base::fail(*failure);
    return Answer<PckCertification>{.value = certificate,
                                    .source = "fake",
                                    .fetched = test::kNow,
                                    .refresh_at = test::kNow + std::chrono::hours(24),
                                    .usable_until = test::kNow + std::chrono::hours(48),
                                    .stale = stale};
  }
  base::Result<Answer<certification::Document>> document(const certification::DocumentRequest&,
                                                         Freshness) override {
    return base::fail(ErrorCode::kNotInCache, "not asked for here");
  }
  base::Result<Answer<collateral::Collateral>> collateral(const certification::PlatformLine& line,
                                                          Freshness) override {
    lines.push_back(line);
    return base::fail(ErrorCode::kHostNotFound, "no network");
  }
  base::Status register_platform(const certification::Registration& platform) override {
    ++registered;
    EXPECT_THAT(platform.platform_manifest, testing::Not(IsEmpty()));
    return {};
  }
  base::UnixTime refresh_due() override { return test::kNow + std::chrono::hours(1); }

  PckCertification certificate;
  std::optional<base::Error> failure;
  bool stale = false;
  bool needs_registration = false;
  bool in_cache = true;
  int registered = 0;
  std::vector<Freshness> asked;
  std::vector<certification::PlatformLine> lines;
};

class CertifierTest : public testing::Test {
 protected:
  static CertificationWish make_wish() {
    const simulation::test::Enclaves enclaves;
    const auto machine = simulation::manufacture(simulation::MasterSeed::development(),
                                                 simulation::default_platform_model())
                             .value();
    CertificationWish out;
    out.id = 3;
    auto& platform = out.registration.platform;
    platform.cpu_svn = machine.model.cpu_svn;
    platform.pce_isv_svn = machine.model.pce_isv_svn;
    platform.encrypted_ppid = base::to_bytes(
        crypto::rsa_oaep_encrypt(simulation::ppid_public_key().value(), machine.ppid.view())
            ->view());
    out.registration.platform_manifest = base::Bytes(8, std::byte{1});
    return out;
  }

  CertificationAnswer wish_and_receive() {
    front_.send(wish_);
    certifier_.handle_wishes();
    return front_.receive_answer().value().value();
  }

  CertificationWish wish_ = make_wish();
  std::pair<CertificationLink, CertificationLink> ends_ = CertificationLink::create().value();
  CertificationLink& front_ = ends_.first;
  ManualClock clock_;
  FakeService service_;
  quoted::test::CapturedLog log_;
  Certifier certifier_{ends_.second, service_, clock_, log_.logger()};
};

TEST_F(CertifierTest, AnswersAndFetchesWhatVerifiersWillWant) {
  service_.certificate = test::certificate_for(wish_);
  const CertificationAnswer answer = wish_and_receive();
  EXPECT_EQ(answer.id, 3U);
  EXPECT_FALSE(answer.failure);
  ASSERT_TRUE(answer.certificate);
  EXPECT_EQ(answer.certificate->pck, service_.certificate);
  EXPECT_EQ(answer.certificate->source, "fake");
  EXPECT_EQ(service_.registered, 0);
  ASSERT_THAT(service_.lines, SizeIs(1));
  EXPECT_EQ(service_.lines[0].fmspc.hex(), simulation::kSimulatedFmspc);
  EXPECT_EQ(service_.lines[0].ca, collateral::PckCa::kPlatform);
}

TEST_F(CertifierTest, RegistersAPlatformThatNobodyKnows) {
  service_.certificate = test::certificate_for(wish_);
  service_.needs_registration = true;
  service_.in_cache = false;
  EXPECT_TRUE(wish_and_receive().certificate);
  EXPECT_EQ(service_.registered, 1);
  EXPECT_THAT(service_.asked,
              ElementsAre(Freshness::kCacheOnly, Freshness::kCacheFirst, Freshness::kRefresh));
  EXPECT_THAT(log_.lines_with("platform_registered"), SizeIs(1));
}

TEST_F(CertifierTest, CannotRegisterWithoutAManifest) {
  wish_.registration.platform_manifest.clear();
  service_.needs_registration = true;
  EXPECT_EQ(wish_and_receive().failure->code(), ErrorCode::kPlatformUnknown);
  EXPECT_EQ(service_.registered, 0);
}

TEST_F(CertifierTest, AsksAgainAfterAFailureAndTellsTheFront) {
  service_.failure = base::Error(ErrorCode::kHostNotFound, "no DNS");
  const CertificationAnswer refused = wish_and_receive();
  EXPECT_FALSE(refused.certificate);
  EXPECT_EQ(refused.failure->code(), ErrorCode::kHostNotFound);

  // Not at once: nobody is helped by a storm.
  const base::UnixTime next = certifier_.refresh();
  EXPECT_GT(next, clock_.now());
  EXPECT_FALSE(front_.receive_answer()->has_value());
  EXPECT_THAT(service_.asked, ElementsAre(Freshness::kCacheOnly, Freshness::kCacheFirst));

  service_.failure.reset();
  service_.certificate = test::certificate_for(wish_);
  clock_.advance(std::chrono::seconds(60));
  (void)certifier_.refresh();
  const auto answer = front_.receive_answer().value();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->certificate);
  EXPECT_FALSE(answer->failure);
}

TEST_F(CertifierTest, AnswersTheSameWishAgainWithoutTheNetwork) {
  service_.failure = base::Error(ErrorCode::kHostNotFound, "no DNS");
  (void)wish_and_receive();
  const std::size_t asked = service_.asked.size();
  EXPECT_EQ(wish_and_receive().failure->code(), ErrorCode::kHostNotFound);
  EXPECT_THAT(service_.asked, SizeIs(asked));
}

// What the cache has is not to wait for what it has not.
TEST_F(CertifierTest, TakesAllWishesBeforeItAsksTheNetwork) {
  service_.certificate = test::certificate_for(wish_);
  front_.send(wish_);
  wish_.id = 4;
  front_.send(wish_);
  certifier_.handle_wishes();
  EXPECT_THAT(service_.asked, ElementsAre(Freshness::kCacheOnly, Freshness::kCacheOnly));
  EXPECT_EQ(front_.receive_answer().value().value().id, 3U);
  EXPECT_EQ(front_.receive_answer().value().value().id, 4U);
}

TEST_F(CertifierTest, AClockThatWasSetBackDoesNotPutTheNextAttemptOff) {
  clock_.advance(std::chrono::hours(24 * 365));
  service_.failure = base::Error(ErrorCode::kHostNotFound, "no DNS");
  (void)wish_and_receive();
  clock_.advance(-std::chrono::hours(24 * 365));
  (void)certifier_.refresh();
  service_.failure.reset();
  service_.certificate = test::certificate_for(wish_);
  clock_.advance(std::chrono::seconds(61));
  (void)certifier_.refresh();
  const auto answer = front_.receive_answer().value();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->certificate);
}

TEST_F(CertifierTest, SaysWhenWhatItHasIsOld) {
  service_.certificate = test::certificate_for(wish_);
  service_.stale = true;
  const CertificationAnswer answer = wish_and_receive();
  EXPECT_TRUE(answer.certificate);
  EXPECT_TRUE(answer.failure);
}

TEST_F(CertifierTest, TellsTheFrontOfAnotherCertificateAndOnlyThen) {
  service_.certificate = test::certificate_for(wish_);
  (void)wish_and_receive();
  (void)certifier_.refresh();
  EXPECT_FALSE(front_.receive_answer()->has_value());

  service_.certificate = test::certificate_for(wish_);  // signed anew, so it has other bytes
  (void)certifier_.refresh();
  const auto answer = front_.receive_answer().value();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->certificate->pck, service_.certificate);
}

TEST_F(CertifierTest, SurvivesGarbageAndManyWishes) {
  service_.certificate = test::certificate_for(wish_);
  ASSERT_EQ(::send(front_.fd(), "garbage", 7, 0), 7);
  for (std::uint32_t id = 10; id < 30; ++id) {
    wish_.id = id;
    EXPECT_EQ(wish_and_receive().id, id);
  }
  (void)certifier_.refresh();
  EXPECT_FALSE(front_.receive_answer()->has_value());
}

}  // namespace
}  // namespace quoted::service
