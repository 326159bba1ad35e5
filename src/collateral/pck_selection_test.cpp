#include "collateral/pck_selection.h"

#include <gmock/gmock.h>

#include <optional>

#include "collateral/testing/document_editing.h"
#include "crypto/certificate_builder.h"
#include "crypto/testing/certificate_surgery.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using testing::Json;

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
}

TcbInfo parsed(const std::string& text) {
  auto info = TcbInfo::parse(text);
  if (!info) throw std::runtime_error(info.error().detail);
  return *std::move(info);
}

struct Offer {
  std::vector<PckCertificate> certificates;
  std::vector<std::string> tcbm;  // as the service named their TCBs
};

Offer real_offer() {
  Offer out;
  const Json reply =
      Json::parse(test::read_text_vector("real-collateral/pckcerts-16a5b41e-00906ea10000.json"));
  for (const Json& item : reply) {
    const std::string pem = percent_decoded(item.at("cert").get<std::string>());
    out.certificates.push_back(
        PckCertificate::create(crypto::Certificate::parse_pem(pem).value()).value());
    out.tcbm.push_back(item.at("tcbm"));
  }
  return out;
}

RawTcb raw_tcb(std::string_view cpu_svn, std::uint16_t pce_isv_svn) {
  return {sgx::CpuSvn::parse_hex(cpu_svn).value(), pce_isv_svn, sgx::PceId()};
}

// The first is what the machine itself ran at, as the retrieval tool told it; the others are its
// other levels and states between them. Expected by a separate implementation of the section.
TEST(PckSelection, ChoosesAsTheServiceDidForARealPlatform) {
  const Offer offer = real_offer();
  ASSERT_EQ(offer.certificates.size(), 22U);
  const TcbInfo info =
      parsed(test::read_text_vector("real-collateral/tcbinfo-v3-sgx-00906ea10000.json"));
  struct Case {
    std::string_view cpu_svn;
    std::uint16_t pce_isv_svn;
    std::string_view tcbm;
  };
  const auto cases = {
      Case{"0f0f0205ff8007000000000000000000", 9, "0D0D02040180030000000000000000000900"},
      Case{"0f0f0205ff8007000000000000000000", 10, "0F0F02040180070000000000000000000A00"},
      Case{"14140204018007ff0000000000000000", 13, "141402040180070000000000000000000D00"},
      Case{"11110204018000ff0000000000000000", 13, "111102040180000000000000000000000B00"},
      Case{"05050204018000000000000000000000", 5, "040402040180000000000000000000000500"},
      Case{"02020204018000000000000000000000", 4, "020202040180000000000000000000000400"},
  };
  for (const Case& c : cases) {
    const auto chosen =
        select_pck_certificate(raw_tcb(c.cpu_svn, c.pce_isv_svn), info, offer.certificates);
    ASSERT_TRUE(chosen) << c.cpu_svn << ": " << chosen.error().summary();
    EXPECT_EQ(offer.tcbm[*chosen], c.tcbm) << c.cpu_svn << ' ' << c.pce_isv_svn;
  }
}

TEST(PckSelection, ARealPlatformBelowEveryCertificateGetsNone) {
  const TcbInfo info =
      parsed(test::read_text_vector("real-collateral/tcbinfo-v3-sgx-00906ea10000.json"));
  const auto chosen = select_pck_certificate(raw_tcb("02020204018000000000000000000000", 3), info,
                                             real_offer().certificates);
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code(), ErrorCode::kNoPckForTcb);
  EXPECT_THAT(chosen.error().message(), HasSubstr("all 22"));
  EXPECT_THAT(chosen.error().message(), HasSubstr("02020204018000000000000000000000 and PCESVN 3"));
}

// A TCB whose first two components and PCESVN are these, the other components zero.
struct Svns {
  std::uint8_t first;
  std::uint8_t second;
  std::uint16_t pce;
};

sgx::CpuSvn cpu_svn_of(const Svns& svns) {
  sgx::CpuSvn out;
  out.mutable_view()[0] = std::byte{svns.first};
  out.mutable_view()[1] = std::byte{svns.second};
  return out;
}

