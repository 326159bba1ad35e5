#include "simulation/qe3/qe3.h"

#include <gtest/gtest.h>

#include "quote/certification_data.h"
#include "simulation/qe3/attestation_key.h"
#include "simulation/testing/enclaves.h"
#include "simulation/testing/quote_checks.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;
namespace flags = sgx::flags;

const sgx::TargetInfo kDebugPce = [] {
  sgx::TargetInfo out = target_info_for(simulated_pce_secs(13));
  out.attributes.flags = out.attributes.flags | flags::kDebug;
  return out;
}();
const sgx::TargetInfo kUnprivilegedPce = [] {
  sgx::TargetInfo out = target_info_for(simulated_pce_secs(13));
  out.attributes.flags = out.attributes.flags & ~flags::kProvisionKey;
  return out;
}();

class Qe3Test : public testing::Test {
 protected:
  test::Enclaves world_;
  const sgx::TargetInfo pce_ = world_.pce.target_info();
};

// ---- Encryption key for the PPID (quote-generation 3.4)

TEST_F(Qe3Test, EncryptionKeyIsTheManufacturersAndVouchedFor) {
  const PceEncryptionKey key = world_.encryption_key();
  const crypto::RsaPublicKey expected = ppid_public_key().value();
  const base::ByteView bytes = key.public_key;
  EXPECT_TRUE(base::equal(bytes.first(384), expected.modulus.view()));
  EXPECT_EQ(base::to_hex(bytes.subspan(384)), "00010001");
  EXPECT_TRUE(
      report_verifies(world_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn), key.report).value());
  const std::array suite{std::byte{1}};
  EXPECT_EQ(key.report.body.report_data,
            digest_as_report_data(crypto::sha256({suite, bytes}).value()));
}

TEST_F(Qe3Test, EncryptionKeyParametersAreChecked) {
  const auto call = [this](const sgx::TargetInfo& pce, std::uint8_t suite, std::uint16_t type,
                           std::size_t size) {
    return outcome(world_.qe.get_pce_encryption_key(pce, suite, type, size));
  };
  const std::string_view refused = named(ErrorCode::kQeInvalidParameter);
  EXPECT_EQ(call(pce_, 1, 3, 388), "OK");
  EXPECT_EQ(call(pce_, 0, 3, 388), refused);
  EXPECT_EQ(call(pce_, 1, 2, 388), refused);
  EXPECT_EQ(call(pce_, 1, 3, 387), refused);
  EXPECT_EQ(call(pce_, 1, 3, 389), refused);
  EXPECT_EQ(call(kDebugPce, 1, 3, 388), refused);
  EXPECT_EQ(call(kUnprivilegedPce, 1, 3, 388), refused);
}

// ---- Generate attestation key (3.5)

TEST_F(Qe3Test, AttestationKeyIsTheDerivedOneAndVouchedFor) {
  sgx::Report report;
  const AttestationKey made = world_.qe.open_blob(world_.new_blob(report)).value();
  const auto derived = derive_attestation_key(world_.cpu, world_.qe.secs()).value();
  EXPECT_EQ(made.clear.attestation_key, derived.public_key().point());
  EXPECT_TRUE(base::equal(made.key.scalar().view(), derived.scalar().view()));

  EXPECT_TRUE(report_verifies(world_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn), report).value());
  const base::Bytes authentication_data = test::authentication_data();
  EXPECT_EQ(report.body.report_data,
            digest_as_report_data(crypto::sha256({made.clear.attestation_key.view(),
                                                  base::ByteView(authentication_data)})
                                      .value()));
  EXPECT_TRUE(base::equal(made.clear.key_id.view(), report.body.report_data.view().first(32)));
}

TEST_F(Qe3Test, NewBlobIsNotCertified) {
  sgx::Report report;
  const AttestationKey made = world_.qe.open_blob(world_.new_blob(report)).value();
  EXPECT_EQ(made.clear.certification_type, 0U);
  EXPECT_TRUE(made.encrypted_ppid.is_zero());
  EXPECT_TRUE(made.clear.qe_report_signature.is_zero());
}

TEST_F(Qe3Test, AttestationKeyParametersAreChecked) {
  const auto call = [this](const sgx::TargetInfo& pce, std::size_t size) {
    sgx::Report report;
    return outcome(world_.qe.generate_attestation_key(pce, base::Bytes(size), report));
  };
  const std::string_view refused = named(ErrorCode::kQeInvalidParameter);
  EXPECT_EQ(call(pce_, 32), "OK");
  EXPECT_EQ(call(pce_, 0), refused);
  EXPECT_EQ(call(pce_, 31), refused);
  EXPECT_EQ(call(pce_, 33), refused);
  EXPECT_EQ(call(kDebugPce, 32), refused);
  EXPECT_EQ(call(kUnprivilegedPce, 32), refused);
}

// ---- Verify blob, store certification data (3.7)

