#include "certification/pccs_source.h"

#include <gmock/gmock.h>

#include "certification/testing/real_replies.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace testing;

const std::string kBase = "https://pccs:8081/sgx/certification/v4/";
const std::string kPlatformQuery =
    "&cpusvn=0F0F0205FF8007000000000000000000&pcesvn=0900&pceid=0000";

class PccsSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<Source> source(PccsOptions options) {
    return make_pccs_source(std::move(options), client_of(script_));
  }
  std::unique_ptr<Source> source() {
    return source(PccsOptions{.url = ServiceUrl::parse(kBase).value()});
  }
  void answer(const std::string& url, base::Result<http::ClientReply> reply) {
    script_.answers.emplace(url, std::move(reply));
  }

  Script script_;
};

TEST_F(PccsSourceTest, AsksByQeIdAndByEncryptedPpidWhenThereIsOne) {
  const std::string qe_id = kBase + "pckcert?qeid=16A5B41EBB076D263A1E39E64E7175E7";
  answer(qe_id + "&encrypted_ppid=" + real_encrypted_ppid() + kPlatformQuery, pck_reply());
  answer(qe_id + kPlatformQuery, pck_reply());
  EXPECT_TRUE(source()->pck_certificate(real_platform()));
  PckRequest request = real_platform();
  request.encrypted_ppid.clear();
  EXPECT_TRUE(source()->pck_certificate(request));
  EXPECT_EQ(source()->name(), "pccs " + kBase);
}

TEST_F(PccsSourceTest, PassesOnWhatASiteAddsAndDoesNotShowIt) {
  const auto pccs = source(PccsOptions{.url = ServiceUrl::parse(kBase).value(),
                                       .headers = {{"X-Site", "a"}},
                                       .pck_params = {{"tenant", "geheim"}},
                                       .custom_parameter = "ab>c?"});
  const auto given = pccs->pck_certificate(real_platform());
  ASSERT_FALSE(given);
  EXPECT_THAT(script_.asked.back().url, ::testing::EndsWith("&pceid=0000&tenant=geheim"));
  EXPECT_EQ(http::find_header(script_.asked.back().headers, "X-Site"), "a");
  EXPECT_THAT(given.error().summary(), AllOf(HasSubstr("&tenant=..."), Not(HasSubstr("geheim"))));
  EXPECT_FALSE(pccs->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQe}));
  EXPECT_EQ(script_.asked.back().url, kBase + "qe/identity?customParameter=YWI%2BYz8%3D");
}

TEST_F(PccsSourceTest, KnowsItsOwnStatuses) {
  const auto refused = [this](unsigned status) {
    script_.answers.clear();
    answer(kBase + "pckcert?qeid=16A5B41EBB076D263A1E39E64E7175E7&encrypted_ppid=" +
               real_encrypted_ppid() + kPlatformQuery,
           reply(status, "why"));
    return source()->pck_certificate(real_platform()).error().code();
  };
  EXPECT_EQ(refused(404), ErrorCode::kPlatformUnknown);
  EXPECT_EQ(refused(461), ErrorCode::kPlatformUnknown);
  EXPECT_EQ(refused(462), ErrorCode::kNoPckForTcb);
  EXPECT_EQ(refused(502), ErrorCode::kSourceFailed);
}

TEST_F(PccsSourceTest, TakesCrlsAsHexadecimalText) {
  const base::Bytes der = test::read_vector("real-collateral/pck-crl-processor.der");
  answer(kBase + "pckcrl?ca=processor", with_body(pck_crl_reply(), base::to_hex(der)));
  const auto crl = source()->fetch(PckCrlRequest{collateral::PckCa::kProcessor});
  ASSERT_TRUE(crl) << crl.error().summary();
  EXPECT_EQ(crl->body, der);
}

TEST_F(PccsSourceTest, AsksForDocuments) {
  answer(kBase + "tcb?fmspc=00906EA10000", tcb_info_reply());
  answer(kBase + "qe/identity", qe_identity_reply());
  answer("https://pccs:8081/tdx/certification/v4/qe/identity", qe_identity_reply());
  EXPECT_TRUE(source()->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()}));
  EXPECT_TRUE(source()->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQe}));
  EXPECT_TRUE(source()->fetch(EnclaveIdentityRequest{EnclaveIdentity::kTdQe}));
}

