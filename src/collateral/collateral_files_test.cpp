#include "collateral/collateral_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "collateral/bundle.h"
#include "collateral/testing/base_collateral.h"
#include "crypto/crl.h"
#include "test_support/temp_dir.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using testing::base_collateral;
using ::testing::HasSubstr;
using testing::same;

class CollateralFiles : public ::testing::Test {
 protected:
  CollateralFiles() {
    for (const CollateralPart& part : kCollateralParts) {
      write(std::string(part.file_names.front()), base_collateral().*part.bytes);
    }
  }

  void write(const std::string& name, base::ByteView content) const {
    ASSERT_TRUE(base::write_file(directory_ / name, content, 0644));
  }
  void remove(const std::string& name) const { std::filesystem::remove(directory_ / name); }

  [[nodiscard]] base::Result<Collateral> read(const std::string& name = ".") const {
    return read_collateral(directory_ / name);
  }

  test::TempDir directory_;
};

TEST_F(CollateralFiles, DirectoryIsReadByteForByte) {
  write("unrelated", base::as_bytes("x"));
  EXPECT_TRUE(same(read().value(), base_collateral()));
}

TEST_F(CollateralFiles, CrlsHaveThreeNames) {
  for (const std::string crl : {"root_ca_crl", "pck_crl"}) {
    const auto bytes = [&](const Collateral& all) {
      return std::string(base::as_text(crl == "pck_crl" ? all.pck_crl : all.root_ca_crl));
    };
    EXPECT_TRUE(same(read().value(), base_collateral()));
    write(crl + ".pem", base::as_bytes("pem"));
    // Nobody can tell which of the two is current.
    EXPECT_EQ(read().error().code(), ErrorCode::kCollateralUnreadable);
    remove(crl + ".der");
    EXPECT_EQ(bytes(read().value()), "pem");
    remove(crl + ".pem");
    write(crl + ".hex", base::as_bytes("hex"));
    EXPECT_EQ(bytes(read().value()), "hex");
    remove(crl + ".hex");
    write(crl + ".der",
          crl == "pck_crl" ? base_collateral().pck_crl : base_collateral().root_ca_crl);
  }
}

TEST_F(CollateralFiles, MissingPartIsNamed) {
  for (const CollateralPart& part : kCollateralParts) {
    const std::string name(part.file_names.front());
    remove(name);
    const auto result = read();
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().code(), ErrorCode::kCollateralMissing);
    EXPECT_THAT(result.error().message(), HasSubstr("there is no " + name + " in "));
    write(name, base_collateral().*part.bytes);
  }
}

TEST_F(CollateralFiles, PartsThatCannotBeReadAreErrors) {
  remove("tcb_info.json");
  std::filesystem::create_directory(directory_ / "tcb_info.json");
  EXPECT_EQ(read().error().code(), ErrorCode::kFileUnreadable);
  std::filesystem::remove(directory_ / "tcb_info.json");
  // Nobody writes into it: reading does not wait.
  ASSERT_EQ(::mkfifo((directory_ / "tcb_info.json").c_str(), 0600), 0);
  EXPECT_TRUE(read()->tcb_info.empty());
}

TEST_F(CollateralFiles, SizesAreBounded) {
  std::filesystem::resize_file(directory_ / "pck_crl.der", 2 * crypto::kMaxCrlSize + 1);
  EXPECT_EQ(read().error().code(), ErrorCode::kWrongSize);
  write("bundle", {});
  std::filesystem::resize_file(directory_ / "bundle", kMaxBundleSize + 1);
  EXPECT_THAT(read("bundle").error().message(), HasSubstr("larger than"));
}

TEST_F(CollateralFiles, AFileIsABundle) {
  write("bundle", base::as_bytes(write_bundle(base_collateral()).value()));
  EXPECT_TRUE(same(read("bundle").value(), base_collateral()));

  const auto none = read("tcb_info.json");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kCollateralUnreadable);
  EXPECT_THAT(none.error().summary(), HasSubstr((directory_ / "tcb_info.json").string()));
  EXPECT_EQ(read("none").error().code(), ErrorCode::kFileUnreadable);
}

}  // namespace
}  // namespace quoted::collateral
