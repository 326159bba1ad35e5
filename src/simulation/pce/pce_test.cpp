#include "simulation/pce/pce.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "simulation/simulated_enclave.h"
#include "simulation/testing/enclaves.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;
namespace flags = sgx::flags;

// Faults a call may have, in the order in which the PCE looks for them.
enum Fault : unsigned { kParameter = 1, kMac = 2, kPrivilege = 4, kContent = 8 };
constexpr unsigned kAllFaults = 15;

// The code of the first of `faults`; `content` is the code of the last check.
std::string_view first_of(unsigned faults, ErrorCode content) {
  if ((faults & kParameter) != 0) return named(ErrorCode::kPceInvalidParameter);
  if ((faults & kMac) != 0) return named(ErrorCode::kPceInvalidReport);
  if ((faults & kPrivilege) != 0) return named(ErrorCode::kPceInvalidPrivilege);
  if ((faults & kContent) != 0) return named(content);
  return "OK";
}

class PceTest : public testing::Test {
 protected:
  // A REPORT for the PCE, with the faults that a REPORT can have.
  [[nodiscard]] sgx::Report report(const sgx::ReportData& data, unsigned faults = 0) const {
    Secs caller = world_.qe.secs();
    if ((faults & kPrivilege) != 0) {
      caller.attributes.flags = caller.attributes.flags & ~flags::kProvisionKey;
    }
    sgx::Report out = world_.cpu.ereport(caller, world_.pce.target_info(), data).value();
    return (faults & kMac) != 0 ? test::with_bit_flipped(out, (sizeof(out) - 1) * 8) : out;
  }

  [[nodiscard]] static sgx::ReportData vouching_for(base::ByteView public_key) {
    const std::array suite{std::byte{kCryptoSuiteRsa3072Oaep}};
    return digest_as_report_data(crypto::sha256({suite, public_key}).value());
  }

  [[nodiscard]] base::Result<PcInfo> get_pc_info(const sgx::ReportData& data) const {
    return world_.pce.get_pc_info(base::struct_bytes(report(data)), key_.public_key,
                                  kCryptoSuiteRsa3072Oaep, crypto::kRsa3072Size);
  }

  [[nodiscard]] base::Result<crypto::P256Signature> certify(const Psvn& wanted) const {
    return world_.pce.certify_enclave(wanted, base::struct_bytes(report({})), 64);
  }

  test::Enclaves world_;
  PceEncryptionKey key_ = world_.encryption_key();
};

// ---- Get PC info (quote-generation 4.1)

TEST_F(PceTest, EncryptsThePpidForTheManufacturer) {
  const PcInfo info = world_.pc_info();
  const auto ppid = crypto::rsa_oaep_decrypt(ppid_private_key_pem(), info.encrypted_ppid);
  ASSERT_TRUE(ppid) << ppid.error().summary();
  const Secs pce = simulated_pce_secs(kSimulatedPceIsvSvn);
  EXPECT_TRUE(base::equal(ppid->view(), derive_ppid(world_.cpu, pce)->view()));
  EXPECT_EQ(info.info.isv_svn, kSimulatedPceIsvSvn);
  EXPECT_EQ(info.info.pce_id, 0);
  EXPECT_EQ(info.signature_scheme, 0);
}

TEST_F(PceTest, TwoEncryptionsDiffer) {
  EXPECT_NE(world_.pc_info().encrypted_ppid, world_.pc_info().encrypted_ppid);
}

TEST_F(PceTest, PcInfoChecksComeInOrder) {
  for (unsigned faults = 0; faults <= kAllFaults; ++faults) {
    const sgx::ReportData data =
        (faults & kContent) != 0 ? sgx::ReportData{} : vouching_for(key_.public_key);
    const sgx::Report from_qe = report(data, faults);
    const auto suite = static_cast<std::uint8_t>((faults & kParameter) != 0 ? 2 : 1);
    EXPECT_EQ(outcome(world_.pce.get_pc_info(base::struct_bytes(from_qe), key_.public_key, suite,
                                             crypto::kRsa3072Size)),
              first_of(faults, ErrorCode::kPceCrypto))
        << "faults " << faults;
  }
}

TEST_F(PceTest, PcInfoParametersAreChecked) {
  const sgx::Report good = report(vouching_for(key_.public_key));
  const base::ByteView good_report = base::struct_bytes(good);
  const auto call = [this](base::ByteView from_qe, base::ByteView key, std::uint8_t suite,
                           std::size_t output) {
    return outcome(world_.pce.get_pc_info(from_qe, key, suite, output));
  };
  const std::string_view refused = named(ErrorCode::kPceInvalidParameter);
  const base::ByteView key = key_.public_key;
  EXPECT_EQ(call(good_report, key, 1, 384), "OK");
  EXPECT_EQ(call(good_report, key, 1, 385), "OK");
  EXPECT_EQ(call(good_report, key, 1, 383), refused);
  EXPECT_EQ(call(good_report, key, 0, 384), refused);
  EXPECT_EQ(call(good_report, key, 2, 384), refused);
  EXPECT_EQ(call(good_report, key.first(387), 1, 384), refused);
  EXPECT_EQ(call(good_report, {}, 1, 384), refused);
  EXPECT_EQ(call(good_report.first(431), key, 1, 384), refused);
  EXPECT_EQ(call({}, key, 1, 384), refused);
}

