// The functions beside verification.
#include <dlfcn.h>
#include <gmock/gmock.h>

#include <fstream>

#include "library_test.h"
#include "test_support/temp_dir.h"

namespace quoted::test {
namespace {

constexpr quote3_error_t kInvalid = SGX_QL_ERROR_INVALID_PARAMETER;

TEST(SupplementalSize, Is536) {
  for (const auto function :
       {sgx_qv_get_quote_supplemental_data_size, tdx_qv_get_quote_supplemental_data_size}) {
    std::uint32_t size = 0;
    EXPECT_EQ(function(&size), SGX_QL_SUCCESS);
    EXPECT_EQ(size, sizeof(sgx_ql_qv_supplemental_t));
    EXPECT_EQ(function(nullptr), kInvalid);
  }
}

TEST(SupplementalSize, ComesWithItsVersion) {
  const Arguments a;
  std::uint32_t version = 0;
  std::uint32_t size = 0;
  const auto ask = tee_get_supplemental_data_version_and_size;
  EXPECT_EQ(ask(a.quote, a.quote_size, &version, &size), SGX_QL_SUCCESS);
  EXPECT_EQ(version, 0x00030003U);
  EXPECT_EQ(size, 536U);
  EXPECT_EQ(ask(a.quote, a.quote_size, nullptr, &size), SGX_QL_SUCCESS);
  EXPECT_EQ(ask(a.quote, a.quote_size, &version, nullptr), kInvalid);
  EXPECT_EQ(ask(nullptr, a.quote_size, &version, &size), kInvalid);
  EXPECT_EQ(ask(a.quote, 1019, &version, &size), kInvalid);
}

TEST(Fmspc, IsThatOfThePckCertificate) {
  const Arguments a;
  std::array<std::uint8_t, 7> fmspc{};
  fmspc.back() = 0x77;
  EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, a.quote_size, fmspc.data(), 6), SGX_QL_SUCCESS);
  EXPECT_THAT(fmspc, testing::ElementsAre(0x00, 0x60, 0x6A, 0, 0, 0, 0x77));
  EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, a.quote_size, fmspc.data(), 7), SGX_QL_SUCCESS);
  EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, a.quote_size, fmspc.data(), 5), kInvalid);
  EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, a.quote_size, nullptr, 6), kInvalid);
  EXPECT_EQ(tee_get_fmspc_from_quote(nullptr, a.quote_size, fmspc.data(), 6), kInvalid);
  EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, 1019, fmspc.data(), 6), kInvalid);
}

TEST(Fmspc, RefusesAsAVerificationWould) {
  struct Row {
    const char* vector;
    quote3_error_t expected;
  };
  for (const Row& row :
       {Row{"sgx-v3-cert-type-3-encrypted-ppid", SGX_QL_QUOTE_CERTIFICATION_DATA_UNSUPPORTED},
        Row{"tdx-v4-up-to-date", SGX_QL_SUCCESS},
        Row{"truncated_one_byte", SGX_QL_QUOTE_FORMAT_UNSUPPORTED},
        Row{"cert_data_type_6", SGX_QL_QUOTE_FORMAT_UNSUPPORTED},
        Row{"chain_missing_intermediate", SGX_QL_PCK_CERT_CHAIN_ERROR},
        Row{"pck_missing_sgx_extension", SGX_QL_PCK_CERT_CHAIN_ERROR},
        Row{"pck_missing_ski", SGX_QL_PCK_CERT_CHAIN_ERROR}}) {
    const Arguments a(vector_named(row.vector));
    std::array<std::uint8_t, 6> fmspc{};
    EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, a.quote_size, fmspc.data(), 6), row.expected)
        << row.vector;
    std::uint8_t* collateral = nullptr;
    std::uint32_t size = 0;
    if (row.expected == SGX_QL_SUCCESS) continue;
    EXPECT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, &size), row.expected);
    EXPECT_EQ(collateral, nullptr);
  }
}