SgxExtension extension(const Svns& svns) {
  SgxExtension out;
  out.fmspc = sgx::Fmspc::parse_hex("0a1b2c3d4e5f").value();
  out.components[0] = svns.first;
  out.components[1] = svns.second;
  out.pce_svn = svns.pce;
  out.cpu_svn = cpu_svn_of(svns);
  return out;
}

crypto::P256PrivateKey signing_key() {
  return crypto::P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{9}))
      .value();
}

crypto::Certificate issue(const SgxExtension& sgx) {
  crypto::CertificateSpec spec;
  spec.subject_cn = kPckCn;
  spec.issuer_cn = kPlatformCaCn;
  spec.crl_url = "https://pcs.test/crl";
  spec.extra = {std::string(kSgxExtensionOid), sgx.serialize()};
  return crypto::issue_certificate(spec, signing_key().public_key(), signing_key()).value();
}

PckCertificate pck(const SgxExtension& sgx) { return PckCertificate::create(issue(sgx)).value(); }
PckCertificate pck(const Svns& svns) { return pck(extension(svns)); }

Json level(const Svns& svns) {
  Json components = Json::array({{{"svn", svns.first}}, {{"svn", svns.second}}});
  while (components.size() < 16) components.push_back({{"svn", 0}});
  return {{"tcb", {{"sgxtcbcomponents", components}, {"pcesvn", svns.pce}}},
          {"tcbDate", "2026-02-11T00:00:00Z"},
          {"tcbStatus", "UpToDate"}};
}

TcbInfo info_with(const std::vector<Svns>& levels) {
  testing::EditableDocument document("verification-synthetic/base/tcb_info.json", "tcbInfo");
  Json items = Json::array();
  for (const Svns& svns : levels) items.push_back(level(svns));
  document.body()["tcbLevels"] = items;
  return parsed(document.text());
}

std::optional<std::size_t> chosen(const Svns& raw, const std::vector<Svns>& levels,
                                  const std::vector<Svns>& offered) {
  std::vector<PckCertificate> candidates;
  for (const Svns& svns : offered) candidates.push_back(pck(svns));
  const auto result = select_pck_certificate({cpu_svn_of(raw), raw.pce, sgx::PceId()},
                                             info_with(levels), candidates);
  if (result) return *result;
  EXPECT_EQ(result.error().code(), ErrorCode::kNoPckForTcb) << result.error().summary();
  return std::nullopt;
}

TEST(PckSelection, TakesTheBestLevelWhateverTheOrderOfTheOffer) {
  const std::vector<Svns> levels = {{9, 0, 0}, {5, 0, 0}, {1, 0, 0}};
  EXPECT_EQ(chosen({9, 9, 9}, levels, {{1, 0, 0}, {9, 0, 0}, {5, 0, 0}}), 1U);
  EXPECT_EQ(chosen({8, 9, 9}, levels, {{1, 0, 0}, {9, 0, 0}, {5, 0, 0}}), 2U);
  EXPECT_EQ(chosen({4, 9, 9}, levels, {{1, 0, 0}, {9, 0, 0}, {5, 0, 0}}), 0U);
}

// The certificate of the lower level has more in another component; the level decides.
TEST(PckSelection, TheLevelCountsBeforeTheComponents) {
  EXPECT_EQ(chosen({9, 9, 9}, {{9, 0, 0}, {1, 0, 0}}, {{8, 9, 9}, {9, 0, 0}}), 1U);
}

TEST(PckSelection, LevelsAreHeldDescendingWhateverTheirOrderInTheDocument) {
  EXPECT_EQ(chosen({9, 9, 9}, {{1, 0, 0}, {9, 0, 0}}, {{8, 9, 9}, {9, 0, 0}}), 1U);
}

TEST(PckSelection, ALevelWantsItsPcesvnToo) {
  EXPECT_EQ(chosen({9, 9, 9}, {{9, 0, 5}, {1, 0, 0}}, {{9, 9, 4}, {9, 0, 5}}), 1U);
}

