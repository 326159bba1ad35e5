#include "simulation/qe3/blob.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/aead.h"
#include "simulation/testing/enclaves.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;

// quote-generation 3.6.
constexpr std::size_t kCiphertext = 560;
constexpr std::size_t kClear = kCiphertext + 422;
static_assert(offsetof(BlobClearPart, type) == 0);
static_assert(offsetof(BlobClearPart, version) == 1);
static_assert(offsetof(BlobClearPart, certified_cpu_svn) == 2);
static_assert(offsetof(BlobClearPart, certified_qe_isv_svn) == 18);
static_assert(offsetof(BlobClearPart, certified_pce_info) == 20);
static_assert(offsetof(BlobClearPart, certification_type) == 24);
static_assert(offsetof(BlobClearPart, raw_cpu_svn) == 28);
static_assert(offsetof(BlobClearPart, raw_pce_info) == 44);
static_assert(offsetof(BlobClearPart, signature_scheme) == 48);
static_assert(offsetof(BlobClearPart, pce_target_info) == 49);
static_assert(offsetof(BlobClearPart, qe_report) == 561);
static_assert(offsetof(BlobClearPart, qe_report_signature) == 993);
static_assert(offsetof(BlobClearPart, attestation_key) == 1057);
static_assert(offsetof(BlobClearPart, key_id) == 1121);
static_assert(offsetof(BlobClearPart, seal_cpu_svn) == 1153);
static_assert(offsetof(BlobClearPart, seal_qe_isv_svn) == 1169);
static_assert(offsetof(BlobClearPart, authentication_data_size) == 1171);
static_assert(offsetof(BlobClearPart, authentication_data) == 1175);
static_assert(offsetof(BlobClearPart, qe_id) == 1207);
static_assert(offsetof(BlobSecretPart, ppid_is_clear) == 32);
static_assert(offsetof(BlobSecretPart, crypto_suite) == 33);
static_assert(offsetof(BlobSecretPart, encrypted_ppid_size) == 34);
static_assert(offsetof(BlobSecretPart, encrypted_ppid) == 38);

const Secs kQe = simulated_qe_secs(8);

// Every field with a value of its own.
AttestationKey sample() {
  BlobClearPart clear;
  clear.certified_cpu_svn = test::filled<sgx::CpuSvn>(6);
  clear.certified_qe_isv_svn = 7;
  clear.certified_pce_info = {12, 0};
  clear.certification_type = 3;
  clear.raw_cpu_svn = test::filled<sgx::CpuSvn>(8);
  clear.raw_pce_info = {13, 0};
  clear.pce_target_info.mr_enclave = test::counting<sgx::MrEnclave>(1);
  clear.qe_report.mac = test::counting<sgx::Mac>(2);
  clear.qe_report_signature = test::counting<crypto::P256Signature>(3);
  clear.attestation_key = test::counting<crypto::P256Point>(4);
  clear.key_id = test::counting<sgx::PubKeyId>(5);
  clear.authentication_data_size = 32;
  clear.authentication_data = test::counting<sgx::PubKeyId>(0).array();
  clear.qe_id = test::counting<sgx::QeId>(6);
  const auto scalar = test::filled<sgx::PubKeyId>(0x5A);
  return {crypto::P256PrivateKey::create(scalar.view()).value(),
          test::counting<crypto::RsaCiphertext>(0x42), clear};
}

base::Bytes sealed(const test::CpuParts& cpu = {}, const Secs& secs = kQe) {
  return seal_blob(cpu.make(), secs, sample()).value();
}

std::string_view unseal(base::ByteView blob, const test::CpuParts& cpu = {},
                        const Secs& secs = kQe) {
  return outcome(unseal_blob(cpu.make(), secs, blob));
}

const std::string_view kInvalid = named(ErrorCode::kQeInvalidBlob);

TEST(Blob, SurvivesSealing) {
  const AttestationKey in = sample();
  const auto out = unseal_blob(test::CpuParts{}.make(), kQe, sealed());
  ASSERT_TRUE(out) << out.error().summary();
  EXPECT_TRUE(base::equal(out->key.scalar().view(), in.key.scalar().view()));
  EXPECT_EQ(out->encrypted_ppid, in.encrypted_ppid);
  BlobClearPart expected = in.clear;
  expected.seal_cpu_svn = test::CpuParts{}.cpu_svn;
  expected.seal_qe_isv_svn = 8;
  EXPECT_TRUE(base::equal(base::struct_bytes(out->clear), base::struct_bytes(expected)));
}

