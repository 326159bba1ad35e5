#include "simulation/qe3/attestation_key.h"

#include <gtest/gtest.h>

#include "simulation/pce/pck_key.h"
#include "simulation/qe3/qe3.h"
#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

// Vectors of quote-generation 13: 00 01 .. 0F in place of the EGETKEY result.
const crypto::Key128 kKey = test::counting<crypto::Key128>(0);

std::string hex(base::ByteView bytes) { return base::to_hex(bytes); }

TEST(DerivedKeys, AttestationKeyVector) {
  EXPECT_EQ(hex(expand_key_seed(kKey, "QE_ATT_DER").value().view()),
            "ad282972340a8fba8306a032db66d6674a3ba3f99e708c992056cb4acfd9d2c9688964bf7e8a0609");
  const auto key = attestation_key_from_key(kKey).value();
  EXPECT_EQ(hex(key.scalar().view()),
            "b7112febfa341d3b779e1358376852ca59534d7778d2a55a1d8ac60fdde8cc4a");
  EXPECT_EQ(key.public_key().point().hex(),
            "5fcd12c17e5717067b1032c9b974090cb871b38f8be23b7e32c4dd520401752b"
            "a2aab1dec2de9169c3a517820f2f82f90ada447b62cd48d169cd0d948a31b385");
}

TEST(DerivedKeys, PckKeyVector) {
  EXPECT_EQ(hex(expand_key_seed(kKey, "PAK_KEY_DER").value().view()),
            "9e1331033b9a62ba0e5f07567bb00efe44f5a30a30e640d9de36df8950cc4d90156842c5e4cc2cd9");
  const auto key = pck_from_key(kKey).value();
  EXPECT_EQ(hex(key.scalar().view()),
            "49f96a0fa2027b416e641c07353fcd62ded815e9c2aa1d0c13dd40539a1cb0ca");
  EXPECT_EQ(key.public_key().point().hex(),
            "a6389be260c54d77558d2d6dfc77289268cf4cd1f669a48532e3d88b772319e0"
            "19360f33ba195c0922e20a3ca39c2a3ad4d268b5aa57b5ab24faf7b18a002463");
}

TEST(DerivedKeys, QeIdVector) {
  EXPECT_EQ(qe_id_from_key(kKey).value().hex(), "03538228159f66c4601be60b57965ea4");
}

TEST(DerivedKeys, PpidVector) {
  EXPECT_EQ(ppid_from_key(kKey).value().hex(), "be7ed6ae787dd5544c5561c7dcd06abb");
}

// ---- What the keys depend on (3.2, 3.3)

crypto::P256Point attestation_point(const test::CpuParts& cpu, const Secs& qe) {
  return derive_attestation_key(cpu.make(), qe).value().public_key().point();
}

sgx::QeId qe_id(const test::CpuParts& cpu, const Secs& qe) {
  return derive_qe_id(cpu.make(), qe).value();
}

const Secs kQe = simulated_qe_secs(8);

Secs with_signer(Secs secs, const sgx::MrSigner& signer) {
  secs.mr_signer = signer;
  return secs;
}

TEST(DerivedKeys, AreTheSameEveryTime) {
  EXPECT_EQ(attestation_point({}, kQe), attestation_point({}, kQe));
  EXPECT_EQ(qe_id({}, kQe), qe_id({}, kQe));
}

TEST(DerivedKeys, BothChangeWithOwnerSealFusesAndSigner) {
  test::CpuParts owned;
  owned.owner_epoch = {};
  test::CpuParts other;
  other.fuses.seal = {};
  const Secs foreign = with_signer(kQe, {});
  EXPECT_NE(attestation_point(owned, kQe), attestation_point({}, kQe));
  EXPECT_NE(attestation_point(other, kQe), attestation_point({}, kQe));
  EXPECT_NE(attestation_point({}, foreign), attestation_point({}, kQe));
  EXPECT_NE(qe_id(owned, kQe), qe_id({}, kQe));
  EXPECT_NE(qe_id(other, kQe), qe_id({}, kQe));
  EXPECT_NE(qe_id({}, foreign), qe_id({}, kQe));
}

TEST(DerivedKeys, OnlyTheAttestationKeyChangesWithTheTcb) {
  const test::CpuParts updated = test::with_cpu_svn(9);
  EXPECT_NE(attestation_point(updated, kQe), attestation_point({}, kQe));
  EXPECT_NE(attestation_point({}, simulated_qe_secs(9)), attestation_point({}, kQe));
  EXPECT_EQ(qe_id(updated, kQe), qe_id({}, kQe));
  EXPECT_EQ(qe_id({}, simulated_qe_secs(9)), qe_id({}, kQe));
}

TEST(DerivedKeys, NeitherDependsOnBootOrProvisioning) {
  test::CpuParts rebooted;
  rebooted.report_key_id = {};
  rebooted.fuses.provisioning = {};
  EXPECT_EQ(attestation_point(rebooted, kQe), attestation_point({}, kQe));
  EXPECT_EQ(qe_id(rebooted, kQe), qe_id({}, kQe));
}

// sgx-cpu-model 6: the policy is MRSIGNER, so that another build keeps the keys.
TEST(DerivedKeys, DoNotDependOnTheMeasurement) {
  Secs rebuilt = kQe;
  rebuilt.mr_enclave = {};
  EXPECT_EQ(attestation_point({}, rebuilt), attestation_point({}, kQe));
  EXPECT_EQ(qe_id({}, rebuilt), qe_id({}, kQe));
}

TEST(DerivedKeys, RequestMasksAreThoseOfTheEnclaves) {
  const sgx::KeyRequest request = architectural_key_request(sgx::KeyName::kProvision);
  EXPECT_EQ(request.key_name, 1);
  EXPECT_EQ(request.key_policy, 0);
  EXPECT_EQ(request.attribute_mask.flags, 0xFFFFFFFFFFFFFFFBU);
  EXPECT_EQ(request.attribute_mask.xfrm, 0U);
  EXPECT_EQ(request.misc_mask, 0xFFFFFFFFU);
  EXPECT_TRUE(request.cpu_svn.is_zero());
  EXPECT_EQ(request.isv_svn, 0);
  EXPECT_TRUE(request.key_id.is_zero());
}

}  // namespace
}  // namespace quoted::simulation
