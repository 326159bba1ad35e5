#include "simulation/qe3/quote_logic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "quote/certification_data.h"
#include "simulation/testing/enclaves.h"
#include "simulation/testing/quote_checks.h"
#include "test_support/temp_dir.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Certifies at a level of the test's choice.
class FakeProvider final : public PckProvider {
 public:
  explicit FakeProvider(const test::Enclaves& world)
      : tcb(world.raw_tcb()), pce_info(world.pce.info()) {}

  [[nodiscard]] base::Result<PckCertification> pck_certification(
      const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
      const sgx::CpuSvn& raw_cpu_svn, const PceInfo& raw_pce_info) const override {
    asked_for = qe_id;
    ppid = encrypted_ppid;
    raw_tcb = {raw_cpu_svn, raw_pce_info.isv_svn};
    if (error) return base::fail(*error);
    return PckCertification{tcb, pce_info, chain_pem};
  }

  Psvn tcb;
  PceInfo pce_info;
  std::string chain_pem = std::string(1000, 'c');
  std::optional<base::Error> error;

  mutable sgx::QeId asked_for;
  mutable crypto::RsaCiphertext ppid;
  mutable Psvn raw_tcb;
};

class QuoteLogicTest : public testing::Test {
 protected:
  [[nodiscard]] base::Result<CertifiedKey> initialize(const test::Enclaves& world,
                                                      const PckProvider* provider) {
    return logic(world, provider).initialize();
  }
  [[nodiscard]] CertifiedKey initialize() { return initialize(world_, &provider_).value(); }

  [[nodiscard]] QuoteLogic logic(const test::Enclaves& world, const PckProvider* provider) {
    return {world.cpu,       world.pce,
            world.qe,        provider,
            BlobFile{path_}, [this](const std::string& message) { notices_.push_back(message); }};
  }