// Else whoever can hand in a REPORT could have the PPID encrypted under a key of his own.
TEST_F(PceTest, ReportMustVouchForTheKey) {
  const sgx::ReportData right = vouching_for(key_.public_key);
  EXPECT_EQ(outcome(get_pc_info(right)), "OK");
  for (std::size_t bit = 0; bit < sgx::ReportData::kSize * 8; ++bit) {
    EXPECT_EQ(outcome(get_pc_info(test::with_bit_flipped(right, bit))),
              named(ErrorCode::kPceCrypto))
        << bit;
  }
}

TEST_F(PceTest, UnusableKeysAreACryptoError) {
  const base::Bytes zero(test::kPceKeySize);
  const sgx::Report from_qe = report(vouching_for(zero));
  EXPECT_EQ(outcome(world_.pce.get_pc_info(base::struct_bytes(from_qe), zero, 1, 384)),
            named(ErrorCode::kPceCrypto));
}

// 4.1 does not look at DEBUG.
TEST_F(PceTest, DebugCallersAreServed) {
  Secs debug = world_.qe.secs();
  debug.attributes.flags = debug.attributes.flags | flags::kDebug;
  const sgx::Report from_qe =
      world_.cpu.ereport(debug, world_.pce.target_info(), vouching_for(key_.public_key)).value();
  EXPECT_EQ(outcome(world_.pce.get_pc_info(base::struct_bytes(from_qe), key_.public_key, 1, 384)),
            "OK");
}

TEST_F(PceTest, ReportsForOtherEnclavesOrOfOtherCpusAreRefused) {
  const sgx::ReportData data = vouching_for(key_.public_key);
  const sgx::Report for_qe =
      world_.cpu.ereport(world_.qe.secs(), world_.qe.target_info(), data).value();
  const sgx::Report foreign = test::with_cpu_svn(7)
                                  .make()
                                  .ereport(world_.qe.secs(), world_.pce.target_info(), data)
                                  .value();
  for (const sgx::Report& wrong : {for_qe, foreign}) {
    EXPECT_EQ(outcome(world_.pce.get_pc_info(base::struct_bytes(wrong), key_.public_key, 1, 384)),
              named(ErrorCode::kPceInvalidReport));
    EXPECT_EQ(outcome(world_.pce.certify_enclave(world_.raw_tcb(), base::struct_bytes(wrong), 64)),
              named(ErrorCode::kPceInvalidReport));
  }
}

// ---- The PPID

sgx::Ppid ppid_of(const test::CpuParts& cpu, const Secs& pce) {
  return derive_ppid(cpu.make(), pce).value();
}

TEST(Ppid, StaysForThePlatformsLife) {
  const Secs pce = simulated_pce_secs(13);
  const sgx::Ppid ppid = ppid_of({}, pce);
  test::CpuParts owned;
  owned.owner_epoch = {};
  owned.report_key_id = {};
  EXPECT_EQ(ppid_of(owned, pce), ppid);
  EXPECT_EQ(ppid_of(test::with_cpu_svn(0), pce), ppid);
  EXPECT_EQ(ppid_of(test::with_cpu_svn(255), pce), ppid);
  EXPECT_EQ(ppid_of({}, simulated_pce_secs(14)), ppid);
}

TEST(Ppid, DiffersBetweenPlatformsSignersAndDebug) {
  const Secs pce = simulated_pce_secs(13);
  test::CpuParts other;
  other.fuses.provisioning = {};
  Secs debug = pce;
  debug.attributes.flags = debug.attributes.flags | flags::kDebug;
  Secs foreign = pce;
  foreign.mr_signer = {};
  EXPECT_NE(ppid_of(other, pce), ppid_of({}, pce));
  EXPECT_NE(ppid_of({}, debug), ppid_of({}, pce));
  EXPECT_NE(ppid_of({}, foreign), ppid_of({}, pce));
}

TEST(SimulatedPce, IsNotIntels) {
  const Secs pce = simulated_pce_secs(13);
  EXPECT_NE(pce.mr_signer.hex(),
            "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff");
  EXPECT_NE(pce.mr_enclave, simulated_pce_secs(14).mr_enclave);
  EXPECT_NE(pce.mr_enclave, simulated_qe_secs(13).mr_enclave);
  EXPECT_EQ(pce.mr_signer, simulated_qe_secs(8).mr_signer);
  EXPECT_EQ(pce.attributes.flags, 0x15);
  EXPECT_EQ(pce.isv_prod_id, 1);
  EXPECT_EQ(pce.isv_svn, 13);
}

