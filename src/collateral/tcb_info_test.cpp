#include "collateral/tcb_info.h"

#include <gmock/gmock.h>

#include "collateral/testing/document_editing.h"

namespace quoted::collateral {
namespace {

using testing::EditableDocument;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Json;
using testing::MemberRule;
using ::testing::SizeIs;

constexpr QvlStatus kFormat = QvlStatus::kTcbInfoUnsupportedFormat;
constexpr QvlStatus kInvalid = QvlStatus::kTcbInfoInvalid;

EditableDocument sgx() { return {"verification-synthetic/base/tcb_info.json", "tcbInfo"}; }
EditableDocument version2() { return {"real-collateral/tcbinfo-v2-pcs-v3-body.json", "tcbInfo"}; }
// With TDX module identities.
EditableDocument tdx() {
  return {"verification-real/tdx-v5-td-relaunch-advised/tcb_info.json", "tcbInfo"};
}

QvlStatus status_of(const std::string& text) { return testing::status_of<TcbInfo>(text); }

TcbInfo parsed(const std::string& text) {
  auto info = TcbInfo::parse(text);
  if (!info) throw std::runtime_error(info.error().detail);
  return *std::move(info);
}

// A level of a TCB info for SGX whose components are `svn` and `rest` zeros.
Json level(unsigned svn, unsigned pce_svn, const std::string& status = "UpToDate") {
  Json components = Json::array({{{"svn", svn}}});
  while (components.size() < 16) components.push_back({{"svn", 0}});
  return {{"tcb", {{"sgxtcbcomponents", components}, {"pcesvn", pce_svn}}},
          {"tcbDate", "2026-02-11T00:00:00Z"},
          {"tcbStatus", status}};
}

std::string with_levels(const std::vector<Json>& levels) {
  EditableDocument document = sgx();
  document.body()["tcbLevels"] = levels;
  return document.text();
}

TEST(TcbInfo, ReadsADocumentForSgx) {
  const TcbInfo info = parsed(sgx().text());
  EXPECT_EQ(info.version, 3U);
  EXPECT_EQ(info.tee, Tee::kSgx);
  EXPECT_EQ(info.issue_date, parse_document_date("2026-06-01T00:00:00Z"));
  EXPECT_EQ(info.next_update, parse_document_date("2026-07-01T00:00:00Z"));
  EXPECT_EQ(info.fmspc.hex(), "0a1b2c3d4e5f");
  EXPECT_EQ(info.pce_id.hex(), "0000");
  EXPECT_EQ(info.evaluation_number, 20U);
  ASSERT_THAT(info.levels, SizeIs(2));
  EXPECT_EQ(info.levels[0].status, TcbStatus::kUpToDate);
  EXPECT_EQ(info.levels[0].tcb_date, parse_document_date("2026-02-11T00:00:00Z"));
  EXPECT_THAT(info.levels[0].sgx_components,
              ElementsAre(5, 5, 3, 3, 2, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(info.levels[0].tdx_components, ::testing::Each(0));
  EXPECT_EQ(info.levels[0].pce_svn, 13U);
  EXPECT_THAT(info.levels[0].advisories, IsEmpty());
  EXPECT_THAT(info.levels[1].advisories, ElementsAre("SIM-SA-00003"));
  EXPECT_FALSE(info.tdx_module);
  EXPECT_THAT(info.laxities, IsEmpty());
}

TEST(TcbInfo, ReadsVersion2) {
  const TcbInfo info = parsed(version2().text());
  EXPECT_EQ(info.version, 2U);
  EXPECT_EQ(info.tee, Tee::kSgx);
  EXPECT_THAT(info.levels[0].sgx_components,
              ElementsAre(21, 21, 2, 4, 1, 128, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(info.levels[0].pce_svn, 13U);
  EXPECT_EQ(info.levels[0].status, TcbStatus::kSwHardeningNeeded);
  // Of a document of version 2, no id and no TDX part is looked at.
  EXPECT_EQ(status_of(version2().with("/tcbInfo/id", "\"X\"")), QvlStatus::kOk);
  EXPECT_EQ(status_of(version2().with("/tcbInfo/tdxModule", "1")), QvlStatus::kOk);
}

TEST(TcbInfo, ReadsADocumentForTdx) {
  const TcbInfo info = parsed(tdx().text());
  EXPECT_EQ(info.tee, Tee::kTdx);
  EXPECT_EQ(info.fmspc.hex(), "90c06f000000");
  ASSERT_THAT(info.levels, SizeIs(3));
  EXPECT_THAT(info.levels[0].tdx_components,
              ElementsAre(5, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  ASSERT_TRUE(info.tdx_module);
  EXPECT_TRUE(info.tdx_module->mr_signer.is_zero());
  EXPECT_EQ(info.tdx_module->attributes.hex(), "0000000000000000");
  EXPECT_EQ(info.tdx_module->attributes_mask.hex(), "ffffffffffffffff");
  ASSERT_THAT(info.tdx_module_identities, SizeIs(2));
  EXPECT_EQ(info.tdx_module_identities[0].id, "TDX_03");
  const TdxModuleIdentity& second = info.tdx_module_identities[1];
  ASSERT_THAT(second.levels, SizeIs(3));
  EXPECT_EQ(second.levels[0].isv_svn, 6);
  EXPECT_EQ(second.levels[1].status, "OutOfDate");
  EXPECT_THAT(second.levels[1].advisories, ElementsAre("INTEL-SA-01036", "INTEL-SA-01099"));
}

TEST(TcbInfo, ReadsGenuineDocuments) {
  for (const char* const file : {"real-collateral/tcbinfo-v3-sgx-00606A000000.json",
                                 "real-collateral/tcbinfo-v3-sgx-00606a000000-eval19.json",
                                 "verification-real/tdx-v4-up-to-date/tcb_info.json"}) {
    EXPECT_EQ(status_of(test::read_text_vector(file)), QvlStatus::kOk) << file;
  }
}

TEST(TcbInfo, MembersOfTheEnvelope) {
  EXPECT_EQ(status_of("no JSON"), kFormat);
  EXPECT_EQ(status_of("[]"), kFormat);
  const std::vector<MemberRule> rules = {
      {"/tcbInfo", kFormat, kFormat, {"null", "[]", "\"x\""}},
      {"/signature", kInvalid, kInvalid, {"null", "1", "\"\"", "\"00\""}}};
  for (const MemberRule& rule : rules) testing::expect_rule<TcbInfo>(sgx(), rule);
}

// The table of quote-verification 5.
TEST(TcbInfo, MembersOfTheBody) {
  const std::vector<MemberRule> rules = {
      {"/tcbInfo/version", kFormat, kInvalid, {"1", "4", "0", "-3", "3.0", "\"3\"", "null"}},
      {"/tcbInfo/id", kFormat, kInvalid, {"\"\"", "\"sgx\"", "\"SGX \"", "\"QE\"", "3", "null"}},
      {"/tcbInfo/issueDate",
       kFormat,
       kInvalid,
       {"\"2026-06-31T00:00:00Z\"", "\"2026-06-01\"", "\"2026-06-01T00:00:00.0Z\"", "1780272000"}},
      {"/tcbInfo/nextUpdate", kFormat, kInvalid, {"\"2026-07-01T00:00:00+00:00\"", "null"}},
      {"/tcbInfo/fmspc",
       kFormat,
       kInvalid,
       {"\"\"", "\"0A1B2C3D4E\"", "\"0A1B2C3D4E5F60\"", "\"0A1B2C3D4E5G\"", "1", "null"}},
      {"/tcbInfo/pceId", kFormat, kInvalid, {"\"00\"", "\"000000\"", "\"000g\"", "0"}},
      {"/tcbInfo/tcbType", kFormat, kInvalid, {"1", "-1", "0.0", "\"0\"", "null"}},
      {"/tcbInfo/tcbEvaluationDataNumber",
       kFormat,
       kInvalid,
       {"-1", "20.0", "\"20\"", "4294967296", "null"}},
      {"/tcbInfo/tcbLevels", kInvalid, kInvalid, {"[]", "{}", "null", "\"x\""}}};
  for (const MemberRule& rule : rules) testing::expect_rule<TcbInfo>(sgx(), rule);
  for (MemberRule rule : rules) {
    if (rule.pointer == "/tcbInfo/id") continue;
    testing::expect_rule<TcbInfo>(tdx(), rule);
    testing::expect_rule<TcbInfo>(version2(), rule);
  }
}

TEST(TcbInfo, MembersOfALevel) {
  const std::vector<MemberRule> rules = {
      {"/tcbInfo/tcbLevels/1/tcbDate", kFormat, kInvalid, {"\"2024-02-30T00:00:00Z\"", "5"}},
      {"/tcbInfo/tcbLevels/1/tcbStatus", kFormat, kFormat, {"null", "0", "[]"}},
      {"/tcbInfo/tcbLevels/1/tcbStatus",
       kFormat,
       kInvalid,
       {"\"\"", "\"uptodate\"", "\"TDRelaunchAdvised\"", "\"UpToDate \""}},
      {"/tcbInfo/tcbLevels/1/advisoryIDs",
       std::nullopt,
       kInvalid,
       {"null", "{}", "\"INTEL-SA-00001\"", "[1]", "[\"a\",null]"}},
      {"/tcbInfo/tcbLevels/1/tcb", kFormat, kFormat, {"null", "[]", "{}"}},
      {"/tcbInfo/tcbLevels/1/tcb/pcesvn", kFormat, kFormat, {"-1", "5.0", "\"5\"", "4294967296"}}};
  for (const MemberRule& rule : rules) {
    testing::expect_rule<TcbInfo>(sgx(), rule);
    testing::expect_rule<TcbInfo>(tdx(), rule);
    testing::expect_rule<TcbInfo>(version2(), rule);
  }
  for (const char* const none : {"null", "1", "[]", "\"x\""}) {
    EXPECT_EQ(status_of(sgx().with("/tcbInfo/tcbLevels/1", none)), kFormat) << none;
  }
}

std::vector<MemberRule> component_rules(const std::string& name) {
  const std::string array = "/tcbInfo/tcbLevels/0/tcb/" + name;
  return {{array, kFormat, kFormat, {"null", "[]", "{}", "[{\"svn\":1}]"}},
          {array + "/15", kFormat, kFormat, {"null", "1", "[]", "{}"}},
          {array + "/16", std::nullopt, kFormat, {"{\"svn\":0}"}},
          {array + "/3/svn", kFormat, kFormat, {"5.0", "-1", "\"5\"", "4294967296", "null"}},
          {array + "/3/category", std::nullopt, kFormat, {"1", "null", "[]"}},
          {array + "/3/type", std::nullopt, kFormat, {"1", "null", "[]"}}};
}

TEST(TcbInfo, MembersOfComponents) {
  const auto check = [](EditableDocument document, const std::string& name) {
    for (Json& item : document.body()["tcbLevels"][0]["tcb"][name]) {
      item["category"] = "BIOS";
      item["type"] = "x";
    }
    for (const MemberRule& rule : component_rules(name)) {
      if (rule.pointer.ends_with("/16")) {
        EXPECT_EQ(status_of(document.with(rule.pointer, rule.bad_values[0])), rule.bad);
      } else {
        testing::expect_rule<TcbInfo>(document, rule);
      }
    }
  };
  check(sgx(), "sgxtcbcomponents");
  check(tdx(), "sgxtcbcomponents");
  check(tdx(), "tdxtcbcomponents");
  // TDX components of a document for SGX are no concern of ours.
  EXPECT_EQ(status_of(sgx().with("/tcbInfo/tcbLevels/0/tcb/tdxtcbcomponents", "5")),
            QvlStatus::kOk);
}

TEST(TcbInfo, NumberedComponentsOfVersion2) {
  for (const char* const number : {"01", "09", "10", "16"}) {
    const MemberRule rule{"/tcbInfo/tcbLevels/0/tcb/sgxtcbcomp" + std::string(number) + "svn",
                          kFormat,
                          kInvalid,
                          {"-1", "5.0", "\"5\"", "null", "4294967296"}};
    testing::expect_rule<TcbInfo>(version2(), rule);
  }
}

TEST(TcbInfo, TdxModule) {
  const std::string zeros(96, '0');
  const std::vector<MemberRule> rules = {
      {"/tcbInfo/tdxModule", kInvalid, kFormat, {"null", "[]", "\"x\"", "{}"}},
      {"/tcbInfo/tdxModule/mrsigner",
       kFormat,
       kFormat,
       {"\"\"", "\"" + zeros + "00\"", "\"" + zeros.substr(1) + "g\"", "0"}},
      {"/tcbInfo/tdxModule/attributes", kFormat, kFormat, {"\"00\"", "0", "\"" + zeros + "\""}},
      {"/tcbInfo/tdxModule/attributesMask", kFormat, kFormat, {"\"00\"", "null"}}};
  for (const MemberRule& rule : rules) testing::expect_rule<TcbInfo>(tdx(), rule);
  EXPECT_EQ(status_of(sgx().with("/tcbInfo/tdxModule", "{}")), kInvalid);
  EXPECT_EQ(status_of(sgx().with("/tcbInfo/tdxModuleIdentities", "[]")), kInvalid);
}

TEST(TcbInfo, TdxModuleIdentities) {
  const std::string first = "/tcbInfo/tdxModuleIdentities/1";
  const std::string a_level = first + "/tcbLevels/1";
  const std::vector<MemberRule> rules = {
      {"/tcbInfo/tdxModuleIdentities", std::nullopt, kInvalid, {"[]", "{}", "null"}},
      {first, std::nullopt, kFormat, {"null", "{}", "[]"}},
      {first + "/id", kFormat, kFormat, {"1", "null"}},
      {first + "/mrsigner", kFormat, kFormat, {"\"00\"", "1"}},
      {first + "/attributes", kFormat, kFormat, {"\"00\"", "1"}},
      {first + "/attributesMask", kFormat, kFormat, {"\"00\"", "1"}},
      {first + "/tcbLevels", kFormat, kFormat, {"[]", "{}", "null", "[1]"}},
      {a_level + "/tcb", kFormat, kFormat, {"{}", "null", "6"}},
      {a_level + "/tcb/isvsvn", kFormat, kFormat, {"65536", "-1", "5.0", "\"6\"", "6"}},
      {a_level + "/tcbDate", kFormat, kFormat, {"\"x\"", "1"}},
      {a_level + "/tcbStatus", kFormat, kFormat, {"1", "null"}},
      {a_level + "/advisoryIDs", std::nullopt, kFormat, {"null", "[1]"}}};
  for (const MemberRule& rule : rules) testing::expect_rule<TcbInfo>(tdx(), rule);

  EditableDocument document = tdx();
  Json& identity = document.body()["tdxModuleIdentities"][1];
  identity["id"] = "tdx_0a";
  identity["tcbLevels"][2]["tcb"]["isvsvn"] = 65535;
  identity["tcbLevels"][2]["tcbStatus"] = "Whatever";
  const TcbInfo info = parsed(document.text());
  EXPECT_EQ(info.tdx_module_identities[1].id, "TDX_0A");
  const auto& levels = info.tdx_module_identities[1].levels;
  ASSERT_THAT(levels, SizeIs(3));
  EXPECT_EQ(levels[0].isv_svn, 65535);
  EXPECT_EQ(levels[0].status, "Whatever");
  EXPECT_EQ(levels[1].isv_svn, 6);
}

TEST(TcbInfo, LevelsAreSortedHighestFirst) {
  const auto order = [](const std::vector<Json>& levels) {
    std::vector<std::pair<unsigned, unsigned>> out;
    for (const TcbLevel& one : parsed(with_levels(levels)).levels) {
      out.emplace_back(one.sgx_components[0], one.pce_svn);
    }
    return out;
  };
  using Pair = std::pair<unsigned, unsigned>;
  EXPECT_THAT(order({level(1, 9), level(3, 1), level(2, 7), level(3, 2), level(2, 300)}),
              ElementsAre(Pair(3, 2), Pair(3, 1), Pair(2, 300), Pair(2, 7), Pair(1, 9)));

  // The first component that differs decides, whatever stands behind it.
  Json low = level(1, 1);
  low["tcb"]["sgxtcbcomponents"][15]["svn"] = 200;
  EXPECT_THAT(order({low, level(2, 0)}), ElementsAre(Pair(2, 0), Pair(1, 1)));
}

TEST(TcbInfo, TdxComponentsOrderWhatIsEqualOtherwise) {
  EditableDocument document = tdx();
  Json first = document.body()["tcbLevels"][0];
  Json second = first;
  second["tcb"]["tdxtcbcomponents"][0]["svn"] = 9;
  document.body()["tcbLevels"] = Json::array({first, second});
  const TcbInfo info = parsed(document.text());
  EXPECT_EQ(info.levels[0].tdx_components[0], 9);
  EXPECT_EQ(info.levels[1].tdx_components[0], 5);
}

TEST(TcbInfo, EqualLevelsAreInvalid) {
  EXPECT_EQ(status_of(with_levels({level(1, 1), level(2, 2), level(1, 1, "Revoked")})), kInvalid);
  EXPECT_EQ(status_of(with_levels({level(1, 1), level(1, 2)})), QvlStatus::kOk);
  EditableDocument document = tdx();
  document.body()["tcbLevels"].push_back(document.body()["tcbLevels"][0]);
  EXPECT_EQ(status_of(document.text()), kInvalid);
}

// Intel's verifier wraps; the strict one is told.
TEST(TcbInfo, SvnsAreTakenModulo256AndReported) {
  const TcbInfo info = parsed(with_levels({level(256 + 7, 1)}));
  EXPECT_EQ(info.levels[0].sgx_components[0], 7);
  ASSERT_THAT(info.laxities, SizeIs(1));
  EXPECT_EQ(info.laxities[0].rule, kRuleSvnRange);
  EXPECT_EQ(info.laxities[0].detail, "sgxtcbcomponents[0] is 263, while an SVN has 8 bits");
  EXPECT_THAT(parsed(with_levels({level(255, 1)})).laxities, IsEmpty());
  // Levels that differ by 256 only are equal.
  EXPECT_EQ(status_of(with_levels({level(7, 1), level(256 + 7, 1)})), kInvalid);

  const TcbInfo old = parsed(version2().with("/tcbInfo/tcbLevels/0/tcb/sgxtcbcomp16svn", "511"));
  EXPECT_EQ(old.levels[0].sgx_components[15], 255);
  ASSERT_THAT(old.laxities, SizeIs(1));
  EXPECT_EQ(old.laxities[0].detail, "sgxtcbcomp16svn is 511, while an SVN has 8 bits");
}

TEST(TcbInfo, OfDuplicatesTheFirstCountsAndIsReported) {
  std::string text = sgx().text();
  const std::string fmspc = R"("fmspc":"0A1B2C3D4E5F")";
  text.replace(text.find(fmspc), fmspc.size(), fmspc + R"(,"fmspc":"FFFFFFFFFFFF")");
  const TcbInfo info = parsed(text);
  EXPECT_EQ(info.fmspc.hex(), "0a1b2c3d4e5f");
  ASSERT_THAT(info.laxities, SizeIs(1));
  EXPECT_EQ(info.laxities[0].rule, kRuleDuplicateMember);
  EXPECT_EQ(info.laxities[0].detail, "'tcbInfo.fmspc' stands twice in the TCB info");
}

TEST(TcbInfo, OrderAndUnknownMembersDoNotMatter) {
  EditableDocument document = sgx();
  Json reversed = Json::object();
  reversed["unknown"] = {{"signature", 1}};
  for (auto it = document.body().rbegin(); it != document.body().rend(); ++it) {
    reversed[it.key()] = it.value();
  }
  const Json root = {
      {"more", Json::array()}, {"signature", document.root()["signature"]}, {"tcbInfo", reversed}};
  EXPECT_EQ(status_of(root.dump()), QvlStatus::kOk);
  EXPECT_EQ(status_of(root.dump(4) + "\n"), QvlStatus::kOk);
  EXPECT_EQ(status_of(root.dump() + "x"), kFormat);
}

}  // namespace
}  // namespace quoted::collateral
