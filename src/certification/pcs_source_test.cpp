#include "certification/pcs_source.h"

#include <gmock/gmock.h>

#include "certification/testing/real_replies.h"
#include "crypto/certificate.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace testing;

const std::string kBase = "https://pcs.example/sgx/certification/v4/";

class PcsSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<Source> source(PcsOptions options) {
    return make_pcs_source(std::move(options), client_of(script_));
  }
  std::unique_ptr<Source> source(std::string_view url = kBase) {
    return source(PcsOptions{.url = ServiceUrl::parse(url).value()});
  }
  void answer(const std::string& url, base::Result<http::ClientReply> reply) {
    script_.answers.emplace(url, std::move(reply));
  }

  Script script_;
  const std::string pckcert_ = kBase + "pckcert?encrypted_ppid=" + real_encrypted_ppid() +
                               "&cpusvn=0F0F0205FF8007000000000000000000&pcesvn=0900&pceid=0000";
  const std::string pckcerts_ =
      kBase + "pckcerts?encrypted_ppid=" + real_encrypted_ppid() + "&pceid=0000";
};

TEST_F(PcsSourceTest, IsNamedByItsAddress) { EXPECT_EQ(source()->name(), "pcs " + kBase); }

TEST_F(PcsSourceTest, AsksForThePckCertificateByEncryptedPpid) {
  answer(pckcert_, pck_reply());
  const auto given = source()->pck_certificate(real_platform());
  ASSERT_TRUE(given) << given.error().summary();
  EXPECT_EQ(given->pce_isv_svn, 9U);
  EXPECT_THAT(script_.urls(), ElementsAre(pckcert_));
}

TEST_F(PcsSourceTest, SendsTheKeyWhenThereIsOne) {
  answer(pckcert_, pck_reply());
  EXPECT_TRUE(source()->pck_certificate(real_platform()));
  EXPECT_FALSE(http::find_header(script_.asked.back().headers, "Ocp-Apim-Subscription-Key"));
  EXPECT_TRUE(source(PcsOptions{.url = ServiceUrl::parse(kBase).value(),
                                .headers = {{"X-Site", "a"}},
                                .api_key = "0123"})
                  ->pck_certificate(real_platform()));
  EXPECT_EQ(http::find_header(script_.asked.back().headers, "Ocp-Apim-Subscription-Key"), "0123");
  EXPECT_EQ(http::find_header(script_.asked.back().headers, "X-Site"), "a");
}

TEST_F(PcsSourceTest, WithoutAnEncryptedPpidNobodyIsAsked) {
  PckRequest request = real_platform();
  request.encrypted_ppid.clear();
  EXPECT_EQ(source()->pck_certificate(request).error().code(), ErrorCode::kPlatformUnknown);
  request.encrypted_ppid.resize(383);
  EXPECT_EQ(source()->pck_certificate(request).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(script_.asked, IsEmpty());
}

TEST_F(PcsSourceTest, KnowsWhatItCannotBeAsked) {
  const auto code = [](const base::Status& status) {
    return status ? ErrorCode::kInternal : status.error().code();
  };
  PckRequest request = real_platform();
  EXPECT_TRUE(source()->can_ask(request));
  request.encrypted_ppid.resize(383);
  EXPECT_EQ(code(source()->can_ask(request)), ErrorCode::kInvalidArgument);
  request.encrypted_ppid.clear();
  EXPECT_EQ(code(source()->can_ask(request)), ErrorCode::kPlatformUnknown);
  EXPECT_EQ(code(source()->can_register({request, {}})), ErrorCode::kNotFoundAtSource);
  EXPECT_TRUE(source()->can_register({request, base::Bytes(1)}));
  const Request tdx = DocumentRequest(TcbInfoRequest{collateral::Tee::kTdx, real_fmspc()});
  const Request identity = DocumentRequest(EnclaveIdentityRequest{EnclaveIdentity::kTdQe});
  const Request sgx = DocumentRequest(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()});
  const auto elsewhere = source("https://pcs.example/cache/v4/");
  EXPECT_TRUE(source()->can_ask(tdx));
  EXPECT_EQ(code(elsewhere->can_ask(tdx)), ErrorCode::kNotFoundAtSource);
  EXPECT_EQ(code(elsewhere->can_ask(identity)), ErrorCode::kNotFoundAtSource);
  EXPECT_TRUE(elsewhere->can_ask(sgx));
  const auto root_crl_at = [](const char* url) { return DocumentRequest(RootCaCrlRequest{url}); };
  EXPECT_TRUE(source()->can_ask(root_crl_at("https://example.org/root.der")));
  EXPECT_FALSE(source()->can_ask(root_crl_at("no address")));
}