TEST_F(Qe3Test, VerifiedBlobTellsItsKeyAndTheQesOwnReport) {
  const base::Bytes blob = world_.certified_blob();
  const VerifiedBlob verified = world_.qe.verify_blob(blob).value();
  EXPECT_EQ(verified.key_id, world_.qe.open_blob(blob)->clear.key_id);
  EXPECT_EQ(verified.own_report.body.isv_svn, world_.qe.secs().isv_svn);
  EXPECT_EQ(verified.own_report.body.cpu_svn, world_.cpu.cpu_svn());
  EXPECT_FALSE(verified.resealed);
}

TEST_F(Qe3Test, VerifyRefusesOtherSizesAndDamagedBlobs) {
  base::Bytes blob = world_.certified_blob();
  EXPECT_EQ(outcome(world_.qe.verify_blob(base::ByteView(blob).first(2204))),
            named(ErrorCode::kQeInvalidParameter));
  blob[600] ^= std::byte{1};
  EXPECT_EQ(outcome(world_.qe.verify_blob(blob)), named(ErrorCode::kQeInvalidBlob));
}

TEST_F(Qe3Test, VerifyResealsAfterAnUpdate) {
  const base::Bytes blob = world_.certified_blob();
  const test::Enclaves newer_cpu(test::with_cpu_svn(9));
  const test::Enclaves newer_qe({}, simulated_qe_secs(kSimulatedQeIsvSvn + 1));
  for (const test::Enclaves* updated : {&newer_cpu, &newer_qe}) {
    const VerifiedBlob verified = updated->qe.verify_blob(blob).value();
    ASSERT_TRUE(verified.resealed);
    EXPECT_EQ(verified.key_id, world_.qe.open_blob(blob)->clear.key_id);
    EXPECT_FALSE(updated->qe.verify_blob(*verified.resealed)->resealed);
    EXPECT_EQ(outcome(world_.qe.verify_blob(*verified.resealed)), named(ErrorCode::kQeInvalidBlob))
        << "sealed to the newer level";
  }
}

TEST_F(Qe3Test, StoredCertificationIsInTheBlob) {
  sgx::Report qe_report;
  const base::Bytes blob = world_.new_blob(qe_report);
  CertificationInput input = world_.certification_of(qe_report);
  input.certified_tcb.cpu_svn = test::filled<sgx::CpuSvn>(3);
  input.certified_pce_info = {9, 0};
  const AttestationKey stored =
      world_.qe.open_blob(world_.qe.store_certification_data(blob, input).value()).value();
  EXPECT_EQ(stored.encrypted_ppid, input.encrypted_ppid);
  EXPECT_EQ(stored.clear.certification_type, 3U);
  EXPECT_EQ(stored.clear.certified_cpu_svn, input.certified_tcb.cpu_svn);
  EXPECT_EQ(stored.clear.certified_pce_info, input.certified_pce_info);
  EXPECT_EQ(stored.clear.certified_qe_isv_svn, kSimulatedQeIsvSvn);
  EXPECT_EQ(stored.clear.raw_cpu_svn, world_.cpu.cpu_svn());
  EXPECT_EQ(stored.clear.raw_pce_info, world_.pce.info());
  EXPECT_EQ(stored.clear.pce_target_info, pce_);
  EXPECT_EQ(stored.clear.qe_report, qe_report);
  EXPECT_EQ(stored.clear.qe_report_signature, input.qe_report_signature);
  EXPECT_EQ(stored.clear.qe_id, world_.qe.qe_id().value());
  EXPECT_EQ(stored.clear.key_id, world_.qe.open_blob(blob)->clear.key_id);
}

TEST_F(Qe3Test, StoreChecksItsInput) {
  sgx::Report qe_report;
  base::Bytes blob = world_.new_blob(qe_report);
  const CertificationInput good = world_.certification_of(qe_report);
  const auto store_with = [&](auto alter) {
    CertificationInput input = good;
    alter(input);
    return outcome(world_.qe.store_certification_data(blob, input));
  };
  const std::string_view refused = named(ErrorCode::kQeInvalidParameter);
  EXPECT_EQ(store_with([](CertificationInput&) {}), "OK");
  EXPECT_EQ(store_with([](CertificationInput& in) { in.certification_type = 5; }), refused);
  EXPECT_EQ(store_with([](CertificationInput& in) { in.encrypted_ppid_size = 256; }), refused);
  EXPECT_EQ(store_with([](CertificationInput& in) {
              in.qe_report.body.report_data = test::filled<sgx::ReportData>(1);
            }),
            refused);
  blob[600] ^= std::byte{1};
  EXPECT_EQ(store_with([](CertificationInput&) {}), named(ErrorCode::kQeInvalidBlob));
}

TEST_F(Qe3Test, TargetInfoHoldsOnlyWhatNonKssTargetsNeed) {
  const sgx::TargetInfo target = world_.qe.target_info();
  const Secs secs = world_.qe.secs();
  sgx::TargetInfo expected;
  expected.mr_enclave = secs.mr_enclave;
  expected.attributes = secs.attributes;
  EXPECT_EQ(target, expected);
  EXPECT_EQ(secs.attributes.flags, 0x15U);
  EXPECT_NE(secs.mr_signer.hex(),
            "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff");
}

}  // namespace
}  // namespace quoted::simulation
