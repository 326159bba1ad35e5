// Every way to misuse the verifying functions, and what each gets for it (quote-verification 7, 17
// and 19).
#include <gmock/gmock.h>

#include <functional>
#include <limits>

#include "crl_forms.h"
#include "library_test.h"

namespace quoted::test {
namespace {

using Entry = quote3_error_t (Arguments::*)();
constexpr std::array<Entry, 3> kEntries{&Arguments::tee, &Arguments::sgx, &Arguments::tdx};

struct Misuse {
  std::string name;
  quote3_error_t expected;
  std::function<void(Arguments&)> spoil;
};

void spoil_byte(Arguments& a, std::size_t offset, unsigned value) {
  a.quote_bytes.at(offset) = static_cast<std::byte>(value);
}

std::vector<Misuse> misuses() {
  constexpr quote3_error_t kInvalid = SGX_QL_ERROR_INVALID_PARAMETER;
  std::vector<Misuse> out{
      {"QuoteNull", kInvalid, [](Arguments& a) { a.quote = nullptr; }},
      {"QuoteEmpty", kInvalid, [](Arguments& a) { a.quote_size = 0; }},
      {"QuoteOneTooSmall", kInvalid, [](Arguments& a) { a.quote_size = 1019; }},
      {"QuoteCut", SGX_QL_QUOTE_FORMAT_UNSUPPORTED, [](Arguments& a) { a.quote_size = 1020; }},
      {"TeeUnknown", kInvalid, [](Arguments& a) { spoil_byte(a, 4, 1); }},
      {"TeeUnknownInItsLastByte", kInvalid, [](Arguments& a) { spoil_byte(a, 7, 0x81); }},
      {"StatusNull", kInvalid, [](Arguments& a) { a.status_place = nullptr; }},
      {"ResultNull", kInvalid, [](Arguments& a) { a.result_place = nullptr; }},
      {"TimeZero", kInvalid, [](Arguments& a) { a.at = 0; }},
      {"TimeNegative", kInvalid, [](Arguments& a) { a.at = -1; }},
      {"TimeMostNegative", kInvalid,
       [](Arguments& a) { a.at = std::numeric_limits<time_t>::min(); }},
      {"VersionZero", SGX_QL_COLLATERAL_VERSION_NOT_SUPPORTED,
       [](Arguments& a) { a.collateral.abi.version = 0; }},
      {"VersionTwo", SGX_QL_COLLATERAL_VERSION_NOT_SUPPORTED,
       [](Arguments& a) { a.collateral.abi.version = 2; }},
      {"VersionFive", SGX_QL_COLLATERAL_VERSION_NOT_SUPPORTED,
       [](Arguments& a) { a.collateral.abi.version = 5; }},
      {"VersionThreeTwo", SGX_QL_COLLATERAL_VERSION_NOT_SUPPORTED,
       [](Arguments& a) { a.collateral.abi.version = 0x00020003; }},
      {"VersionAndTime", kInvalid,
       [](Arguments& a) {
         a.collateral.abi.version = 2;
         a.at = 0;
       }},
      {"VersionAndPart", kInvalid,
       [](Arguments& a) {
         a.collateral.abi.version = 2;
         a.collateral.abi.qe_identity = nullptr;
       }},
      {"ReportInfo", SGX_QL_ERROR_UNEXPECTED,
       [](Arguments& a) {
         static sgx_ql_qe_report_info_t info{};
         a.report_info = &info;
       }},
      {"ReportInfoAndTime", kInvalid,
       [](Arguments& a) {
         static sgx_ql_qe_report_info_t info{};
         a.report_info = &info;
         a.at = 0;
       }},
  };
  for (std::size_t part = 0; part < collateral::kCollateralParts.size(); ++part) {
    const auto row = [&](const char* what, std::function<void(Arguments&)> spoil) {
      out.push_back({std::string(collateral::kCollateralParts[part].name) + what, kInvalid,
                     std::move(spoil)});
    };
    row("Null", [part](Arguments& a) { a.collateral.place(part) = nullptr; });
    row("SizeZero", [part](Arguments& a) { a.collateral.size(part) = 0; });
    if (SealedCollateral::is_crl(part)) continue;
    row("SizeOneTooLarge", [part](Arguments& a) { ++a.collateral.size(part); });
    row("SizeOneTooSmall", [part](Arguments& a) { --a.collateral.size(part); });
    row("NulInside", [part](Arguments& a) { a.collateral.parts[part][100] = '\0'; });
    row("OnlyNul", [part](Arguments& a) { a.collateral.replace(part, "", 2); });
  }
  return out;
}

class Misused : public testing::TestWithParam<Misuse> {};

TEST_P(Misused, IsRefusedByEveryEntryWithoutAResult) {
  for (const Entry entry : kEntries) {
    Arguments a;
    GetParam().spoil(a);
    EXPECT_EQ((a.*entry)(), GetParam().expected);
    // "As it was" only where the library was not told the place.
    EXPECT_EQ(a.result,
              a.result_place == nullptr ? SGX_QL_QV_RESULT_OK : SGX_QL_QV_RESULT_UNSPECIFIED);
    EXPECT_EQ(a.status, a.status_place == nullptr ? 0U : 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Misused, testing::ValuesIn(misuses()),
                         [](const auto& row) { return row.param.name; });

TEST(Parameters, WithoutMisuseAllEntriesSucceed) {
  for (const Entry entry : kEntries) {
    Arguments a;
    EXPECT_EQ((a.*entry)(), SGX_QL_SUCCESS);
    EXPECT_EQ(a.result, SGX_QL_QV_RESULT_SW_HARDENING_NEEDED);
    EXPECT_EQ(a.status, 0U);
  }
}

TEST(Parameters, SupplementalSizeAndPlaceBelongTogether) {
  struct Row {
    std::uint32_t size;
    bool place;
    quote3_error_t expected;
  };
  for (const Row& row : {Row{536, true, SGX_QL_SUCCESS}, Row{0, false, SGX_QL_SUCCESS},
                         Row{0, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{536, false, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{535, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{537, true, SGX_QL_ERROR_INVALID_PARAMETER}}) {
    for (const Entry entry : {&Arguments::sgx, &Arguments::tdx}) {
      Arguments a;
      a.data_size = row.size;
      if (!row.place) a.data_place = nullptr;
      EXPECT_EQ((a.*entry)(), row.expected) << row.size;
      const bool written = row.expected == SGX_QL_SUCCESS && row.place;
      EXPECT_EQ(a.data.front(), written ? 3 : 0x55);
    }
  }
}

TEST(Parameters, DescriptorIsLookedAtFieldByField) {
  struct Row {
    std::uint16_t version;
    std::uint32_t size;
    bool place;
    quote3_error_t expected;
  };
  for (const Row& row : {Row{0, 536, true, SGX_QL_SUCCESS}, Row{3, 536, true, SGX_QL_SUCCESS},
                         Row{1, 536, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{2, 536, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{4, 536, true, SGX_QL_SUPPLEMENTAL_DATA_VERSION_NOT_SUPPORTED},
                         Row{0xFFFF, 536, true, SGX_QL_SUPPLEMENTAL_DATA_VERSION_NOT_SUPPORTED},
                         Row{0, 0, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{0, 535, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{3, 537, true, SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{0, 536, false, SGX_QL_ERROR_INVALID_PARAMETER}}) {
    Arguments a;
    a.descriptor = {row.version, row.size, row.place ? a.data.data() : nullptr};
    EXPECT_EQ(a.tee(), row.expected) << row.version << ' ' << row.size;
    if (row.expected == SGX_QL_SUCCESS) continue;
    EXPECT_EQ(a.result, SGX_QL_QV_RESULT_UNSPECIFIED);
    EXPECT_EQ(a.data.front(), 0x55);
  }
  Arguments without;
  without.descriptor_place = nullptr;
  EXPECT_EQ(without.tee(), SGX_QL_SUCCESS);
}

TEST(Parameters, SupplementalDataHaveTheVersionOfTheirEntry) {
  Arguments by_tee;
  ASSERT_EQ(by_tee.tee(), SGX_QL_SUCCESS);
  sgx_ql_qv_supplemental_t data{};
  std::memcpy(&data, by_tee.data.data(), sizeof(data));
  EXPECT_EQ(data.version, 0x00030003U);
  EXPECT_STREQ(data.sa_list, "INTEL-SA-00615");
  EXPECT_EQ(data.tcb_level_date_tag, 1710288000);
  EXPECT_EQ(data.dynamic_platform, PCK_FLAG_TRUE);
  EXPECT_EQ(data.qe_iden_tcb_eval_ref_num, 17U);

  for (const Entry entry : {&Arguments::sgx, &Arguments::tdx}) {
    Arguments a;
    ASSERT_EQ((a.*entry)(), SGX_QL_SUCCESS);
    std::memcpy(&data, a.data.data(), sizeof(data));
    EXPECT_EQ(data.version, 0x00000003U);
    EXPECT_STREQ(data.sa_list, "");
    EXPECT_EQ(data.tcb_eval_ref_num, 17U);
  }
}

TEST(Parameters, FailedVerificationLeavesSupplementalDataZero) {
  for (const Entry entry : kEntries) {
    Arguments a;
    a.quote_bytes.at(400) ^= std::byte{1};  // what the attestation key signed
    EXPECT_EQ((a.*entry)(), SGX_QL_RESULT_INVALID_SIGNATURE);
    EXPECT_EQ(a.result, SGX_QL_QV_RESULT_UNSPECIFIED);
    EXPECT_THAT(a.data, testing::Each(0));
  }
}

TEST(Parameters, CrlsMayHaveEveryFormUnderEveryVersion) {
  const VectorCase vector = vector_named("sgx-v3-platform-sw-hardening");
  const collateral::Collateral documents = vector.collateral();
  for (const std::uint32_t version : {1U, 3U, 0x00010003U, 4U}) {
    for (const bool nul_counted : {false, true}) {
      for (std::size_t form = 0; form < kCrlForms; ++form) {
        Arguments a;
        a.collateral.abi.version = version;
        for (const std::size_t part : {std::size_t{1}, std::size_t{2}}) {
          const base::Bytes& der = documents.*collateral::kCollateralParts[part].bytes;
          const std::string content = crl_forms(der).at(form);
          a.collateral.replace(part, content, content.size() + (nul_counted ? 1 : 0));
        }
        EXPECT_EQ(a.tee(), SGX_QL_SUCCESS) << version << ' ' << nul_counted << ' ' << form;
        EXPECT_EQ(a.result, SGX_QL_QV_RESULT_SW_HARDENING_NEEDED);
      }
    }
  }
}

TEST(Parameters, GarbageCrlIsSaidToBeOne) {
  Arguments a;
  a.collateral.replace(1, "no CRL at all", 13);
  EXPECT_EQ(a.tee(), SGX_QL_CRL_UNSUPPORTED_FORMAT);
}

TEST(Parameters, BytesBehindTheQuoteArePassedOver) {
  Arguments a;
  a.quote_bytes.resize(a.quote_bytes.size() + 1000, std::byte{0xAB});
  a.quote = reinterpret_cast<const std::uint8_t*>(a.quote_bytes.data());
  a.quote_size += 1000;
  EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
}

TEST(Parameters, PointersNeedNoAlignment) {
  Arguments a;
  std::array<char, 4096> room{};
  const auto odd = [&room](std::size_t offset) { return room.data() + offset * 1024 + 1; };
  std::memcpy(odd(0), &a.collateral.abi, sizeof(a.collateral.abi));
  std::memcpy(odd(1), &a.descriptor, sizeof(a.descriptor));
  a.documents = reinterpret_cast<const sgx_ql_qve_collateral_t*>(odd(0));
  a.descriptor_place = reinterpret_cast<tee_supp_data_descriptor_t*>(odd(1));
  a.status_place = reinterpret_cast<std::uint32_t*>(odd(2));
  a.result_place = reinterpret_cast<sgx_ql_qv_result_t*>(odd(3));
  ASSERT_EQ(a.tee(), SGX_QL_SUCCESS);
  std::uint32_t result = 0;
  std::memcpy(&result, odd(3), sizeof(result));
  EXPECT_EQ(result, static_cast<std::uint32_t>(SGX_QL_QV_RESULT_SW_HARDENING_NEEDED));
}

TEST(Parameters, ErrnoStays) {
  Arguments a;
  errno = 4711;
  ASSERT_EQ(a.tee(), SGX_QL_SUCCESS);
  EXPECT_EQ(errno, 4711);
  EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, "/nowhere"), SGX_QL_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(errno, 4711);
}

}  // namespace
}  // namespace quoted::test