TEST(Blob, IsLaidOutAsTheRealOne) {
  const base::Bytes blob = sealed();
  ASSERT_EQ(blob.size(), 2205U);
  base::ByteReader reader(blob);
  const auto request = reader.take_struct<sgx::KeyRequest>("key request").value();
  EXPECT_EQ(request.key_name, 4);
  EXPECT_EQ(request.key_policy, 2);
  EXPECT_EQ(request.isv_svn, 8);
  EXPECT_EQ(request.cpu_svn, test::CpuParts{}.cpu_svn);
  EXPECT_EQ(request.attribute_mask.flags, 0xFF0000000000000BU);
  EXPECT_EQ(request.attribute_mask.xfrm, 0U);
  EXPECT_EQ(request.misc_mask, 0xF0000000U);
  EXPECT_FALSE(request.key_id.is_zero());
  EXPECT_EQ(reader.take_le<std::uint32_t>("clear part offset"), 422U);
  EXPECT_TRUE(base::all_zero(reader.take(12, "reserved").value()));
  EXPECT_EQ(reader.take_le<std::uint32_t>("payload size"), 422U + 1223U);
  EXPECT_TRUE(base::all_zero(reader.take(12, "reserved").value()));
  EXPECT_EQ(reader.offset(), 544U);
}

TEST(Blob, ClearPartCanBeReadInPlace) {
  const base::Bytes blob = sealed();
  const AttestationKey in = sample();
  const auto holds = [&blob](std::size_t offset, base::ByteView bytes) {
    return base::equal(base::ByteView(blob).subspan(kClear + offset, bytes.size()), bytes);
  };
  EXPECT_TRUE(holds(2, in.clear.certified_cpu_svn.view()));
  EXPECT_TRUE(holds(49, in.clear.pce_target_info.mr_enclave.view()));
  EXPECT_TRUE(holds(993, in.clear.qe_report_signature.view()));
  EXPECT_TRUE(holds(1057, in.clear.attestation_key.view()));
  EXPECT_TRUE(holds(1121, in.clear.key_id.view()));
  EXPECT_TRUE(holds(1153, test::CpuParts{}.cpu_svn.view()));
  EXPECT_TRUE(holds(1175, in.clear.authentication_data));
  EXPECT_TRUE(holds(1207, in.clear.qe_id.view()));
}

TEST(Blob, SecretsAreNotInTheClear) {
  const base::Bytes blob = sealed();
  const AttestationKey in = sample();
  for (const base::ByteView secret :
       {in.key.scalar().view(), base::ByteView(in.encrypted_ppid.view())}) {
    EXPECT_TRUE(std::search(blob.begin(), blob.end(), secret.begin(), secret.end()) == blob.end());
  }
}

TEST(Blob, NoKeyIsUsedTwice) {
  const base::Bytes one = sealed();
  const base::Bytes two = sealed();
  EXPECT_FALSE(std::equal(one.begin() + 40, one.begin() + 72, two.begin() + 40)) << "KEYID";
  EXPECT_FALSE(
      std::equal(one.begin() + kCiphertext, one.begin() + kClear, two.begin() + kCiphertext));
}

TEST(Blob, EveryBitMatters) {
  const PlatformCpu cpu = test::CpuParts{}.make();
  base::Bytes blob = sealed();
  for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
    std::byte& byte = blob[bit / 8];
    const auto mask = static_cast<std::byte>(1U << (bit % 8));
    byte ^= mask;
    EXPECT_EQ(outcome(unseal_blob(cpu, kQe, blob)), kInvalid) << "byte " << bit / 8;
    byte ^= mask;
  }
  EXPECT_EQ(unseal(blob), "OK");
}

TEST(Blob, OtherSizesAreRefused) {
  base::Bytes blob = sealed();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kCiphertext, kClear, kBlobSize - 1}) {
    EXPECT_EQ(unseal(base::ByteView(blob).first(size)), kInvalid);
  }
  blob.push_back(std::byte{0});
  EXPECT_EQ(unseal(blob), kInvalid);
}