  [[nodiscard]] base::Bytes file() const { return base::read_file(path_, 10'000).value(); }
  void write(base::ByteView content) const { ASSERT_TRUE(base::write_file(path_, content, 0600)); }

  // The PCE signed the QE report in the key's blob at the level the blob names.
  static void expect_certified(const test::Enclaves& world, const CertifiedKey& key) {
    const BlobClearPart& clear = key.opened.clear;
    const auto pck = derive_pck_key(world.cpu, simulated_pce_secs(world.pce.info().isv_svn),
                                    {clear.certified_cpu_svn, clear.certified_pce_info.isv_svn});
    EXPECT_TRUE(pck->public_key().verify(base::struct_bytes(clear.qe_report.body),
                                         clear.qe_report_signature));
  }

  // The damaged blob was told of and replaced by one with the key of `before`.
  void expect_replaced(const CertifiedKey& before) {
    const CertifiedKey after = initialize();
    EXPECT_EQ(after.opened.clear.attestation_key, before.opened.clear.attestation_key);
    EXPECT_EQ(file(), after.blob);
    EXPECT_THAT(notices_, ElementsAre(HasSubstr("derived again")));
    expect_certified(world_, after);

    notices_.clear();
    EXPECT_EQ(initialize().blob, after.blob);
    EXPECT_THAT(notices_, IsEmpty());
  }

  quoted::test::TempDir dir_;
  std::filesystem::path path_ = dir_ / "ecdsa_data.blob";
  std::vector<std::string> notices_;
  test::Enclaves world_;
  FakeProvider provider_{world_};
};

TEST_F(QuoteLogicTest, FirstStartMakesAndKeepsACertifiedKey) {
  const CertifiedKey key = initialize();
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_EQ(file(), key.blob);
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  expect_certified(world_, key);
  EXPECT_EQ(key.certification_type, 5);
  EXPECT_EQ(key.quote_size, 1052U + 1000U + 2U) << "the PEM, its last LF and a NUL";
  EXPECT_EQ(base::as_text(key.certification_data), provider_.chain_pem + std::string("\n\0", 2));
}

TEST_F(QuoteLogicTest, ProviderIsAskedForThisPlatform) {
  (void)initialize();
  EXPECT_EQ(provider_.asked_for, world_.qe.qe_id().value());
  EXPECT_EQ(provider_.raw_tcb.cpu_svn, world_.cpu.cpu_svn());
  EXPECT_EQ(provider_.raw_tcb.isv_svn, kSimulatedPceIsvSvn);
  const auto ppid = crypto::rsa_oaep_decrypt(ppid_private_key_pem(), provider_.ppid).value();
  EXPECT_TRUE(base::equal(
      ppid.view(), derive_ppid(world_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn))->view()));
}

// Signatures are random: equal bytes mean that nothing was certified again.
TEST_F(QuoteLogicTest, SecondStartUsesTheStoredBlobAsItIs) {
  const CertifiedKey first = initialize();
  const CertifiedKey second = initialize();
  EXPECT_EQ(second.blob, first.blob);
  EXPECT_EQ(file(), first.blob);
  EXPECT_EQ(second.opened.clear.qe_report_signature, first.opened.clear.qe_report_signature);
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(QuoteLogicTest, StoredBlobSurvivesAReboot) {
  const CertifiedKey first = initialize();
  test::CpuParts rebooted;
  rebooted.report_key_id = test::counting<sgx::KeyId>(1);
  const test::Enclaves world(rebooted);
  EXPECT_EQ(initialize(world, &provider_)->blob, first.blob);
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(QuoteLogicTest, CorruptedBlobGivesTheSameKeyAndANotice) {
  const CertifiedKey before = initialize();
  base::Bytes blob = file();
  blob[700] ^= std::byte{1};
  write(blob);
  expect_replaced(before);
}

TEST_F(QuoteLogicTest, TruncatedBlobGivesTheSameKeyAndANotice) {
  const CertifiedKey before = initialize();
  write(base::ByteView(file()).first(1000));
  expect_replaced(before);
}

TEST_F(QuoteLogicTest, EmptyBlobGivesTheSameKeyAndANotice) {
  const CertifiedKey before = initialize();
  write({});
  expect_replaced(before);
}

TEST_F(QuoteLogicTest, OverlongBlobGivesTheSameKeyAndANotice) {
  const CertifiedKey before = initialize();
  base::Bytes blob = file();
  blob.resize(100'000);
  write(blob);
  expect_replaced(before);
}

TEST_F(QuoteLogicTest, UncertifiedBlobGivesTheSameKeyAndANotice) {
  const CertifiedKey before = initialize();
  sgx::Report ignored;
  write(world_.new_blob(ignored));
  expect_replaced(before);
}

TEST_F(QuoteLogicTest, ForeignBlobIsNotUsed) {
  const CertifiedKey own = initialize();
  test::CpuParts parts;
  parts.fuses.seal = {};
  const test::Enclaves other(parts);
  const auto key = initialize(other, &provider_);
  ASSERT_TRUE(key) << key.error().summary();
  EXPECT_NE(key->opened.clear.attestation_key, own.opened.clear.attestation_key);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("derived again")));
  expect_certified(other, *key);
}

TEST_F(QuoteLogicTest, CpuSvnChangeInEitherDirectionGivesANewKey) {
  for (const std::uint8_t level : std::initializer_list<std::uint8_t>{9, 7}) {
    const CertifiedKey before = initialize();
    notices_.clear();
    const test::Enclaves moved(test::with_cpu_svn(level));
    const FakeProvider provider(moved);
    const auto key = initialize(moved, &provider);
    ASSERT_TRUE(key) << key.error().summary();
    EXPECT_NE(key->opened.clear.attestation_key, before.opened.clear.attestation_key);
    EXPECT_EQ(key->opened.clear.raw_cpu_svn, moved.cpu.cpu_svn());
    EXPECT_EQ(key->opened.clear.qe_id, before.opened.clear.qe_id);
    EXPECT_THAT(notices_, ElementsAre(HasSubstr("derived again")));
    expect_certified(moved, *key);
    notices_.clear();
  }
}

TEST_F(QuoteLogicTest, NewerQeGivesANewKey) {
  const CertifiedKey before = initialize();
  const test::Enclaves updated({}, simulated_qe_secs(kSimulatedQeIsvSvn + 1));
  const auto key = initialize(updated, &provider_).value();
  EXPECT_NE(key.opened.clear.attestation_key, before.opened.clear.attestation_key);
  EXPECT_EQ(key.opened.clear.certified_qe_isv_svn, kSimulatedQeIsvSvn + 1);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("the QE is newer")));
}

// The QE report in the blob was made for the PCE's old build (step 4).
TEST_F(QuoteLogicTest, NewPceGivesTheSameKeyCertifiedAgain) {
  const CertifiedKey before = initialize();
  const test::Enclaves updated({}, simulated_qe_secs(kSimulatedQeIsvSvn),
                               simulated_pce_secs(kSimulatedPceIsvSvn + 1));
  const FakeProvider provider(updated);
  const auto key = initialize(updated, &provider).value();
  EXPECT_EQ(key.opened.clear.attestation_key, before.opened.clear.attestation_key);
  EXPECT_EQ(key.opened.clear.certified_pce_info.isv_svn, kSimulatedPceIsvSvn + 1);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("the PCE changed")));
  expect_certified(updated, key);
}

