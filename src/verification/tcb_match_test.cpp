// Which level a platform is found at, and what platform and QE are worth together
// (quote-verification 11 to 13). Bugs by their numbers in quote-verification 21.
#include "verification/tcb_match.h"

#include <gmock/gmock.h>

#include "verification/testing/forge.h"

namespace quoted::verification {
namespace {

using collateral::TcbComponents;
using testing::component_array;
using testing::Forge;
using testing::Json;
using enum collateral::QvlStatus;
using collateral::QvlStatus;

TcbMatch match(const Forge& forge, std::string* level_date = nullptr) {
  const auto tcb_info = collateral::TcbInfo::parse(forge.tcb_info.text());
  const auto qe_identity = collateral::QeIdentity::parse(forge.qe_identity.text());
  TcbMatch out = match_tcb(forge.quote, forge.sgx_extension, tcb_info.value(), qe_identity.value());
  if (level_date != nullptr && out.level != nullptr) {
    const std::chrono::year_month_day day{
        std::chrono::floor<std::chrono::days>(out.level->tcb_date)};
    *level_date = std::to_string(static_cast<int>(day.year()));
  }
  // They point into what ends with this function.
  out.level = nullptr;
  out.qe_level = nullptr;
  out.module_level = nullptr;
  return out;
}

QvlStatus status(const Forge& forge) { return match(forge).status; }

// The year of the date of the level that decided; empty when there was none.
std::string level_year(const Forge& forge) {
  std::string out;
  match(forge, &out);
  return out;
}

// ---- Convergence: all 28 combinations (section 13, bug 18).

struct Converged {
  const char* platform;
  QvlStatus qe_up_to_date;
  QvlStatus qe_out_of_date;
};

constexpr Converged kConverged[]{
    {"UpToDate", kOk, kTcbOutOfDate},
    {"SWHardeningNeeded", kTcbSwHardeningNeeded, kTcbOutOfDate},
    {"ConfigurationNeeded", kTcbConfigurationNeeded, kTcbOutOfDateConfigurationNeeded},
    {"ConfigurationAndSWHardeningNeeded", kTcbConfigurationAndSwHardeningNeeded,
     kTcbOutOfDateConfigurationNeeded},
    {"OutOfDate", kTcbOutOfDate, kTcbOutOfDate},
    {"OutOfDateConfigurationNeeded", kTcbOutOfDateConfigurationNeeded,
     kTcbOutOfDateConfigurationNeeded},
    {"Revoked", kTcbRevoked, kTcbRevoked},
};

class Convergence : public ::testing::TestWithParam<Converged> {
 protected:
  // Of a platform at its level and a QE of `isv_svn`; the levels are 8, 6 (`below`) and 4.
  [[nodiscard]] static QvlStatus with_qe(Forge forge, std::uint16_t isv_svn,
                                         const char* below = "OutOfDate") {
    forge.level(0)["tcbStatus"] = GetParam().platform;
    forge.qe_level(1)["tcbStatus"] = below;
    forge.quote.signature.qe_report.isv_svn = isv_svn;
    return status(forge);
  }
};

TEST_P(Convergence, OfPlatformAndQe) {
  const Converged& row = GetParam();
  for (const Forge& forge : {Forge::sgx(), Forge::tdx10(), Forge::tdx15()}) {
    const bool td_revoked = forge.quote.is_tdx() && row.qe_up_to_date == kTcbRevoked;
    EXPECT_EQ(with_qe(forge, 8), row.qe_up_to_date);
    EXPECT_EQ(with_qe(forge, 9), row.qe_up_to_date);
    EXPECT_EQ(with_qe(forge, 7), row.qe_out_of_date);
    EXPECT_EQ(with_qe(forge, 6), row.qe_out_of_date);
    EXPECT_EQ(with_qe(forge, 4), kTcbRevoked);
    // A revoked TD ends the step before the QE's level counts (section 12).
    EXPECT_EQ(with_qe(forge, 3), td_revoked ? kTcbRevoked : kTcbNotSupported);
    for (const char* const other : {"ConfigurationNeeded", "OutOfDateConfigurationNeeded"}) {
      EXPECT_EQ(with_qe(forge, 6, other), row.qe_out_of_date);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Convergence, ::testing::ValuesIn(kConverged),
                         [](const auto& row) { return std::string(row.param.platform); });

// ---- The SGX part of a level (section 11).

// Bug 15: one component lower is enough, whatever the others are.
TEST(TcbLevel, EachComponentMustReachIt) {
  for (std::size_t i = 0; i < TcbComponents().size(); ++i) {
    Forge forge = Forge::sgx();
    forge.sgx_extension.components.fill(255);
    forge.sgx_extension.pce_svn = 0xFFFF;
    forge.sgx_extension.components[i] = 4;
    EXPECT_EQ(status(forge), kTcbOutOfDate) << i;
    forge.sgx_extension.components[i] = 2;
    EXPECT_EQ(status(forge), kTcbNotSupported) << i;
  }
}

// Bug 17.
TEST(TcbLevel, PceSvnMustReachIt) {
  Forge forge = Forge::sgx();
  forge.sgx_extension.pce_svn = 12;
  EXPECT_EQ(status(forge), kOk);
  forge.sgx_extension.pce_svn = 10;
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  forge.sgx_extension.pce_svn = 8;
  EXPECT_EQ(status(forge), kTcbNotSupported);
}

// Bug 15: what the quote says of its own CPUSVN counts for nothing.
TEST(TcbLevel, TheQuotesCpuSvnDoesNotCount) {
  Forge forge = Forge::sgx();
  std::ranges::fill(std::get<sgx::ReportBody>(forge.quote.body).cpu_svn.mutable_view(),
                    std::byte{255});
  std::ranges::fill(forge.sgx_extension.cpu_svn.mutable_view(), std::byte{255});
  forge.quote.header.pce_svn = 0xFFFF;
  forge.sgx_extension.components[7] = 4;
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  forge.sgx_extension.components[7] = 5;
  std::ranges::fill(std::get<sgx::ReportBody>(forge.quote.body).cpu_svn.mutable_view(),
                    std::byte{0});
  EXPECT_EQ(status(forge), kOk);
}

// Adds a copy of the first level with other SVNs at the end of the file.
Json& add_level(Forge& forge, const char* year) {
  Json added = forge.level(0);
  added["tcbDate"] = std::string(year) + "-01-01T00:00:00Z";
  Json& levels = forge.tcb_info.body["tcbLevels"];
  levels.push_back(std::move(added));
  return levels.back();
}

// Bug 16: a higher level at the end of the file is still the higher one.
TEST(TcbLevel, FileOrderDoesNotCount) {
  Forge forge = Forge::sgx();
  forge.sgx_extension.components.fill(6);
  EXPECT_EQ(level_year(forge), "2025");
  Json& higher = add_level(forge, "2026");
  higher["tcb"]["sgxtcbcomponents"][0]["svn"] = 6;
  EXPECT_EQ(level_year(forge), "2026");
}

// Levels are compared as byte strings: the first component outweighs all others, then the second.
TEST(TcbLevel, TheFirstComponentCountsMost) {
  Forge forge = Forge::sgx();
  forge.sgx_extension.components.fill(9);
  Json& by_first = add_level(forge, "2026");
  by_first["tcb"]["sgxtcbcomponents"][0]["svn"] = 6;
  Json& by_others = add_level(forge, "2027");
  for (std::size_t i = 1; i < 16; ++i) by_others["tcb"]["sgxtcbcomponents"][i]["svn"] = 9;
  EXPECT_EQ(level_year(forge), "2026");
  forge.sgx_extension.components[0] = 5;
  EXPECT_EQ(level_year(forge), "2027");
}

TEST(TcbLevel, EqualComponentsAreOrderedByPceSvn) {
  Forge forge = Forge::sgx();
  add_level(forge, "2026")["tcb"]["pcesvn"] = 12;
  EXPECT_EQ(level_year(forge), "2025");
  forge.sgx_extension.pce_svn = 12;
  EXPECT_EQ(level_year(forge), "2026");
}

// The QE's levels, unlike the platform's, are taken in file order (section 6).
TEST(QeLevel, FileOrderCounts) {
  Forge forge = Forge::sgx();
  Json& levels = forge.qe_identity.body["tcbLevels"];
  std::reverse(levels.begin(), levels.end());
  EXPECT_EQ(status(forge), kTcbRevoked);
}

// ---- TDX (section 12, bug 21).

void set_svn(Forge& forge, std::size_t index, unsigned char svn) {
  forge.td_report().tee_tcb_svn.mutable_view()[index] = std::byte{svn};
}

Json& module_level(Forge& forge, std::size_t index) {
  return forge.tcb_info.body["tdxModuleIdentities"][0]["tcbLevels"][index];
}

TEST(TdxLevel, ComponentsOfAVersionedModuleAreSkipped) {
  Forge forge = Forge::tdx10();
  EXPECT_EQ(status(forge), kOk);
  forge.level(0)["tcb"]["tdxtcbcomponents"] =
      component_array({255, 255, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5});
  EXPECT_EQ(status(forge), kOk);
}

TEST(TdxLevel, AllOtherComponentsCount) {
  for (std::size_t i = 2; i < 16; ++i) {
    Forge forge = Forge::tdx10();
    set_svn(forge, i, 4);
    EXPECT_EQ(status(forge), kTcbOutOfDate) << i;
    set_svn(forge, i, 2);
    EXPECT_EQ(status(forge), kTcbNotSupported) << i;
  }
}

// Without a version the module has no identity, and its SVN is component 0.
TEST(TdxLevel, ComponentsOfAnUnversionedModuleCount) {
  Forge forge = Forge::tdx10();
  for (std::size_t level = 0; level < 2; ++level) {
    forge.level(level)["tcb"]["tdxtcbcomponents"][1]["svn"] = 0;
  }
  set_svn(forge, 1, 0);
  set_svn(forge, 0, 5);
  EXPECT_EQ(status(forge), kOk);
  set_svn(forge, 0, 4);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  set_svn(forge, 0, 2);
  EXPECT_EQ(status(forge), kTcbNotSupported);
  set_svn(forge, 0, 5);
  forge.level(0)["tcb"]["tdxtcbcomponents"][1]["svn"] = 1;
  EXPECT_EQ(status(forge), kTcbOutOfDate);
}

TEST(TdxLevel, TheSgxPartCountsToo) {
  Forge forge = Forge::tdx10();
  forge.sgx_extension.components[15] = 4;
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  forge.sgx_extension.components[15] = 2;
  EXPECT_EQ(status(forge), kTcbNotSupported);
}

TEST(TdxLevel, EqualSgxPartsAreOrderedByTdxComponents) {
  Forge forge = Forge::tdx10();
  add_level(forge, "2026")["tcb"]["tdxtcbcomponents"][2]["svn"] = 6;
  EXPECT_EQ(level_year(forge), "2025");
  set_svn(forge, 2, 6);
  EXPECT_EQ(level_year(forge), "2026");
}

// ---- The module's own status.

struct ModuleRow {
  const char* platform;
  QvlStatus out_of_date;
};

constexpr ModuleRow kModuleRows[]{
    {"UpToDate", kTcbOutOfDate},
    {"SWHardeningNeeded", kTcbOutOfDate},
    {"ConfigurationNeeded", kTcbOutOfDateConfigurationNeeded},
    {"ConfigurationAndSWHardeningNeeded", kTcbOutOfDateConfigurationNeeded},
    {"OutOfDate", kTcbOutOfDate},
    {"OutOfDateConfigurationNeeded", kTcbOutOfDateConfigurationNeeded},
    {"Revoked", kTcbRevoked},
};

TEST(TdxModule, OutOfDateTakesThePlatformAlong) {
  for (const ModuleRow& row : kModuleRows) {
    Forge forge = Forge::tdx10();
    forge.level(0)["tcbStatus"] = row.platform;
    set_svn(forge, 0, 3);
    EXPECT_EQ(status(forge), row.out_of_date) << row.platform;
    module_level(forge, 1)["tcbStatus"] = "Revoked";
    EXPECT_EQ(status(forge), kTcbRevoked) << row.platform;
  }
}

TEST(TdxModule, ItsLevelIsTheHighestThatIsReached) {
  Forge forge = Forge::tdx10();
  Json& levels = forge.tcb_info.body["tdxModuleIdentities"][0]["tcbLevels"];
  std::reverse(levels.begin(), levels.end());
  EXPECT_EQ(status(forge), kOk);
  set_svn(forge, 0, 2);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  set_svn(forge, 0, 1);
  EXPECT_EQ(status(forge), kTcbNotSupported);
}

TEST(TdxModule, AnUnknownStatusIsNone) {
  for (const char* const unknown : {"SWHardeningNeeded", "uptodate", ""}) {
    Forge forge = Forge::tdx10();
    module_level(forge, 0)["tcbStatus"] = unknown;
    EXPECT_EQ(status(forge), kTcbUnrecognizedStatus) << unknown;
  }
}

TEST(TdxModule, IsFoundByItsVersionInEitherCase) {
  for (const char* const id : {"tdx_0a", "TDX_0A"}) {
    Forge forge = Forge::tdx10();
    forge.tcb_info.body["tdxModuleIdentities"][0]["id"] = id;
    const auto tcb_info = collateral::TcbInfo::parse(forge.tcb_info.text());
    EXPECT_NE(find_module(tcb_info.value(), 0x0A), nullptr);
    EXPECT_EQ(find_module(tcb_info.value(), 0xA0), nullptr);
    EXPECT_EQ(find_module(tcb_info.value(), 0x03), nullptr);
  }
}

// ---- The advice to relaunch.

// A TD whose module is behind, while the one loaded since is current.
Forge relaunchable() {
  Forge forge = Forge::tdx15();
  set_svn(forge, 0, 3);
  auto& after = std::get<quote::TdReport15>(forge.quote.body).tee_tcb_svn2;
  std::ranges::fill(after.mutable_view(), std::byte{5});
  after.mutable_view()[0] = std::byte{4};
  after.mutable_view()[1] = std::byte{3};
  return forge;
}

void set_after(Forge& forge, std::size_t index, unsigned char svn) {
  std::get<quote::TdReport15>(forge.quote.body).tee_tcb_svn2.mutable_view()[index] = std::byte{svn};
}

TEST(Relaunch, IsAdvised) {
  EXPECT_EQ(status(relaunchable()), kTcbTdRelaunchAdvised);
  Forge forge = relaunchable();
  forge.level(0)["tcbStatus"] = "SWHardeningNeeded";
  EXPECT_EQ(status(forge), kTcbTdRelaunchAdvised);
  for (const char* const status_text :
       {"ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded"}) {
    forge.level(0)["tcbStatus"] = status_text;
    EXPECT_EQ(status(forge), kTcbTdRelaunchAdvisedConfigurationNeeded);
  }
}

TEST(Relaunch, IsNotAdvisedForTdReport10) {
  Forge forge = Forge::tdx10(quote::kVersion5);
  set_svn(forge, 0, 3);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
}

// With the QE behind, the platform stays what it is.
TEST(Relaunch, NeedsAnUpToDateQe) {
  Forge forge = relaunchable();
  forge.quote.signature.qe_report.isv_svn = 6;
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  forge.quote.signature.qe_report.isv_svn = 4;
  EXPECT_EQ(status(forge), kTcbRevoked);
  forge.quote.signature.qe_report.isv_svn = 3;
  EXPECT_EQ(status(forge), kTcbNotSupported);
}

TEST(Relaunch, NeedsACurrentSgxPart) {
  for (const auto& [sgx, expected] :
       {std::pair{"OutOfDate", kTcbOutOfDate},
        std::pair{"OutOfDateConfigurationNeeded", kTcbOutOfDateConfigurationNeeded},
        std::pair{"Revoked", kTcbRevoked}}) {
    Forge forge = relaunchable();
    forge.level(0)["tcbStatus"] = sgx;
    EXPECT_EQ(status(forge), expected) << sgx;
  }
}

// A module that is current is no reason, though the whole may be out of date.
TEST(Relaunch, NeedsAModuleThatIsBehind) {
  Forge forge = relaunchable();
  set_svn(forge, 0, 4);
  EXPECT_EQ(status(forge), kOk);
  set_svn(forge, 5, 4);  // the level below, by a component that is not the module's
  EXPECT_EQ(status(forge), kTcbOutOfDate);
}

TEST(Relaunch, NeedsTheNewestModuleLoaded) {
  Forge forge = relaunchable();
  set_after(forge, 0, 3);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  set_after(forge, 0, 4);
  set_after(forge, 2, 4);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
}

TEST(Relaunch, OfAnUnversionedModuleIsHeldAgainstTheHighestLevel) {
  Forge forge = relaunchable();
  set_after(forge, 1, 0);
  set_after(forge, 0, 5);
  EXPECT_EQ(status(forge), kTcbTdRelaunchAdvised);
  set_after(forge, 0, 4);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
  set_after(forge, 0, 5);
  set_after(forge, 2, 4);
  EXPECT_EQ(status(forge), kTcbOutOfDate);
}

// Intel's convergence turns the mismatch into a status that nobody knows (section 12).
TEST(Relaunch, OfAnUnknownModuleIsNoStatus) {
  Forge forge = relaunchable();
  set_after(forge, 1, 4);
  EXPECT_EQ(status(forge), kTcbUnrecognizedStatus);
}

}  // namespace
}  // namespace quoted::verification