TEST(PckSelection, TakesTheHighestInsideOfALevel) {
  const std::vector<Svns> levels = {{1, 0, 0}};
  EXPECT_EQ(chosen({9, 9, 9}, levels, {{2, 0, 0}, {4, 0, 0}, {3, 0, 0}}), 1U);
  EXPECT_EQ(chosen({3, 9, 9}, levels, {{2, 0, 0}, {4, 0, 0}, {3, 0, 0}}), 2U);
  EXPECT_EQ(chosen({9, 9, 9}, levels, {{2, 0, 4}, {2, 0, 6}, {2, 0, 5}}), 1U);
}

// A newcomer that is neither at least a present one nor below it goes behind it.
TEST(PckSelection, OfTwoThatCannotBeComparedTheFirstOfferedWins) {
  const std::vector<Svns> levels = {{1, 0, 0}};
  EXPECT_EQ(chosen({9, 9, 9}, levels, {{2, 5, 0}, {5, 2, 0}}), 0U);
  EXPECT_EQ(chosen({9, 9, 9}, levels, {{5, 2, 0}, {2, 5, 0}}), 0U);
}

// The last one is at least the second only, so it stands before that and behind the first.
TEST(PckSelection, ANewcomerStandsBeforeTheFirstThatItIsAtLeast) {
  const std::vector<Svns> levels = {{1, 0, 0}};
  const std::vector<Svns> offered = {{9, 1, 0}, {2, 2, 0}, {3, 3, 0}};
  EXPECT_EQ(chosen({9, 9, 9}, levels, offered), 0U);
  EXPECT_EQ(chosen({8, 9, 9}, levels, offered), 2U);
}

TEST(PckSelection, OfEqualOnesTheLastOfferedWins) {
  EXPECT_EQ(chosen({9, 9, 9}, {{1, 0, 0}}, {{2, 0, 0}, {2, 0, 0}}), 1U);
}

TEST(PckSelection, ThoseThatReachNoLevelComeLast) {
  const std::vector<Svns> levels = {{5, 0, 0}};
  EXPECT_EQ(chosen({9, 9, 9}, levels, {{4, 9, 9}, {5, 0, 0}}), 1U);
  EXPECT_EQ(chosen({4, 9, 9}, levels, {{4, 9, 9}, {5, 0, 0}}), 0U);
}

TEST(PckSelection, EachOfTheSeventeenValuesCounts) {
  for (std::size_t i = 0; i < 17; ++i) {
    SgxExtension low = extension({1, 1, 1});
    SgxExtension high = low;
    if (i < 16) {
      high.components[i] = 2;
      high.cpu_svn.mutable_view()[i] = std::byte{2};
    } else {
      high.pce_svn = 2;
    }
    const std::vector<PckCertificate> candidates = {pck(low), pck(high)};
    const TcbInfo info = info_with({{0, 0, 0}});
    EXPECT_EQ(select_pck_certificate({low.cpu_svn, low.pce_svn, low.pce_id}, info, candidates), 0U)
        << i;
    EXPECT_EQ(select_pck_certificate({high.cpu_svn, high.pce_svn, high.pce_id}, info, candidates),
              1U)
        << i;
  }
}

// 0x0201 is below 0x0300 as a number, yet its second component is not.
TEST(PckSelection, TheCpusvnIsNoNumber) {
  EXPECT_EQ(chosen({3, 0, 0}, {{0, 0, 0}}, {{2, 1, 0}, {1, 0, 0}}), 1U);
}

base::Error refusal(const RawTcb& raw, const TcbInfo& info,
                    const std::vector<PckCertificate>& candidates) {
  const auto result = select_pck_certificate(raw, info, candidates);
  if (result) throw std::runtime_error("a certificate was chosen");
  return result.error();
}