// Step 5: TCB recovery published, or a cache that holds an older certificate.
TEST_F(QuoteLogicTest, OtherCertificateLevelMeansCertifyingTheSameReportAgain) {
  const CertifiedKey before = initialize();
  Psvn lower = world_.raw_tcb();
  lower.cpu_svn.mutable_view()[3] = std::byte{1};
  provider_.tcb = lower;
  const CertifiedKey after = initialize();
  EXPECT_EQ(after.opened.clear.certified_cpu_svn, lower.cpu_svn);
  EXPECT_EQ(after.opened.clear.raw_cpu_svn, world_.cpu.cpu_svn());
  EXPECT_EQ(after.opened.clear.qe_report, before.opened.clear.qe_report);
  EXPECT_NE(after.opened.clear.qe_report_signature, before.opened.clear.qe_report_signature);
  EXPECT_EQ(file(), after.blob);
  expect_certified(world_, after);
}

// E018 of the quoting library.
TEST_F(QuoteLogicTest, CertificateLevelAboveThePlatformIsRefused) {
  provider_.tcb.cpu_svn = test::filled<sgx::CpuSvn>(9);
  EXPECT_EQ(outcome(initialize(world_, &provider_)), named(ErrorCode::kPceInvalidTcb));
}

TEST_F(QuoteLogicTest, UnwritableBlobPathIsToldAndSurvived) {
  {
    std::ofstream(dir_ / "file") << "not a directory";
  }
  path_ = dir_ / "file" / "ecdsa_data.blob";
  const CertifiedKey key = initialize();
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("is not kept")));
  expect_certified(world_, key);
}

TEST_F(QuoteLogicTest, DirectoryInPlaceOfTheBlobIsToldAndSurvived) {
  std::filesystem::create_directory(path_);
  const CertifiedKey key = initialize();
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("derived again"), HasSubstr("is not kept")));
  expect_certified(world_, key);
}

TEST_F(QuoteLogicTest, WithoutAPathNothingIsKeptNorTold) {
  path_.clear();
  const CertifiedKey first = initialize();
  const CertifiedKey second = initialize();
  EXPECT_EQ(second.opened.clear.attestation_key, first.opened.clear.attestation_key);
  EXPECT_NE(second.blob, first.blob);
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(QuoteLogicTest, ProviderErrorIsPassedOn) {
  provider_.error = base::Error(ErrorCode::kServiceUnavailable, "no certificate today");
  const auto key = initialize(world_, &provider_);
  ASSERT_EQ(outcome(key), named(ErrorCode::kServiceUnavailable));
  EXPECT_EQ(key.error().message(), "no certificate today");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(QuoteLogicTest, ImpossibleChainSizesAreRefused) {
  const auto with_size = [this](std::size_t size) {
    provider_.chain_pem.assign(size - 2, 'c');  // LF and NUL follow
    return outcome(initialize(world_, &provider_));
  };
  EXPECT_EQ(with_size(499), named(ErrorCode::kInternal));
  EXPECT_EQ(with_size(500), "OK");
  EXPECT_EQ(with_size(12294), "OK");
  EXPECT_EQ(with_size(12295), named(ErrorCode::kInternal));
}

TEST_F(QuoteLogicTest, WithoutProviderTheRawLevelIsCertified) {
  const auto key = initialize(world_, nullptr);
  ASSERT_TRUE(key) << key.error().summary();
  EXPECT_EQ(key->certification_type, 0);
  EXPECT_EQ(key->quote_size, 1456U);
  EXPECT_EQ(key->opened.clear.certified_cpu_svn, world_.cpu.cpu_svn());
  expect_certified(world_, *key);
  EXPECT_EQ(initialize(world_, nullptr)->blob, key->blob);
}

// ---- Quotes

TEST_F(QuoteLogicTest, QuotesHaveTheAnnouncedSizeAndAreGenuine) {
  const sgx::Report report =
      world_.cpu.ereport(test::app_enclave(), world_.qe.target_info(), {}).value();
  const auto pck =
      derive_pck_key(world_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn), world_.raw_tcb()).value();
  for (const PckProvider* provider :
       {static_cast<const PckProvider*>(&provider_), static_cast<const PckProvider*>(nullptr)}) {
    const QuoteLogic logic = this->logic(world_, provider);
    const CertifiedKey key = logic.initialize().value();
    const auto get = [&](std::size_t buffer_size) {
      return logic.get_quote(key, base::struct_bytes(report), {}, buffer_size, world_.cpu, true);
    };
    const auto made = get(key.quote_size);
    ASSERT_TRUE(made) << made.error().summary();
    EXPECT_EQ(made->quote.size(), key.quote_size);
    const auto quote = quote::Quote::parse(made->quote).value();
    EXPECT_EQ(quote.certification_type, provider != nullptr ? 5 : 3);
    EXPECT_EQ(quote.header.pce_svn, kSimulatedPceIsvSvn);
    test::expect_genuine(quote, pck.public_key());
    EXPECT_EQ(outcome(get(key.quote_size - 1)), named(ErrorCode::kQeInvalidParameter));
  }
}

}  // namespace
}  // namespace quoted::simulation
