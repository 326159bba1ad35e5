#include "certification/azure_source.h"

#include <gmock/gmock.h>

#include "certification/testing/real_replies.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;

const std::string kBase = "http://169.254.169.254/metadata/THIM/sgx/certification";
const std::string kTail = "clientid=production_client&api-version=2018-10-01-preview";

class AzureSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<Source> source(bool on_demand = true, const std::string& url = kBase) {
    return make_azure_source(
        AzureOptions{.url = ServiceUrl::parse(url).value(), .on_demand = on_demand},
        client_of(script_));
  }
  void answer(const std::string& path, const http::ClientReply& reply) {
    script_.answers.emplace(kBase + path, reply);
  }

  Script script_;
  const std::string pck_ =
      "cpusvn=0f0f0205ff8007000000000000000000&pcesvn=0900&pceid=0000&clientid=production_client"
      "&api-version=2021-07-22-preview";
};

TEST_F(AzureSourceTest, AsksForPckCertificatesInLowerCase) {
  std::string ppid;
  for (int i = 0; i < 384; ++i) ppid += "ab";
  const std::string qe_id = "/v4/pckcert?qeid=16a5b41ebb076d263a1e39e64e7175e7&";
  const nlohmann::json body = {
      {"pckCert", real_leaf()},
      {"sgx-Pck-Certificate-Issuer-Chain", real_chain_header("pckcerts-16a5b41e-issuer-chain.pem")},
      {"sgx-Tcbm", kRealTcbm}};
  answer(qe_id + "encrypted_ppid=" + ppid + "&" + pck_, reply(200, body.dump()));
  answer(qe_id + pck_, reply(200, body.dump()));
  EXPECT_TRUE(source()->pck_certificate(real_platform()));
  EXPECT_EQ(http::find_header(script_.asked.back().headers, "Metadata"), "true");
  EXPECT_TRUE(source(false)->pck_certificate(real_platform()));
  EXPECT_THAT(script_.asked.back().url, Not(HasSubstr("encrypted_ppid")));
}

TEST_F(AzureSourceTest, AsksForCrlsByTwiceEscapedAddresses) {
  const auto crl = [&](const std::string& uri) { return "/v4/pckcrl?uri=" + uri + "&" + kTail; };
  answer(crl("https%253a%252f%252fcertificates.trustedservices.intel.com%252fintelsgxrootca.crl"),
         root_crl_reply());
  answer(crl("https%253a%252f%252fcertificates.trustedservices.intel.com"
             "%252fintelsgxpckprocessor.crl"),
         pck_crl_reply());
  answer(crl("https%253a%252f%252fapi.trustedservices.intel.com%252fsgx%252fcertification%252fv3"
             "%252fpckcrl%253fca%253dplatform%2526encoding%253dpem"),
         with_body(pck_crl_reply(), real("pck-crl-platform.pem")));
  EXPECT_TRUE(source()->fetch(RootCaCrlRequest{std::string(kRootCrlUrl)}));
  EXPECT_TRUE(source()->fetch(PckCrlRequest{collateral::PckCa::kProcessor}));
  const auto platform = source()->fetch(PckCrlRequest{collateral::PckCa::kPlatform});
  ASSERT_TRUE(platform) << platform.error().summary();
  EXPECT_EQ(platform->body.front(), std::byte{0x30});
}

TEST_F(AzureSourceTest, AsksForDocuments) {
  answer("/v4/tcb?fmspc=00906ea10000&" + kTail, tcb_info_reply());
  answer("/v4/qe/identity?" + kTail, qe_identity_reply());
  EXPECT_TRUE(source()->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()}));
  EXPECT_TRUE(source()->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQe}));
  script_.answers.emplace(
      "http://169.254.169.254/metadata/THIM/tdx/certification/v4/qe/identity?" + kTail,
      qe_identity_reply());
  EXPECT_TRUE(source()->fetch(EnclaveIdentityRequest{EnclaveIdentity::kTdQe}));
}

TEST_F(AzureSourceTest, TakesItsAddressWithTheVersionToo) {
  EXPECT_EQ(source(true, kBase + "/v4")->name(), source()->name());
  EXPECT_EQ(source()->name(), "azure " + kBase + "/v4/");
}

TEST_F(AzureSourceTest, TakesNoRegistrations) {
  EXPECT_EQ(source()->register_platform({}).error().code(), ErrorCode::kNotFoundAtSource);
}

}  // namespace
}  // namespace quoted::certification