TEST_F(PcsSourceTest, ChoosesAmongAllWhenTold) {
  answer(pckcerts_, offer_reply());
  answer(kBase + "tcb?fmspc=00906EA10000", tcb_info_reply());
  const auto given =
      source(PcsOptions{.url = ServiceUrl::parse(kBase).value(), .selection = PckSelection::kLocal})
          ->pck_certificate(real_platform());
  ASSERT_TRUE(given) << given.error().summary();
  EXPECT_EQ(given->cpu_svn.hex(), "0d0d0204018003000000000000000000");
  EXPECT_EQ(given->pce_isv_svn, 9U);
  EXPECT_EQ(crypto::Certificate::parse_pem(given->leaf_pem)->pem(),
            crypto::Certificate::parse_pem(real_leaf())->pem());
  EXPECT_THAT(script_.urls(), ElementsAre(pckcerts_, kBase + "tcb?fmspc=00906EA10000"));
}

TEST_F(PcsSourceTest, WhatTheServiceDoesNotGiveIsLookedForAmongAll) {
  answer(pckcerts_, offer_reply());
  answer(kBase + "tcb?fmspc=00906EA10000", tcb_info_reply());
  EXPECT_TRUE(source()->pck_certificate(real_platform()));
  EXPECT_EQ(script_.asked.size(), 3U);
}

TEST_F(PcsSourceTest, SaysWhenAKnownPlatformHasNoCertificateForItsTcb) {
  answer(pckcerts_, offer_reply());
  answer(kBase + "tcb?fmspc=00906EA10000", tcb_info_reply());
  PckRequest request = real_platform();
  request.cpu_svn = {};
  const auto given = source()->pck_certificate(request);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code(), ErrorCode::kNoPckForTcb);
}

TEST_F(PcsSourceTest, TheFirstAnswerCountsWhenTheSecondTellsNothing) {
  answer(pckcerts_, base::fail(ErrorCode::kTransferTimeout, "no answer"));
  const auto given = source()->pck_certificate(real_platform());
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code(), ErrorCode::kPlatformUnknown);
  EXPECT_THAT(given.error().summary(), HasSubstr("pckcert?encrypted_ppid=...&cpusvn="));
}

// Another failure than 404 says nothing about the platform.
TEST_F(PcsSourceTest, ABusyServiceIsNotAskedTwice) {
  answer(pckcert_, reply(429, ""));
  EXPECT_EQ(source()->pck_certificate(real_platform()).error().code(), ErrorCode::kSourceBusy);
  EXPECT_EQ(script_.asked.size(), 1U);
}

TEST_F(PcsSourceTest, RefusesUnusableTcbInfoForTheChoice) {
  answer(pckcerts_, offer_reply());
  answer(kBase + "tcb?fmspc=00906EA10000",
         with_body(tcb_info_reply(), "{\"tcbInfo\":{},\"signature\":\"00\"}"));
  const auto given =
      source(PcsOptions{.url = ServiceUrl::parse(kBase).value(), .selection = PckSelection::kLocal})
          ->pck_certificate(real_platform());
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code(), ErrorCode::kPckSelectionFailed);
}

