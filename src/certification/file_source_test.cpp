#include "certification/file_source.h"

#include <gmock/gmock.h>

#include "certification/testing/real_replies.h"
#include "collateral/bundle.h"
#include "collateral/collateral_files.h"
#include "test_support/temp_dir.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using namespace testing;

class FileSourceTest : public ::testing::Test {
 protected:
  FileSourceTest() {
    write("tcb_info.json", real("tcbinfo-v3-sgx-00906ea10000.json"));
    write("tcb_info_issuer_chain.pem", real("tcb-signing-chain-2018.pem") + '\0');
    write("qe_identity.json", real("qe-identity-v2-pcs-body.json") + '\0');
    write("qe_identity_issuer_chain.pem", real("tcb-signing-chain-2025.pem"));
    write("pck_crl.hex", base::to_hex(base::as_bytes(real("pck-crl-processor.der"))) + "\n");
    write("pck_crl_issuer_chain.pem", real("pck-crl-processor-issuer-chain.pem"));
    write("root_ca_crl.der", real("root-ca-crl.der") + '\0');
  }
  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(base::write_file(dir_.path() / name, base::as_bytes(content), 0600));
  }
  std::unique_ptr<Source> source() { return make_file_source(dir_.path()); }
  std::string issuers() { return real("pckcerts-16a5b41e-issuer-chain.pem"); }

  test::TempDir dir_;
};

TEST_F(FileSourceTest, GivesWhatIsThereAsItWasPublished) {
  const auto info = source()->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()});
  ASSERT_TRUE(info) << info.error().summary();
  EXPECT_EQ(base::as_text(info->body), real("tcbinfo-v3-sgx-00906ea10000.json"));
  EXPECT_EQ(info->issuer_chain_pem, real("tcb-signing-chain-2018.pem"));
  const auto identity = source()->fetch(EnclaveIdentityRequest{EnclaveIdentity::kQe});
  EXPECT_EQ(base::as_text(identity->body), real("qe-identity-v2-pcs-body.json"));
  const auto crl = source()->fetch(PckCrlRequest{collateral::PckCa::kProcessor});
  EXPECT_EQ(base::as_text(crl->body), real("pck-crl-processor.der"));
  EXPECT_EQ(crl->issuer_chain_pem, real("pck-crl-processor-issuer-chain.pem"));
  const auto root = source()->fetch(RootCaCrlRequest{std::string(kRootCrlUrl)});
  EXPECT_EQ(base::as_text(root->body), real("root-ca-crl.der"));
}

TEST_F(FileSourceTest, SaysWhatItHasInsteadOfWhatWasAskedFor) {
  const auto expect_missing = [this](const DocumentRequest& request, const std::string& found) {
    const auto result = source()->fetch(request);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kNotFoundAtSource);
    EXPECT_THAT(result.error().message(), HasSubstr(found));
  };
  expect_missing(TcbInfoRequest{collateral::Tee::kTdx, real_fmspc()},
                 "but the SGX TCB info of FMSPC 00906ea10000");
  expect_missing(TcbInfoRequest{collateral::Tee::kSgx, sgx::Fmspc()},
                 "but the SGX TCB info of FMSPC 00906ea10000");
  expect_missing(PckCrlRequest{collateral::PckCa::kPlatform}, "Intel SGX PCK Processor CA");
  expect_missing(EnclaveIdentityRequest{EnclaveIdentity::kTdQe}, "but the identity of the QE");
}

TEST_F(FileSourceTest, DamagedFilesAreNamedAsSuch) {
  write("root_ca_crl.der", "nothing");
  EXPECT_EQ(source()->fetch(RootCaCrlRequest{}).error().code(), ErrorCode::kCollateralUnreadable);
  write("tcb_info.json", "{}");
  EXPECT_EQ(source()->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()}).error().code(),
            ErrorCode::kCollateralUnreadable);
}

TEST_F(FileSourceTest, ReadsABundle) {
  const std::string bundle =
      collateral::write_bundle(collateral::read_collateral(dir_.path()).value()).value();
  write("bundle.json", bundle);
  const auto from_bundle = make_file_source(dir_.path() / "bundle.json");
  EXPECT_TRUE(from_bundle->fetch(TcbInfoRequest{collateral::Tee::kSgx, real_fmspc()}));
  EXPECT_EQ(from_bundle->pck_certificate(real_platform()).error().code(),
            ErrorCode::kPlatformUnknown);
}

TEST_F(FileSourceTest, HasNoPckCertificateUnlessThereIsAFile) {
  const auto missing = source()->pck_certificate(real_platform());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kPlatformUnknown);
  EXPECT_THAT(missing.error().message(),
              HasSubstr("pck_certificates_16a5b41ebb076d263a1e39e64e7175e7_0000.pem"));
}

TEST_F(FileSourceTest, GivesTheOneCertificateItHas) {
  EXPECT_FALSE(source()->is_for_certificates());
  write("pck_certificates.pem", real_leaf() + issuers());
  EXPECT_TRUE(source()->is_for_certificates());
  const auto given = source()->pck_certificate(real_platform());
  ASSERT_TRUE(given) << given.error().summary();
  EXPECT_EQ(given->pce_isv_svn, 9U);
  EXPECT_EQ(given->issuer_chain_pem, issuers());
  PckRequest lower = real_platform();
  lower.pce_isv_svn = 8;
  EXPECT_EQ(source()->pck_certificate(lower).error().code(), ErrorCode::kNoPckForTcb);
}

TEST_F(FileSourceTest, ChoosesAmongSeveral) {
  std::string all;
  for (const auto& item : real_offer()) {
    all += http::percent_decoded(item.at("cert").get<std::string>()).value();
  }
  write("pck_certificates_16a5b41ebb076d263a1e39e64e7175e7_0000.pem", all + issuers());
  write("pck_certificates.pem", "not this one");
  const auto given = source()->pck_certificate(real_platform());
  ASSERT_TRUE(given) << given.error().summary();
  EXPECT_EQ(given->cpu_svn.hex(), "0d0d0204018003000000000000000000");
  std::filesystem::remove(dir_.path() / "tcb_info.json");
  EXPECT_EQ(source()->pck_certificate(real_platform()).error().code(),
            ErrorCode::kNotFoundAtSource);
  EXPECT_EQ(make_file_source("/nowhere")->fetch(RootCaCrlRequest{}).error().code(),
            ErrorCode::kSourceFailed);
}

TEST_F(FileSourceTest, RefusesAFileWithoutIssuers) {
  write("pck_certificates.pem", issuers());
  EXPECT_EQ(source()->pck_certificate(real_platform()).error().code(),
            ErrorCode::kCollateralUnreadable);
  write("pck_certificates.pem", issuers() + real_leaf());
  EXPECT_FALSE(source()->pck_certificate(real_platform()));
}

TEST_F(FileSourceTest, TakesNoRegistrations) {
  EXPECT_EQ(source()->register_platform({}).error().code(), ErrorCode::kNotFoundAtSource);
}

}  // namespace
}  // namespace quoted::certification