class PccsRootCrl : public PccsSourceTest {
 protected:
  base::Result<Document> fetch() {
    return source()->fetch(RootCaCrlRequest{std::string(kRootCrlUrl)});
  }
  const std::string own_ = kBase + "rootcacrl";
  const std::string by_address_ =
      kBase + "crl?uri=https%3A%2F%2Fcertificates.trustedservices.intel.com%2FIntelSGXRootCA.der";
};

TEST_F(PccsRootCrl, ComesFromItsOwnRoute) {
  answer(own_, reply(200, base::to_hex(test::read_vector("real-collateral/root-ca-crl.der"))));
  EXPECT_EQ(fetch()->body, test::read_vector("real-collateral/root-ca-crl.der"));
  EXPECT_THAT(script_.urls(), ElementsAre(own_));
}

TEST_F(PccsRootCrl, OrByItsAddress) {
  answer(by_address_, root_crl_reply());
  EXPECT_TRUE(fetch());
  EXPECT_THAT(script_.urls(), ElementsAre(own_, by_address_));
}

TEST_F(PccsRootCrl, TheFirstErrorCounts) {
  answer(own_, reply(404, "No cache data"));
  answer(by_address_, reply(400, ""));
  const auto failed = fetch();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kNotFoundAtSource);
}

TEST_F(PccsRootCrl, AServiceInTroubleIsNotAskedTwice) {
  answer(own_, reply(503, ""));
  EXPECT_EQ(fetch().error().code(), ErrorCode::kSourceBusy);
  EXPECT_EQ(script_.asked.size(), 1U);
}

TEST_F(PccsSourceTest, RegistersWithTheUserToken) {
  answer(kBase + "platforms", reply(200, "Operation successful."));
  const Registration platform{real_platform(), {std::byte{0xA1}, std::byte{2}}};
  const auto pccs =
      source(PccsOptions{.url = ServiceUrl::parse(kBase).value(), .user_token = "geheim"});
  EXPECT_TRUE(pccs->register_platform(platform));
  ASSERT_EQ(script_.asked.size(), 1U);
  EXPECT_EQ(script_.asked[0].method, "POST");
  EXPECT_EQ(http::find_header(script_.asked[0].headers, "user-token"), "geheim");
  EXPECT_EQ(http::media_type(script_.asked[0].headers), "application/json");
  const nlohmann::json expected = {{"qe_id", "16A5B41EBB076D263A1E39E64E7175E7"},
                                   {"pce_id", "0000"},
                                   {"cpu_svn", "0F0F0205FF8007000000000000000000"},
                                   {"pce_svn", "0900"},
                                   {"enc_ppid", real_encrypted_ppid()},
                                   {"platform_manifest", "A102"}};
  EXPECT_EQ(nlohmann::json::parse(base::as_text(script_.asked[0].body)), expected);

  script_.answers.clear();
  answer(kBase + "platforms", reply(401, "Authentication failed."));
  EXPECT_EQ(pccs->register_platform(platform).error().code(), ErrorCode::kApiKeyRefused);
}

// Some caches want none; of one that does, the remedy is named.
TEST_F(PccsSourceTest, RegistersWithoutATokenWhereNoneIsConfigured) {
  answer(kBase + "platforms", reply(200, "Operation successful."));
  const Registration platform{real_platform(), {std::byte{0xA1}, std::byte{2}}};
  EXPECT_TRUE(source()->register_platform(platform));
  ASSERT_EQ(script_.asked.size(), 1U);
  EXPECT_FALSE(http::find_header(script_.asked[0].headers, "user-token"));

  script_.answers.clear();
  answer(kBase + "platforms", reply(401, "Authentication failed."));
  const auto refused = source()->register_platform(platform);
  EXPECT_EQ(refused.error().code(), ErrorCode::kApiKeyRefused);
  EXPECT_THAT(refused.error().summary(), ::testing::HasSubstr("user_token_file"));
}

}  // namespace
}  // namespace quoted::certification
