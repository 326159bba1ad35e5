#include "collateral/qe_identity.h"

#include <gmock/gmock.h>

#include "collateral/testing/document_editing.h"

namespace quoted::collateral {
namespace {

using testing::EditableDocument;
using ::testing::IsEmpty;
using testing::Json;
using testing::MemberRule;
using ::testing::SizeIs;

constexpr QvlStatus kFormat = QvlStatus::kEnclaveIdentityUnsupportedFormat;
constexpr QvlStatus kInvalid = QvlStatus::kEnclaveIdentityInvalid;
constexpr QvlStatus kVersion = QvlStatus::kEnclaveIdentityUnsupportedVersion;

EditableDocument genuine() {
  return {"real-collateral/qe-identity-v2-pcs-body.json", "enclaveIdentity"};
}

QvlStatus status_of(const std::string& text) { return testing::status_of<QeIdentity>(text); }

TEST(QeIdentity, ReadsAGenuineDocument) {
  const auto identity = QeIdentity::parse(genuine().text());
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->id, EnclaveIdentityId::kQe);
  EXPECT_EQ(identity->issue_date, parse_document_date("2025-05-27T19:05:27Z"));
  EXPECT_EQ(identity->next_update, parse_document_date("2025-06-26T19:05:27Z"));
  EXPECT_EQ(identity->misc_select.hex(), "00000000");
  EXPECT_EQ(identity->misc_select_mask.hex(), "ffffffff");
  EXPECT_EQ(identity->attributes.hex(), "11000000000000000000000000000000");
  EXPECT_EQ(identity->attributes_mask.hex(), "fbffffffffffffff0000000000000000");
  EXPECT_EQ(identity->mr_signer.hex(),
            "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff");
  EXPECT_EQ(identity->isv_prod_id, 1U);
  EXPECT_EQ(identity->evaluation_number, 17U);
  ASSERT_THAT(identity->levels, SizeIs(6));
  EXPECT_EQ(identity->levels[0].isv_svn, 8U);
  EXPECT_EQ(identity->levels[0].status, TcbStatus::kUpToDate);
  EXPECT_EQ(identity->levels[0].tcb_date, parse_document_date("2024-03-13T00:00:00Z"));
  EXPECT_EQ(identity->levels[5].isv_svn, 1U);
  EXPECT_EQ(identity->levels[5].status, TcbStatus::kOutOfDate);
  EXPECT_THAT(identity->laxities, IsEmpty());
}

TEST(QeIdentity, IdsAreThoseOfThreeEnclaves) {
  for (const auto& [name, id] :
       {std::pair{"QE", EnclaveIdentityId::kQe}, std::pair{"TD_QE", EnclaveIdentityId::kTdQe},
        std::pair{"QVE", EnclaveIdentityId::kQve}}) {
    const std::string quoted = Json(name).dump();
    EXPECT_EQ(QeIdentity::parse(genuine().with("/enclaveIdentity/id", quoted))->id, id) << name;
    EXPECT_EQ(enclave_identity_id_name(id), name);
  }
  EXPECT_EQ(
      QeIdentity::parse(test::read_text_vector("real-collateral/qve-identity-v2-pcs-body.json"))
          ->id,
      EnclaveIdentityId::kQve);
  EXPECT_EQ(QeIdentity::parse(
                test::read_text_vector("verification-real/tdx-v4-up-to-date/qe_identity.json"))
                ->id,
            EnclaveIdentityId::kTdQe);
}

TEST(QeIdentity, MembersOfTheEnvelope) {
  EXPECT_EQ(status_of("no JSON"), kFormat);
  EXPECT_EQ(status_of("[]"), kFormat);
  EXPECT_EQ(status_of(genuine().text() + "x"), kFormat);
  testing::expect_rule<QeIdentity>(
      genuine(), {"/enclaveIdentity", kInvalid, kInvalid, {"null", "[]", "\"x\""}});
  testing::expect_rule<QeIdentity>(
      genuine(), {"/signature", kFormat, kInvalid, {"null", "1", "\"\"", "\"00\""}});
}

// quote-verification 6.
TEST(QeIdentity, MembersOfTheBody) {
  const std::vector<MemberRule> rules = {
      {"/enclaveIdentity/version", kInvalid, kInvalid, {"\"2\"", "2.0", "null"}},
      {"/enclaveIdentity/version", kInvalid, kVersion, {"0", "1", "3", "4294967295"}},
      {"/enclaveIdentity/id", kInvalid, kInvalid, {"\"\"", "\"qe\"", "\"QE \"", "1"}},
      {"/enclaveIdentity/issueDate", kInvalid, kInvalid, {"\"2025-02-29T00:00:00Z\"", "1"}},
      {"/enclaveIdentity/nextUpdate", kInvalid, kInvalid, {"\"2025-06-26\"", "null"}},
      {"/enclaveIdentity/miscselect", kInvalid, kInvalid, {"\"000000\"", "\"0000000000\"", "0"}},
      {"/enclaveIdentity/miscselectMask", kInvalid, kInvalid, {"\"FFFFFFFG\"", "null"}},
      {"/enclaveIdentity/attributes", kInvalid, kInvalid, {"\"1100000000000000\"", "17"}},
      {"/enclaveIdentity/attributesMask", kInvalid, kInvalid, {"\"\"", "null"}},
      {"/enclaveIdentity/mrsigner",
       kInvalid,
       kInvalid,
       {"\"8C4F\"", "\"" + std::string(66, '0') + "\"", "\"" + std::string(64, 'x') + "\""}},
      {"/enclaveIdentity/isvprodid", kInvalid, kInvalid, {"-1", "1.0", "\"1\"", "4294967296"}},
      {"/enclaveIdentity/tcbEvaluationDataNumber", kInvalid, kInvalid, {"-1", "17.0", "\"17\""}},
      {"/enclaveIdentity/tcbLevels", kInvalid, kInvalid, {"[]", "{}", "null", "[1]"}}};
  for (const MemberRule& rule : rules) testing::expect_rule<QeIdentity>(genuine(), rule);
}

TEST(QeIdentity, MembersOfALevel) {
  const std::string level = "/enclaveIdentity/tcbLevels/1";
  const std::vector<MemberRule> rules = {
      {level, std::nullopt, kInvalid, {"null", "{}", "[]", "6"}},
      {level + "/tcb", kInvalid, kInvalid, {"null", "{}", "[]"}},
      {level + "/tcb/isvsvn", kInvalid, kInvalid, {"-1", "6.0", "\"6\""}},
      {level + "/tcbDate", kInvalid, kInvalid, {"\"x\"", "1"}},
      {level + "/tcbStatus",
       kInvalid,
       kInvalid,
       {"\"SWHardeningNeeded\"", "\"ConfigurationAndSWHardeningNeeded\"", "\"\"", "\"revoked\"",
        "null"}},
      // Nobody reads them.
      {level + "/advisoryIDs", std::nullopt, QvlStatus::kOk, {"null", "5", "[1]"}}};
  for (const MemberRule& rule : rules) testing::expect_rule<QeIdentity>(genuine(), rule);
  for (const char* const status : {"\"UpToDate\"", "\"ConfigurationNeeded\"", "\"OutOfDate\"",
                                   "\"OutOfDateConfigurationNeeded\"", "\"Revoked\""}) {
    EXPECT_EQ(status_of(genuine().with(level + "/tcbStatus", status)), QvlStatus::kOk) << status;
  }
}

TEST(QeIdentity, LevelsKeepTheirOrderAndMayBeEqual) {
  EditableDocument document = genuine();
  Json& levels = document.body()["tcbLevels"];
  levels = Json::array({levels[3], levels[0], levels[3]});
  const auto identity = QeIdentity::parse(document.text());
  ASSERT_TRUE(identity);
  ASSERT_THAT(identity->levels, SizeIs(3));
  EXPECT_EQ(identity->levels[0].isv_svn, 4U);
  EXPECT_EQ(identity->levels[1].isv_svn, 8U);
  EXPECT_EQ(identity->levels[2].isv_svn, 4U);
}

TEST(QeIdentity, DuplicatesAreReported) {
  std::string text = genuine().text();
  const std::string id = R"("id":"QE")";
  text.replace(text.find(id), id.size(), R"("id":"QE","id":"TD_QE")");
  const auto identity = QeIdentity::parse(text);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->id, EnclaveIdentityId::kQe);
  ASSERT_THAT(identity->laxities, SizeIs(1));
  EXPECT_EQ(identity->laxities[0].rule, kRuleDuplicateMember);
  EXPECT_EQ(identity->laxities[0].detail, "'enclaveIdentity.id' stands twice in the QE identity");
}

}  // namespace
}  // namespace quoted::collateral
