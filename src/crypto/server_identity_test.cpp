#include "crypto/server_identity.h"

#include <gmock/gmock.h>

#include <openssl/pem.h>

#include "crypto/openssl_ptr.h"

namespace quoted::crypto {
namespace {

using ::testing::HasSubstr;

constexpr base::UnixTime kFrom{std::chrono::seconds(1'700'000'000)};
constexpr base::UnixTime kTo{std::chrono::seconds(1'800'000'000)};

X509Ptr certificate_of(const ServerIdentity& identity) {
  const BioPtr bio(BIO_new_mem_buf(identity.certificate_pem.data(),
                                   static_cast<int>(identity.certificate_pem.size())));
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

PkeyPtr key_of(const ServerIdentity& identity) {
  const BioPtr bio(
      BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size())));
  return PkeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

TEST(ServerIdentity, IsOneKeyPairForThisMachineAndTheNamesGiven) {
  const auto identity = make_simulated_server_identity({"pccs.test", "192.0.2.7"}, kFrom, kTo);
  ASSERT_TRUE(identity) << identity.error().summary();
  const X509Ptr x509 = certificate_of(*identity);
  const PkeyPtr key = key_of(*identity);
  ASSERT_TRUE(x509 && key);
  EXPECT_EQ(X509_check_private_key(x509.get(), key.get()), 1);
  EXPECT_EQ(X509_verify(x509.get(), key.get()), 1);
  for (const char* const host : {"localhost", "pccs.test"}) {
    EXPECT_EQ(X509_check_host(x509.get(), host, 0, 0, nullptr), 1) << host;
  }
  for (const char* const address : {"127.0.0.1", "::1", "192.0.2.7"}) {
    EXPECT_EQ(X509_check_ip_asc(x509.get(), address, 0), 1) << address;
  }
  EXPECT_NE(X509_check_host(x509.get(), "other.test", 0, 0, nullptr), 1);
  EXPECT_NE(X509_check_ip_asc(x509.get(), "127.0.0.2", 0), 1);
  EXPECT_EQ(X509_check_purpose(x509.get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(x509.get(), X509_PURPOSE_SSL_SERVER, 1), 0) << "is no CA";
}

TEST(ServerIdentity, SaysWhatItIsAndWhenItHolds) {
  const auto identity = make_simulated_server_identity({}, kFrom, kTo);
  ASSERT_TRUE(identity) << identity.error().summary();
  const X509Ptr x509 = certificate_of(*identity);
  std::array<char, 256> subject{};
  X509_NAME_oneline(X509_get_subject_name(x509.get()), subject.data(), subject.size());
  EXPECT_THAT(subject.data(), HasSubstr("SIMULATED-NO-SECURITY"));
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509.get()), kFrom.time_since_epoch().count()),
            0);
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509.get()), kTo.time_since_epoch().count()),
            0);
}

TEST(ServerIdentity, IsANewOneEachTime) {
  const auto first = make_simulated_server_identity({}, kFrom, kTo);
  const auto second = make_simulated_server_identity({}, kFrom, kTo);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->key_pem, second->key_pem);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate_of(*first).get()),
                             X509_get0_serialNumber(certificate_of(*second).get())),
            0);
}

TEST(ServerIdentity, LeavesThisMachineOutWhenOnlyOtherNamesAreWanted) {
  const auto identity = make_simulated_server_identity_for({"other.test"}, kFrom, kTo);
  ASSERT_TRUE(identity) << identity.error().summary();
  const X509Ptr x509 = certificate_of(*identity);
  EXPECT_EQ(X509_check_host(x509.get(), "other.test", 0, 0, nullptr), 1);
  EXPECT_NE(X509_check_ip_asc(x509.get(), "127.0.0.1", 0), 1);
}

}  // namespace
}  // namespace quoted::crypto