TEST_F(PcsSourceTest, AsksForDocuments) {
  const std::string tdx = "https://pcs.example/tdx/certification/v4/";
  answer(kBase + "pckcrl?ca=processor&encoding=der", pck_crl_reply());
  answer(kBase + "tcb?fmspc=00906EA10000", tcb_info_reply());
  answer(tdx + "tcb?fmspc=00906EA10000", tcb_info_reply());
  answer(kBase + "qe/identity", qe_identity_reply());
  answer(kBase + "qve/identity", qe_identity_reply());
  answer(tdx + "qe/identity", qe_identity_reply());
  const auto pcs = source();
  EXPECT_TRUE(pcs->fetch(PckCrlRequest{collateral::PckCa::kProcessor}));
  EXPECT_TRUE(pcs->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()}));
  EXPECT_TRUE(pcs->fetch(TcbInfoRequest{collateral::Tee::kTdx, real_fmspc()}));
  EXPECT_TRUE(pcs->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQe}));
  EXPECT_TRUE(pcs->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQve}));
  EXPECT_TRUE(pcs->fetch(EnclaveIdentityRequest{EnclaveIdentity::kTdQe}));
  EXPECT_EQ(script_.asked.size(), 6U);
  EXPECT_EQ(pcs->fetch(PckCrlRequest{collateral::PckCa::kPlatform}).error().code(),
            ErrorCode::kNotFoundAtSource);
}

TEST_F(PcsSourceTest, AsksForTheEarlySetWhenTold) {
  answer(kBase + "tcb?fmspc=00906EA10000&update=early", tcb_info_reply());
  answer(kBase + "qe/identity?update=early", qe_identity_reply());
  const auto pcs =
      source(PcsOptions{.url = ServiceUrl::parse(kBase).value(), .update = TcbUpdate::kEarly});
  EXPECT_TRUE(pcs->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()}));
  EXPECT_TRUE(pcs->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQe}));
}

TEST_F(PcsSourceTest, WithoutAPlaceForTdxThereIsNoneToAsk) {
  EXPECT_EQ(source("https://pcs.example/v4/")
                ->fetch(TcbInfoRequest{collateral::Tee::kTdx, real_fmspc()})
                .error()
                .code(),
            ErrorCode::kNotFoundAtSource);
  EXPECT_THAT(script_.asked, IsEmpty());
}

TEST_F(PcsSourceTest, IntelsRootCrlComesFromWhereTheCertificateSays) {
  answer(std::string(kRootCrlUrl), root_crl_reply());
  EXPECT_TRUE(source("https://api.trustedservices.intel.com/sgx/certification/v4/")
                  ->fetch(RootCaCrlRequest{std::string(kRootCrlUrl)}));
  EXPECT_THAT(script_.urls(), ElementsAre(kRootCrlUrl));
}

TEST_F(PcsSourceTest, AnotherServicesRootCrlComesFromItselfFirst) {
  const std::string named = "https://simulated.invalid/SIMULATED-NO-SECURITY/IntelSGXRootCA.der";
  const std::string here = "https://pcs.example/SIMULATED-NO-SECURITY/IntelSGXRootCA.der";
  answer(here, root_crl_reply());
  EXPECT_TRUE(source()->fetch(RootCaCrlRequest{named}));
  EXPECT_THAT(script_.urls(), ElementsAre(here));

  script_ = {};
  answer(named, root_crl_reply());
  EXPECT_TRUE(source()->fetch(RootCaCrlRequest{named}));
  EXPECT_THAT(script_.urls(), ElementsAre(here, named));

  script_ = {};
  const auto neither = source()->fetch(RootCaCrlRequest{named});
  ASSERT_FALSE(neither);
  EXPECT_THAT(neither.error().summary(), HasSubstr(here));
  EXPECT_FALSE(source()->fetch(RootCaCrlRequest{"ftp://host/file"}));
}

TEST_F(PcsSourceTest, RegistersByManifestAtTheSameHost) {
  answer("https://pcs.example/sgx/registration/v1/platform",
         reply(201, "00112233445566778899aabbccddeeff"));
  const Registration platform{real_platform(), base::Bytes(20, std::byte{7})};
  EXPECT_TRUE(source()->register_platform(platform));
  ASSERT_EQ(script_.asked.size(), 1U);
  EXPECT_EQ(script_.asked[0].method, "POST");
  EXPECT_EQ(script_.asked[0].body, platform.platform_manifest);
  EXPECT_EQ(http::media_type(script_.asked[0].headers), "application/octet-stream");
  EXPECT_EQ(source()->register_platform({real_platform(), {}}).error().code(),
            ErrorCode::kNotFoundAtSource);
  script_.answers.clear();
  EXPECT_EQ(source()->register_platform(platform).error().code(), ErrorCode::kNotFoundAtSource);
}

}  // namespace
}  // namespace quoted::certification
