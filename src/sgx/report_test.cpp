#include "sgx/report.h"

#include <gmock/gmock.h>

#include "sgx/key_request.h"

namespace quoted::sgx {
namespace {

// Fields of a report at the offsets of sgx-cpu-model 1.7, byte value = offset modulo 251.
TEST(Report, FieldsStandAtTheirOffsets) {
  base::Bytes bytes(sizeof(Report));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 251);
  const auto report = base::parse_struct<Report>(bytes, "REPORT").value();
  EXPECT_EQ(report.body.misc_select, 0x13121110U);
  EXPECT_EQ(report.body.isv_prod_id, 0x0605U);
  EXPECT_EQ(report.body.isv_svn, 0x0807U);
  EXPECT_EQ(report.body.mr_enclave.view()[0], std::byte{64});
  EXPECT_EQ(report.body.report_data.view()[0], std::byte{320 - 251});
  EXPECT_EQ(report.mac.view()[15], std::byte{431 - 251});
  EXPECT_TRUE(base::equal(base::struct_bytes(report), bytes));
}

TEST(Report, OtherSizesAreRefused) {
  EXPECT_EQ(base::parse_struct<Report>(base::Bytes(431), "REPORT").error().message(),
            "REPORT has 432 bytes, got 431");
}

TEST(ReportBody, EveryReservedByteCounts) {
  ASSERT_TRUE(ReportBody().reserved_is_zero());
  for (const std::size_t offset : {21U, 31U, 96U, 127U, 160U, 191U, 262U, 303U}) {
    base::Bytes bytes(sizeof(ReportBody));
    bytes[offset] = std::byte{1};
    EXPECT_FALSE(base::parse_struct<ReportBody>(bytes, "body").value().reserved_is_zero())
        << offset;
  }
}

TEST(TargetInfo, CarriesAllThatTheReportKeyDependsOn) {
  ReportBody body;
  body.mr_enclave.mutable_view()[0] = std::byte{7};
  body.attributes = {flags::kInit | flags::kKss, 3};
  body.misc_select = 1;
  body.config_svn = 5;
  body.config_id.mutable_view()[63] = std::byte{9};
  const TargetInfo target = TargetInfo::for_enclave(body);
  EXPECT_EQ(target.mr_enclave, body.mr_enclave);
  EXPECT_EQ(target.attributes, body.attributes);
  EXPECT_EQ(target.misc_select, 1U);
  EXPECT_EQ(target.config_svn, 5U);
  EXPECT_EQ(target.config_id, body.config_id);
}

TEST(KeyRequest, ReservedBytesCount) {
  KeyRequest request;
  EXPECT_TRUE(request.reserved_is_zero());
  request.reserved2[433] = std::byte{1};
  EXPECT_FALSE(request.reserved_is_zero());
}

}  // namespace
}  // namespace quoted::sgx
