#include "service/certification_link.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

namespace quoted::service {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

const base::UnixTime kFetched{std::chrono::seconds(1'780'000'000)};

class CertificationLinkTest : public testing::Test {
 protected:
  void send_raw(const std::string& message) {
    ASSERT_EQ(::send(front_.fd(), message.data(), message.size(), 0),
              static_cast<ssize_t>(message.size()));
  }

  std::pair<CertificationLink, CertificationLink> ends_ = CertificationLink::create().value();
  CertificationLink& front_ = ends_.first;
  CertificationLink& certifier_ = ends_.second;
};

CertificationWish wish() {
  CertificationWish out;
  out.id = 7;
  out.registration.platform = {.qe_id = sgx::QeId::parse_hex(std::string(32, '1')).value(),
                               .pce_id = 0,
                               .cpu_svn = sgx::CpuSvn::parse_hex(std::string(32, 'f')).value(),
                               .pce_isv_svn = 13,
                               .encrypted_ppid = base::Bytes(384, std::byte{0xAB})};
  out.registration.platform_manifest = base::Bytes(100, std::byte{1});
  return out;
}

CertificationAnswer::Certificate certificate() {
  return {.pck = {.cpu_svn = wish().registration.platform.cpu_svn,
                  .pce_isv_svn = 12,
                  .leaf_pem = "leaf\n",
                  .issuer_chain_pem = "chain\n"},
          .stale = false,
          .source = "pcs http://127.0.0.1:1/",
          .fetched = kFetched,
          .refresh_at = kFetched + std::chrono::hours(24)};
}

TEST_F(CertificationLinkTest, CarriesWishes) {
  EXPECT_FALSE(certifier_.receive_wish()->has_value());
  front_.send(wish());
  const auto received = certifier_.receive_wish();
  ASSERT_TRUE(received && *received);
  EXPECT_EQ((*received)->id, 7U);
  const auto& platform = (*received)->registration.platform;
  EXPECT_EQ(platform.qe_id, wish().registration.platform.qe_id);
  EXPECT_EQ(platform.cpu_svn, wish().registration.platform.cpu_svn);
  EXPECT_EQ(platform.pce_isv_svn, 13);
  EXPECT_EQ(platform.encrypted_ppid, wish().registration.platform.encrypted_ppid);
  EXPECT_EQ((*received)->registration.platform_manifest, wish().registration.platform_manifest);
  EXPECT_FALSE(certifier_.receive_wish()->has_value());
}

TEST_F(CertificationLinkTest, CarriesCertificatesAndFailures) {
  certifier_.send(CertificationAnswer{.id = 1, .certificate = certificate(), .failure = {}});
  certifier_.send(CertificationAnswer{
      .id = 2,
      .certificate = {},
      .failure = base::Error(ErrorCode::kUncertified, "\xFF is no UTF-8, \"quoted\"")});
  auto stale = certificate();
  stale.stale = true;
  certifier_.send(CertificationAnswer{
      .id = 3, .certificate = stale, .failure = base::Error(ErrorCode::kSourceFailed, "old")});

  const auto first = front_.receive_answer().value().value();
  EXPECT_EQ(first.id, 1U);
  EXPECT_EQ(first.certificate, certificate());
  EXPECT_FALSE(first.failure);
  const auto second = front_.receive_answer().value().value();
  EXPECT_FALSE(second.certificate);
  EXPECT_EQ(second.failure->code(), ErrorCode::kUncertified);
  EXPECT_THAT(second.failure->message(), HasSubstr("is no UTF-8, \"quoted\""));
  const auto third = front_.receive_answer().value().value();
  EXPECT_EQ(third.certificate, stale);
  EXPECT_EQ(third.failure->code(), ErrorCode::kSourceFailed);
}

TEST_F(CertificationLinkTest, RefusesWhatIsNotAMessage) {
  for (const std::string& bad :
       {std::string("x"), std::string("[]"), std::string("{}"), std::string(R"({"id":-1})"),
        std::string(R"({"id":4294967296})"), std::string(R"({"id":1,"qe_id":"00"})"),
        std::string(R"({"id":1,"qe_id":7})"), std::string(100'000, 'x')}) {
    send_raw(bad);
    const auto received = certifier_.receive_wish();
    ASSERT_FALSE(received) << bad.substr(0, 100);
    EXPECT_NE(received.error().code(), ErrorCode::kPeerClosed);
  }
  // The link goes on.
  front_.send(wish());
  EXPECT_TRUE(certifier_.receive_wish()->has_value());
}

TEST_F(CertificationLinkTest, RefusesAnswersThatAreNone) {
  for (const char* bad : {R"({"id":1})", R"({"id":1,"code":255,"why":"x"})", R"({"id":1,"code":1})",
                          R"({"id":1,"leaf":"x"})"}) {
    ASSERT_EQ(::send(certifier_.fd(), bad, std::string_view(bad).size(), 0),
              static_cast<ssize_t>(std::string_view(bad).size()));
    EXPECT_FALSE(front_.receive_answer()) << bad;
  }
}

TEST_F(CertificationLinkTest, NeverBlocks) {
  // Nobody reads: what does not fit is lost, and the reader finds whole messages only.
  for (int i = 0; i < 5'000; ++i) front_.send(wish());
  std::size_t got = 0;
  while (true) {
    const auto received = certifier_.receive_wish();
    ASSERT_TRUE(received) << received.error().summary();
    if (!*received) break;
    ++got;
  }
  EXPECT_GT(got, 0U);
  EXPECT_LT(got, 5'000U);
}

}  // namespace
}  // namespace quoted::service