class PckSelectionRefuses : public ::testing::Test {
 protected:
  // What is said when the second of two candidates is this.
  void expect_refused(const PckCertificate& second, const std::string& why) {
    const base::Error error = refusal(raw_, info_, {pck(Svns{1, 0, 0}), second});
    EXPECT_EQ(error.code(), ErrorCode::kPckSelectionFailed);
    EXPECT_THAT(error.message(), HasSubstr("PCK certificate 2 of 2"));
    EXPECT_THAT(error.message(), HasSubstr(why));
  }

  RawTcb raw_ = raw_tcb("09090000000000000000000000000000", 9);
  TcbInfo info_ = info_with({{1, 0, 0}});
};

TEST_F(PckSelectionRefuses, AnEmptyOffer) {
  const base::Error error = refusal(raw_, info_, {});
  EXPECT_EQ(error.code(), ErrorCode::kPckSelectionFailed);
  EXPECT_THAT(error.message(), HasSubstr("no PCK certificate to choose from"));
}

TEST_F(PckSelectionRefuses, TcbInfoForTdx) {
  const TcbInfo tdx =
      parsed(test::read_text_vector("verification-real/tdx-v5-td-relaunch-advised/tcb_info.json"));
  const base::Error error = refusal(raw_, tdx, {pck(Svns{1, 0, 0})});
  EXPECT_EQ(error.code(), ErrorCode::kPckSelectionFailed);
  EXPECT_THAT(error.message(), HasSubstr("for TDX"));
}

TEST_F(PckSelectionRefuses, TcbInfoOfAnotherPce) {
  raw_.pce_id = sgx::PceId::parse_hex("0100").value();
  const base::Error error = refusal(raw_, info_, {pck(Svns{1, 0, 0})});
  EXPECT_EQ(error.code(), ErrorCode::kPckSelectionFailed);
  EXPECT_THAT(error.message(), HasSubstr("TCB info is for PCE id 0000, the platform's is 0100"));
}

TEST_F(PckSelectionRefuses, AnotherPce) {
  SgxExtension other = extension({1, 0, 0});
  other.pce_id = sgx::PceId::parse_hex("0200").value();
  expect_refused(pck(other), "is for PCE id 0200, the platform's is 0000");
}

TEST_F(PckSelectionRefuses, AnotherPlatformLine) {
  SgxExtension other = extension({1, 0, 0});
  other.fmspc = sgx::Fmspc::parse_hex("00906ea10000").value();
  expect_refused(pck(other), "is for FMSPC 00906ea10000, the TCB info for 0a1b2c3d4e5f");
}

TEST_F(PckSelectionRefuses, AnotherPlatform) {
  SgxExtension other = extension({1, 0, 0});
  other.ppid.mutable_view()[0] = std::byte{1};
  expect_refused(pck(other), "another platform (PPID) than the first");
}

TEST_F(PckSelectionRefuses, ACpusvnBesideItsComponents) {
  SgxExtension other = extension({1, 0, 0});
  other.cpu_svn.mutable_view()[15] = std::byte{1};
  expect_refused(pck(other), "CPUSVN 01000000000000000000000000000001");
}

TEST_F(PckSelectionRefuses, AnOldCertificateVersion) {
  const crypto::Certificate certificate = issue(extension({1, 0, 0}));
  const base::Bytes old = crypto::testing::replace_and_sign(
      certificate.der(), test::unhex("a003020102"), test::unhex("a003020101"), signing_key());
  expect_refused(
      PckCertificate::create(crypto::Certificate::parse_der_leniently(old).value()).value(),
      "X.509 version 2, expected 3");
}

// The parts of a certificate are checked in the order of Intel's service.
TEST_F(PckSelectionRefuses, NamesThePceBeforeThePlatformLineAndThatBeforeThePlatform) {
  SgxExtension other = extension({1, 0, 0});
  other.ppid.mutable_view()[0] = std::byte{1};
  other.fmspc = sgx::Fmspc::parse_hex("00906ea10000").value();
  expect_refused(pck(other), "FMSPC");
  other.pce_id = sgx::PceId::parse_hex("0200").value();
  expect_refused(pck(other), "PCE id");
}

}  // namespace
}  // namespace quoted::collateral