// Only collateral is asked for by the CA.
TEST(Fmspc, DoesNotNeedAKnownCa) {
  const Arguments a(vector_named("intermediate_cn_without_CA"));
  std::array<std::uint8_t, 6> fmspc{};
  EXPECT_EQ(tee_get_fmspc_from_quote(a.quote, a.quote_size, fmspc.data(), 6), SGX_QL_SUCCESS);
  EXPECT_THAT(fmspc, testing::Contains(testing::Ne(0)));
  std::uint8_t* collateral = nullptr;
  std::uint32_t size = 0;
  EXPECT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, &size),
            SGX_QL_PCK_CERT_CHAIN_ERROR);
}

TEST(Policy, IsAcceptedOnce) {
  for (const auto set : {sgx_qv_set_enclave_load_policy, sgx_qae_set_enclave_load_policy}) {
    for (const auto policy :
         {SGX_QL_PERSISTENT, SGX_QL_EPHEMERAL, SGX_QL_EPHEMERAL_QVE_MULTI_THREAD,
          SGX_QL_PERSISTENT_QVE_MULTI_THREAD}) {
      EXPECT_TRUE(in_child([&] {
        EXPECT_EQ(set(static_cast<sgx_ql_request_policy_t>(4)), SGX_QL_UNSUPPORTED_LOADING_POLICY);
        EXPECT_EQ(set(policy), SGX_QL_SUCCESS);
        EXPECT_EQ(set(policy), SGX_QL_UNSUPPORTED_LOADING_POLICY);
      }));
    }
  }
}

TEST(Path, MustBeThatOfARegularFile) {
  const TempDir directory;
  const std::string file = directory / "file";
  std::ofstream(file) << "no library";
  const std::string long_name(260, '/');
  EXPECT_TRUE(in_child([&] {
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, nullptr), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, ""), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, directory.path().c_str()), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, (file + "2").c_str()), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, (long_name + file).c_str()), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(static_cast<sgx_qv_path_type_t>(2), file.c_str()), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QVE_PATH, (file + "2").c_str()), kInvalid);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QVE_PATH, file.c_str()), SGX_QL_SUCCESS);
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, file.c_str()), SGX_QL_SUCCESS);
  }));
}

TEST(Tokens, AreNotMade) {
  const Arguments a;
  std::uint32_t size = 5;
  std::uint8_t place = 0;
  std::uint8_t* token = &place;
  const std::string user_data(128, 'u');
  const auto make = [&](const std::string& text) {
    size = 5;
    token = &place;
    return tee_verify_quote_qvt(a.quote, a.quote_size, a.documents, nullptr,
                                reinterpret_cast<const std::uint8_t*>(text.c_str()), &size, &token);
  };
  EXPECT_EQ(make(user_data), SGX_QL_ERROR_UNEXPECTED);
  EXPECT_EQ(size, 0U);
  EXPECT_EQ(token, nullptr);
  EXPECT_EQ(make(user_data + 'u'), kInvalid);
  EXPECT_EQ(token, nullptr);
  EXPECT_EQ(tee_verify_quote_qvt(a.quote, a.quote_size, nullptr, nullptr, nullptr, &size, &token),
            SGX_QL_ERROR_UNEXPECTED);
  EXPECT_EQ(tee_verify_quote_qvt(nullptr, 0, nullptr, nullptr, nullptr, &size, &token), kInvalid);
  EXPECT_EQ(tee_verify_quote_qvt(a.quote, a.quote_size, nullptr, nullptr, nullptr, nullptr, &token),
            kInvalid);
  EXPECT_EQ(tee_verify_quote_qvt(a.quote, a.quote_size, nullptr, nullptr, nullptr, &size, nullptr),
            kInvalid);
  EXPECT_EQ(tee_free_verify_quote_qvt(nullptr, &size), kInvalid);
}

TEST(PolicyEngine, IsNotThere) {
  for (const char* const name :
       {"tee_appraise_verification_token", "tee_free_appraisal_token",
        "tee_authenticate_appraisal_result", "tee_authenticate_appraisal_result_ex",
        "tee_authenticate_policy_owner"}) {
    void* const symbol = ::dlsym(RTLD_DEFAULT, name);
    ASSERT_NE(symbol, nullptr) << name;
    EXPECT_EQ(reinterpret_cast<quote3_error_t (*)()>(symbol)(), SGX_QL_ERROR_UNEXPECTED) << name;
  }
}

}  // namespace
}  // namespace quoted::test
