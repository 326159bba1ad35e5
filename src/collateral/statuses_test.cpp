// The names of statuses, which scripts and people meet.
#include <gmock/gmock.h>

#include <set>

#include "collateral/qvl_status.h"
#include "collateral/tcb_status.h"

namespace quoted::collateral {
namespace {

TEST(TcbStatus, NamesAreReadBack) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i <= static_cast<unsigned>(TcbStatus::kRevoked); ++i) {
    const auto status = static_cast<TcbStatus>(i);
    names.insert(tcb_status_name(status));
    EXPECT_EQ(parse_tcb_status(tcb_status_name(status)), status);
  }
  EXPECT_EQ(names.size(), 7U);
  EXPECT_EQ(tcb_status_name(TcbStatus::kConfigurationAndSwHardeningNeeded),
            "ConfigurationAndSWHardeningNeeded");
  for (const char* const other : {"", "uptodate", "UpToDate ", "Up", "TDRelaunchAdvised"}) {
    EXPECT_FALSE(parse_tcb_status(other)) << other;
  }
}

TEST(QvlStatus, NamesAreThoseOfTheNumbers) {
  // quote-verification 15.
  EXPECT_EQ(qvl_status_name(QvlStatus{0}), "OK");
  EXPECT_EQ(qvl_status_name(QvlStatus{1}), "UNSUPPORTED_CERT_FORMAT");
  EXPECT_EQ(qvl_status_name(QvlStatus{16}), "SGX_PCK_REVOKED");
  EXPECT_EQ(qvl_status_name(QvlStatus{18}), "SGX_PCK_CERT_CHAIN_UNTRUSTED");
  EXPECT_EQ(qvl_status_name(QvlStatus{26}), "SGX_TCB_SIGNING_CERT_CHAIN_UNTRUSTED");
  EXPECT_EQ(qvl_status_name(QvlStatus{43}), "PCK_REVOKED");
  EXPECT_EQ(qvl_status_name(QvlStatus{48}), "TCB_OUT_OF_DATE_CONFIGURATION_NEEDED");
  EXPECT_EQ(qvl_status_name(QvlStatus{72}), "UNSUPPORTED_QE_IDENTITY_FORMAT");
  EXPECT_EQ(qvl_status_name(QvlStatus{88}), "TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED");
}

TEST(QvlStatus, NoTwoNumbersHaveOneName) {
  std::set<std::string_view> names;
  std::size_t named = 0;
  for (unsigned i = 0; i <= 255; ++i) {
    const std::string_view name = qvl_status_name(static_cast<QvlStatus>(i));
    EXPECT_FALSE(name.empty()) << i;
    if (name == "UNKNOWN") continue;
    ++named;
    names.insert(name);
  }
  EXPECT_EQ(names.size(), named);
  EXPECT_EQ(named, 62U);
}

}  // namespace
}  // namespace quoted::collateral