// ---- Certify enclave (4.2)

TEST_F(PceTest, CertifyChecksComeInOrder) {
  for (unsigned faults = 0; faults <= kAllFaults; ++faults) {
    const sgx::Report from_qe = report({}, faults);
    Psvn wanted = world_.raw_tcb();
    if ((faults & kContent) != 0) wanted.isv_svn = kSimulatedPceIsvSvn + 1;
    const std::size_t output = (faults & kParameter) != 0 ? 63 : 64;
    EXPECT_EQ(outcome(world_.pce.certify_enclave(wanted, base::struct_bytes(from_qe), output)),
              first_of(faults, ErrorCode::kPceInvalidTcb))
        << "faults " << faults;
  }
}

TEST_F(PceTest, CertifyParametersAreChecked) {
  const sgx::Report good = report({});
  const std::string_view refused = named(ErrorCode::kPceInvalidParameter);
  EXPECT_EQ(outcome(world_.pce.certify_enclave(world_.raw_tcb(),
                                               base::struct_bytes(good).first(431), 64)),
            refused);
  EXPECT_EQ(outcome(world_.pce.certify_enclave(world_.raw_tcb(), {}, 64)), refused);
  EXPECT_EQ(outcome(world_.pce.certify_enclave(world_.raw_tcb(), base::struct_bytes(good), 0)),
            refused);
}

TEST_F(PceTest, SignsTheBodyWithThePckKeyOfTheLevel) {
  const Secs pce = simulated_pce_secs(kSimulatedPceIsvSvn);
  const sgx::Report from_qe = report(test::counting<sgx::ReportData>(3));
  const auto key_at = [&](const Psvn& level) {
    return derive_pck_key(world_.cpu, pce, level).value().public_key();
  };
  Psvn lower_cpu = world_.raw_tcb();
  lower_cpu.cpu_svn.mutable_view()[15] = std::byte{0};
  Psvn lower_pce = world_.raw_tcb();
  lower_pce.isv_svn = 5;
  const std::array levels = {world_.raw_tcb(), lower_cpu, lower_pce, Psvn{}};
  for (std::size_t made = 0; made < levels.size(); ++made) {
    const auto signature =
        world_.pce.certify_enclave(levels[made], base::struct_bytes(from_qe), 64).value();
    for (std::size_t checked = 0; checked < levels.size(); ++checked) {
      EXPECT_EQ(key_at(levels[checked]).verify(base::struct_bytes(from_qe.body), signature),
                made == checked);
    }
    EXPECT_FALSE(key_at(levels[made]).verify(base::struct_bytes(from_qe), signature));
  }
}

TEST_F(PceTest, HigherLevelsAreRefusedInEveryComponent) {
  EXPECT_EQ(outcome(certify(world_.raw_tcb())), "OK");
  for (std::size_t i = 0; i < sgx::CpuSvn::kSize; ++i) {
    Psvn wanted;
    wanted.cpu_svn.mutable_view()[i] = std::byte{9};
    EXPECT_EQ(outcome(certify(wanted)), named(ErrorCode::kPceInvalidTcb)) << i;
  }
  EXPECT_EQ(outcome(certify({{}, kSimulatedPceIsvSvn + 1})), named(ErrorCode::kPceInvalidTcb));
  EXPECT_EQ(outcome(certify({{}, 0xFFFF})), named(ErrorCode::kPceInvalidTcb));
}

TEST_F(PceTest, PckKeysDoNotDependOnTheOwner) {
  test::CpuParts owned;
  owned.owner_epoch = {};
  const Secs pce = simulated_pce_secs(kSimulatedPceIsvSvn);
  const auto point = [&](const test::CpuParts& parts) {
    return derive_pck_key(parts.make(), pce, world_.raw_tcb()).value().public_key().point();
  };
  EXPECT_EQ(point(owned), point({}));
  test::CpuParts other;
  other.fuses.provisioning = {};
  EXPECT_NE(point(other), point({}));
}

TEST_F(PceTest, PceWithoutTheProvisionKeyAttributeFails) {
  Secs secs = simulated_pce_secs(kSimulatedPceIsvSvn);
  secs.attributes.flags = flags::kInit;
  const Pce pce(world_.cpu, secs);
  const sgx::Report from_qe = world_.cpu.ereport(world_.qe.secs(), pce.target_info(), {}).value();
  EXPECT_EQ(outcome(pce.certify_enclave({}, base::struct_bytes(from_qe), 64)),
            named(ErrorCode::kPceUnexpected));
}

}  // namespace
}  // namespace quoted::simulation
