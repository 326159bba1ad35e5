#include "simulation/authority/certificate_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "simulation/testing/authority_fixture.h"

namespace quoted::simulation {
namespace {

using test::kBothCas;
using test::kNow;
using test::midnight;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using CertificateStoreTest = test::AuthorityTest;

TEST_F(CertificateStoreTest, SameSeedAndStoreServeTheSameCertificates) {
  const CertificateAuthority first = authority();
  const crypto::Certificate leaf = pck(first, PckCa::kPlatform);
  const CertificateAuthority second = authority();
  EXPECT_EQ(second.root().pem(), first.root().pem());
  for (const PckCa which : kBothCas) EXPECT_EQ(second.ca(which).pem(), first.ca(which).pem());
  EXPECT_EQ(second.tcb_signing().pem(), first.tcb_signing().pem());
  EXPECT_EQ(pck(second, PckCa::kPlatform).pem(), leaf.pem());
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(CertificateStoreTest, SameSeedGivesTheSameKeysWithoutAStore) {
  const auto without_store = [] {
    return CertificateAuthority::create(
               MasterSeed::development(), kNow,
               CertificateStore({}, [](const std::string& told) { ADD_FAILURE() << told; }))
        .value();
  };
  const CertificateAuthority first = without_store();
  const CertificateAuthority second = without_store();
  EXPECT_EQ(first.root().public_key().point(), second.root().public_key().point());
  EXPECT_EQ(base::to_hex(first.root().serial()), base::to_hex(second.root().serial()));
  EXPECT_NE(first.root().pem(), second.root().pem()) << "ECDSA signatures are random";
  for (const PckCa which : kBothCas) {
    EXPECT_EQ(first.ca(which).public_key().point(), second.ca(which).public_key().point());
  }
}

TEST_F(CertificateStoreTest, OtherSeedIsAnotherRoot) {
  const CertificateAuthority own = authority();
  const CertificateAuthority other = authority(kNow, other_seed());
  EXPECT_NE(other.root().public_key().point(), own.root().public_key().point());
  for (const PckCa which : kBothCas) {
    EXPECT_NE(other.ca(which).public_key().point(), own.ca(which).public_key().point());
    EXPECT_FALSE(own.ca(which).signed_by(other.root().public_key()));
  }
  EXPECT_THAT(notices_, SizeIs(4)) << "the first world's certificates were in the store";
}

TEST_F(CertificateStoreTest, AllKeysDiffer) {
  const CertificateAuthority ca = authority();
  EXPECT_NE(ca.root().public_key().point(), ca.ca(PckCa::kPlatform).public_key().point());
  EXPECT_NE(ca.root().public_key().point(), ca.ca(PckCa::kProcessor).public_key().point());
  EXPECT_NE(ca.ca(PckCa::kPlatform).public_key().point(),
            ca.ca(PckCa::kProcessor).public_key().point());
  for (const crypto::Certificate* other :
       {&ca.root(), &ca.ca(PckCa::kPlatform), &ca.ca(PckCa::kProcessor)}) {
    EXPECT_NE(ca.tcb_signing().public_key().point(), other->public_key().point());
  }
}

TEST_F(CertificateStoreTest, DamagedStoreFilesAreToldAndIssuedAgain) {
  const CertificateAuthority before = authority();
  const std::string damaged = before.root().pem().substr(0, 100);
  for (const std::string& content : {damaged, std::string(), std::string(100'000, 'x')}) {
    ASSERT_TRUE(base::write_file(file("root-ca"), base::as_bytes(content), 0644));
    notices_.clear();
    const CertificateAuthority after = authority();
    EXPECT_THAT(notices_, ElementsAre(AllOf(HasSubstr("root-ca.pem"), HasSubstr("issued again"))));
    EXPECT_EQ(after.root().public_key().point(), before.root().public_key().point());
    EXPECT_EQ(base::as_text(base::read_file(file("root-ca"), 10'000).value()), after.root().pem());
    EXPECT_TRUE(after.ca(PckCa::kPlatform).signed_by(after.root().public_key()));
  }
}

TEST_F(CertificateStoreTest, SwappedStoreFilesAreToldAndIssuedAgain) {
  const CertificateAuthority before = authority();
  const std::string processor = before.ca(PckCa::kProcessor).pem();
  ASSERT_TRUE(base::write_file(file("platform-ca"), base::as_bytes(processor), 0644));
  const CertificateAuthority after = authority();
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("platform-ca.pem")));
  EXPECT_EQ(after.ca(PckCa::kPlatform).subject_cn(), "Intel SGX PCK Platform CA");
}

// Else a leaf of another level, platform or key would stand beside the right chain.
TEST_F(CertificateStoreTest, StoredLeafMustBeThatOfTheRequest) {
  const CertificateAuthority ca = authority();
  const crypto::Certificate right = pck(ca, PckCa::kPlatform);
  const std::string name = base::text("pck-", platform(PckCa::kPlatform).ppid.hex(), "-",
                                      platform(PckCa::kPlatform).cpu.cpu_svn().hex(), "-13");
  ASSERT_TRUE(std::filesystem::exists(file(name)));

  const ManufacturedPlatform of = platform(PckCa::kPlatform);
  const auto description = describe_platform(seed_, of, raw_tcb(of)).value();
  const auto other_key = seed_.derive_p256_key("another key").value();
  const auto reissued =
      ca.issue_pck(description, other_key.public_key(), PckCa::kPlatform, seed_, store()).value();
  EXPECT_EQ(reissued.public_key().point(), other_key.public_key().point());
  EXPECT_THAT(notices_, ElementsAre(HasSubstr(name)));

  collateral::SgxExtension other_type = description;
  other_type.sgx_type = collateral::SgxType::kScalableWithIntegrity;
  const auto retyped =
      ca.issue_pck(other_type, other_key.public_key(), PckCa::kPlatform, seed_, store()).value();
  EXPECT_EQ(collateral::PckCertificate::create(retyped)->sgx(), other_type);
  EXPECT_THAT(notices_, SizeIs(2));
}

TEST_F(CertificateStoreTest, ExpiredPeriodIsToldAndRenewedUnderTheSameRoot) {
  const CertificateAuthority before = authority(midnight(2029, 12, 31));
  const crypto::Certificate old_leaf = pck(before, PckCa::kPlatform);
  EXPECT_EQ(old_leaf.not_before(), midnight(2025, 1, 1));

  const CertificateAuthority after = authority(midnight(2030, 1, 1));
  EXPECT_EQ(after.root().pem(), before.root().pem());
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("platform-ca.pem"), HasSubstr("processor-ca.pem"),
                                    HasSubstr("tcb-signing.pem")));
  for (const PckCa which : kBothCas) {
    EXPECT_EQ(after.ca(which).public_key().point(), before.ca(which).public_key().point());
    EXPECT_EQ(after.ca(which).not_before(), midnight(2030, 1, 1));
  }
  const crypto::Certificate new_leaf = pck(after, PckCa::kPlatform);
  EXPECT_EQ(new_leaf.not_before(), midnight(2030, 1, 1));
  EXPECT_EQ(new_leaf.not_after(), midnight(2037, 1, 1));
  EXPECT_EQ(new_leaf.public_key().point(), old_leaf.public_key().point());
}

// A clock that was never set, and the end of the world.
TEST_F(CertificateStoreTest, NoCertificateOutlivesItsIssuer) {
  for (const int year : {1970, 2024, 2025, 2034, 2045, 2049}) {
    const CertificateAuthority ca = authority(midnight(year, 6, 1));
    for (const PckCa which : kBothCas) {
      const crypto::Certificate leaf = pck(ca, which);
      EXPECT_LT(leaf.not_before(), leaf.not_after()) << year;
      EXPECT_LE(leaf.not_after(), ca.ca(which).not_after()) << year;
      EXPECT_GE(leaf.not_before(), ca.ca(which).not_before()) << year;
      EXPECT_LE(ca.ca(which).not_after(), ca.root().not_after()) << year;
      EXPECT_GE(ca.ca(which).not_before(), ca.root().not_before()) << year;
      if (year >= 2025) {
        EXPECT_LT(midnight(year, 12, 31), leaf.not_after()) << year;
      }
    }
  }
}

// As in a directory that only its owner may enter.
TEST_F(CertificateStoreTest, WhatCannotBeLookedAtIsTold) {
  const CertificateStore closed(dir_ / std::string(300, 'x'), [this](const std::string& message) {
    notices_.push_back(message);
  });
  EXPECT_FALSE(closed.load("root-ca"));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("File name too long")));
}

// What a guest in a daemon's directory may do: complete it, but replace nothing.
TEST_F(CertificateStoreTest, GuestsOnlyAdd) {
  const std::string kept = authority().ca(PckCa::kPlatform).pem();
  const auto stored = [this](const std::string& name) {
    return std::string(base::as_text(base::read_file(file(name), 10'000).value()));
  };
  std::filesystem::remove(file("tcb-signing"));
  const CertificateStore guest(
      dir_.path(), [this](const std::string& message) { notices_.push_back(message); },
      CertificateStore::Saving::kOnlyAdd);
  const auto later = CertificateAuthority::create(seed_, midnight(2030, 1, 1), guest);
  ASSERT_TRUE(later) << later.error().summary();
  EXPECT_NE(later->ca(PckCa::kPlatform).pem(), kept);
  EXPECT_EQ(stored("platform-ca"), kept);
  EXPECT_EQ(stored("tcb-signing"), later->tcb_signing().pem());
}

TEST_F(CertificateStoreTest, UnwritableStoreIsToldAndSurvived) {
  {
    std::ofstream(dir_ / "file") << "not a directory";
  }
  const CertificateStore unwritable(
      dir_ / "file", [this](const std::string& message) { notices_.push_back(message); });
  const auto ca = CertificateAuthority::create(seed_, kNow, unwritable);
  ASSERT_TRUE(ca) << ca.error().summary();
  EXPECT_THAT(notices_, AllOf(SizeIs(4), Each(HasSubstr("is not kept"))));
}

}  // namespace
}  // namespace quoted::simulation
