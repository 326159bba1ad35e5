#include "simulation/authority/pck_provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/authority/ppid_key.h"
#include "simulation/testing/authority_fixture.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;

class PckProviderTest : public test::AuthorityTest {
 protected:
  [[nodiscard]] base::Result<PckCertification> ask(const sgx::Ppid& ppid) {
    const CertificateStore certificates = store();
    const AuthorityPckProvider provider(seed_, ca_, platform_, certificates);
    const auto encrypted = crypto::rsa_oaep_encrypt(ppid_public_key().value(), ppid.view()).value();
    return provider.pck_certification({}, encrypted, platform_.cpu.cpu_svn(),
                                      {platform_.model.pce_isv_svn, 0});
  }

  const CertificateAuthority ca_ = authority();
  const ManufacturedPlatform platform_ = platform(PckCa::kPlatform);
};

TEST_F(PckProviderTest, CertifiesThePckKeyOfTheRawLevel) {
  const auto answer = ask(platform_.ppid);
  ASSERT_TRUE(answer) << answer.error().summary();
  EXPECT_EQ(answer->tcb.cpu_svn, platform_.cpu.cpu_svn());
  EXPECT_EQ(answer->tcb.isv_svn, platform_.model.pce_isv_svn);
  EXPECT_EQ(answer->pce_info.isv_svn, platform_.model.pce_isv_svn);
  EXPECT_EQ(answer->pce_info.pce_id, 0);
  const auto chain = crypto::parse_pem_chain(answer->chain_pem).value();
  const auto pck_key =
      derive_pck_key(platform_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn), raw_tcb(platform_))
          .value();
  EXPECT_EQ(chain.front().public_key().point(), pck_key.public_key().point());
  EXPECT_EQ(ask(platform_.ppid)->chain_pem, answer->chain_pem);
}

TEST_F(PckProviderTest, OtherPlatformsAreNotKnown) {
  EXPECT_EQ(outcome(ask(test::counting<sgx::Ppid>(1))), named(ErrorCode::kServiceUnavailable));
}

TEST_F(PckProviderTest, CiphertextsOfOtherKeysFail) {
  const CertificateStore certificates = store();
  const AuthorityPckProvider provider(seed_, ca_, platform_, certificates);
  EXPECT_FALSE(provider.pck_certification({}, {}, platform_.cpu.cpu_svn(), {}));
}

}  // namespace
}  // namespace quoted::simulation
