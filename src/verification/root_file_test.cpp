#include "verification/root_file.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "collateral/pck_certificate.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using testing::TestPlatform;

sgx::MrSigner some_signer() {
  return sgx::MrSigner::parse(base::Bytes(sgx::MrSigner::kSize, std::byte{0x5A})).value();
}

class RootFile : public ::testing::Test {
 protected:
  std::string write(std::string_view content) {
    const std::string path = dir_ / "root";
    EXPECT_TRUE(base::write_file(path, base::as_bytes(content), 0600));
    return path;
  }
  std::string write(const crypto::Certificate& certificate) { return write(certificate.pem()); }

  test::TempDir dir_;
};

TEST_F(RootFile, TakesPemAndDer) {
  const TestPlatform platform;
  const auto from_pem = read_trusted_root(write(platform.root_certificate()));
  ASSERT_TRUE(from_pem) << from_pem.error().summary();
  EXPECT_EQ(from_pem->key.point(), platform.root_key.public_key().point());
  EXPECT_EQ(from_pem->name, dir_ / "root");
  const auto from_der = read_trusted_root(write(base::as_text(platform.root_certificate().der())));
  ASSERT_TRUE(from_der) << from_der.error().summary();
  EXPECT_EQ(from_der->key.point(), platform.root_key.public_key().point());
}

// Named in a file or built in, Intel's root has the same Quoting Enclaves.
TEST_F(RootFile, KeepsTheSignersOfIntelsQuotingEnclaves) {
  for (const char* name : {"intel-sgx-root-ca.der", "intel-sgx-root-ca-older.der"}) {
    const auto root = read_trusted_root(
        write(base::as_text(test::read_vector(std::string("real-certificates/") + name))),
        some_signer());
    ASSERT_TRUE(root) << root.error().summary();
    EXPECT_EQ(root->qe_mr_signer, intel_root().qe_mr_signer);
    EXPECT_EQ(root->td_qe_mr_signer, intel_root().td_qe_mr_signer);
  }
}

TEST_F(RootFile, GivesTheSimulationsSignerToMarkedRootsOnly) {
  TestPlatform platform;
  EXPECT_EQ(trust(platform.root_certificate(), "own", some_signer()).qe_mr_signer, std::nullopt);
  platform.root.crl_url =
      std::string("https://localhost/") + std::string(collateral::kSimulatedMarker) + "/root.crl";
  EXPECT_EQ(trust(platform.root_certificate(), "own", some_signer()).qe_mr_signer, some_signer());
  EXPECT_EQ(trust(platform.root_certificate(), "own").qe_mr_signer, std::nullopt);
}

TEST_F(RootFile, RefusesWhatIsNoRoot) {
  const TestPlatform platform;
  const auto leaf = read_trusted_root(write(platform.leaf_certificate()));
  ASSERT_FALSE(leaf);
  EXPECT_EQ(leaf.error().code(), ErrorCode::kBadCertificate);
  EXPECT_THAT(leaf.error().summary(), ::testing::HasSubstr("is not a CA"));
  const auto garbage = read_trusted_root(write("no certificate"));
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code(), ErrorCode::kBadCertificate);
  EXPECT_THAT(garbage.error().summary(), ::testing::HasSubstr(dir_ / "root"));
  const auto missing = read_trusted_root(dir_ / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kFileUnreadable);
}

}  // namespace
}  // namespace quoted::verification