TEST(Blob, IsBoundToCpuOwnerAndSigner) {
  const base::Bytes blob = sealed();
  test::CpuParts other;
  other.fuses.seal = {};
  EXPECT_EQ(unseal(blob, other), kInvalid);
  test::CpuParts owned;
  owned.owner_epoch = {};
  EXPECT_EQ(unseal(blob, owned), kInvalid);
  Secs foreign = kQe;
  foreign.mr_signer = {};
  EXPECT_EQ(unseal(blob, {}, foreign), kInvalid);
  Secs debug = kQe;
  debug.attributes.flags = debug.attributes.flags | sgx::flags::kDebug;
  EXPECT_EQ(unseal(blob, {}, debug), kInvalid);

  Secs rebuilt = kQe;
  rebuilt.mr_enclave = {};
  EXPECT_EQ(unseal(blob, {}, rebuilt), "OK");
}

TEST(Blob, UpdatesOpenOldBlobsAndDowngradesDoNot) {
  EXPECT_EQ(unseal(sealed(), {}, simulated_qe_secs(9)), "OK");
  EXPECT_EQ(unseal(sealed(), test::with_cpu_svn(9)), "OK");
  EXPECT_EQ(unseal(sealed({}, simulated_qe_secs(9))), kInvalid);
  EXPECT_EQ(unseal(sealed(test::with_cpu_svn(9))), kInvalid);
}

TEST(Blob, OtherTypesVersionsAndAuthenticationDataAreRefused) {
  const auto outcome_with = [](auto alter) {
    AttestationKey content = sample();
    alter(content.clear);
    return unseal(seal_blob(test::CpuParts{}.make(), kQe, content).value());
  };
  EXPECT_EQ(outcome_with([](BlobClearPart&) {}), "OK");
  EXPECT_EQ(outcome_with([](BlobClearPart& c) { c.type = 1; }), kInvalid);
  EXPECT_EQ(outcome_with([](BlobClearPart& c) { c.version = 1; }), kInvalid);
  EXPECT_EQ(outcome_with([](BlobClearPart& c) { c.authentication_data_size = 31; }), kInvalid);
  EXPECT_EQ(outcome_with([](BlobClearPart& c) { c.authentication_data_size = 33; }), kInvalid);
}

// `blob` with `secret` in place of its own, sealed under the key that `request` gives.
base::Bytes forged(base::Bytes blob, const sgx::KeyRequest& request, const BlobSecretPart& secret) {
  const crypto::Key128 key = test::CpuParts{}.make().egetkey(kQe, request).value();
  const auto made = crypto::seal_with_single_use_key(key, base::struct_bytes(secret),
                                                     base::ByteView(blob).subspan(kClear))
                        .value();
  const auto put = [&blob](std::size_t offset, base::ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), blob.begin() + static_cast<std::ptrdiff_t>(offset));
  };
  put(0, base::struct_bytes(request));
  put(544, made.tag.view());
  put(kCiphertext, made.ciphertext);
  return blob;
}

// The report keys of a simulated CPU are published, so a blob under one proves nothing.
TEST(Blob, OnlyKeysSealedToTheSignerAreAccepted) {
  const base::Bytes blob = sealed();
  sgx::KeyRequest request;
  std::memcpy(&request, blob.data(), sizeof(request));
  BlobSecretPart secret;
  secret.private_key = test::filled<sgx::PubKeyId>(1).array();
  EXPECT_EQ(unseal(forged(blob, request, secret)), "OK") << "the QE itself can seal what it likes";

  request.key_policy = sgx::key_policy::kMrEnclave;
  EXPECT_EQ(unseal(forged(blob, request, secret)), kInvalid);
  request = test::key_request(sgx::KeyName::kReport);
  EXPECT_EQ(unseal(forged(blob, request, secret)), kInvalid);
}

TEST(Blob, ImpossiblePrivateKeysAreRefused) {
  const base::Bytes blob = sealed();
  sgx::KeyRequest request;
  std::memcpy(&request, blob.data(), sizeof(request));
  BlobSecretPart secret;
  EXPECT_EQ(unseal(forged(blob, request, secret)), kInvalid) << "zero";
  secret.private_key.fill(std::byte{0xFF});
  EXPECT_EQ(unseal(forged(blob, request, secret)), kInvalid) << "above the order";
}

}  // namespace
}  // namespace quoted::simulation
