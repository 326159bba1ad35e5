// Verification without collateral: what the provider library is asked, and what comes of its
// answers.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "crl_forms.h"
#include "relying_party.h"

namespace quoted::test {
namespace {

constexpr const char* kPlatform = "sgx-v3-platform-sw-hardening";
constexpr const char* kProcessor = "sgx-v3-processor-sw-hardening-eval17";
constexpr const char* kTdx = "tdx-v4-up-to-date";

class Provider : public testing::Test {
 protected:
  // Runs `body` in a process with this provider.
  template <class Body>
  bool with(const char* library, const char* mode, const VectorCase& vector, const Body& body) {
    return in_child([&] {
      ::setenv("FAKE_PROVIDER_MODE", mode, 1);
      ::setenv("FAKE_PROVIDER_LOG", log_.c_str(), 1);
      const std::string recorded = QUOTED_VECTORS_DIR "/" + vector.directory;
      ::setenv("FAKE_PROVIDER_DIRECTORY", files_.empty() ? recorded.c_str() : files_.c_str(), 1);
      EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, library), SGX_QL_SUCCESS);
      Arguments a(vector);
      a.documents = nullptr;
      body(a);
    });
  }

  std::string log() const {
    std::ifstream in(log_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // The provider is to give these bytes instead of the recorded ones.
  void give(const Arguments& a) {
    files_ = directory_ / "files";
    std::filesystem::create_directory(files_);
    for (std::size_t i = 0; i < a.collateral.parts.size(); ++i) {
      const std::string& padded = a.collateral.parts[i];
      std::ofstream(files_ + '/' + std::string(collateral::kCollateralParts[i].file_names.front()))
          << padded.substr(0, padded.size() - SealedCollateral::kPadding);
    }
  }

  TempDir directory_;
  std::string files_;
  std::string log_ = directory_ / "log";
};

TEST_F(Provider, IsAskedForThePlatformsCollateral) {
  struct Row {
    const char* vector;
    const char* asked;
  };
  for (const Row& row : {Row{kPlatform, "sgx 6 00606a000000 platform\nsgx freed\n"},
                         Row{kProcessor, "sgx 6 00906ed50000 processor\nsgx freed\n"},
                         Row{kTdx, "tdx 6 b0c06f000000 platform\ntdx freed\n"}}) {
    std::filesystem::remove(log_);
    const VectorCase vector = vector_named(row.vector);
    EXPECT_TRUE(with(FAKE_PROVIDER, "", vector, [&](Arguments& a) {
      EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
      EXPECT_EQ(static_cast<std::uint32_t>(a.result), vector.qv_result);
      EXPECT_EQ(a.status, vector.expiration_status);
    })) << row.vector;
    EXPECT_EQ(log(), row.asked);
  }
}

TEST_F(Provider, IsAskedAnewByEachCallAndLoadedOnce) {
  EXPECT_TRUE(with(FAKE_PROVIDER, "", vector_named(kPlatform), [](Arguments& a) {
    EXPECT_EQ(a.sgx(), SGX_QL_SUCCESS);
    // Too late: the provider is chosen.
    EXPECT_EQ(sgx_qv_set_path(SGX_QV_QPL_PATH, EMPTY_PROVIDER), SGX_QL_SUCCESS);
    EXPECT_EQ(a.tdx(), SGX_QL_SUCCESS);
  }));
  EXPECT_EQ(log(),
            "sgx 6 00606a000000 platform\nsgx freed\n"
            "sgx 6 00606a000000 platform\nsgx freed\n");
}

TEST_F(Provider, FailuresHaveTheirCodes) {
  struct Row {
    const char* library;
    const char* mode;
    quote3_error_t expected;
  };
  const std::string no_library = directory_ / "no-library";
  std::ofstream(no_library) << "no library";
  for (const Row& row : {Row{FAKE_PROVIDER, "fail", SGX_QL_NETWORK_ERROR},
                         Row{FAKE_PROVIDER, "odd", SGX_QL_UNABLE_TO_GET_COLLATERAL},
                         Row{FAKE_PROVIDER, "nothing", SGX_QL_UNABLE_TO_GET_COLLATERAL},
                         Row{FAKE_PROVIDER, "size", SGX_QL_ERROR_INVALID_PARAMETER},
                         Row{EMPTY_PROVIDER, "", SGX_QL_PLATFORM_LIB_UNAVAILABLE},
                         Row{PROVIDER_WITHOUT_FREE, "", SGX_QL_PLATFORM_LIB_UNAVAILABLE},
                         Row{no_library.c_str(), "", SGX_QL_PLATFORM_LIB_UNAVAILABLE}}) {
    EXPECT_TRUE(with(row.library, row.mode, vector_named(kPlatform),
                     [&](Arguments& a) {
                       EXPECT_EQ(a.tee(), row.expected);
                       EXPECT_EQ(a.result, SGX_QL_QV_RESULT_UNSPECIFIED);
                       EXPECT_EQ(a.status, 1U);
                       std::uint8_t* collateral = nullptr;
                       std::uint32_t size = 0;
                       EXPECT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, &size),
                                 row.expected);
                       EXPECT_EQ(collateral, nullptr);
                     }))
        << row.library << ' ' << row.mode;
  }
  // What was taken was given back, also where it was of no use.
  EXPECT_THAT(log(), testing::EndsWith("sgx freed\nsgx 6 00606a000000 platform\nsgx freed\n"));
}

TEST_F(Provider, IsNotAskedForAQuoteThatIsNone) {
  EXPECT_TRUE(
      with(FAKE_PROVIDER, "", vector_named("sgx-v3-cert-type-3-encrypted-ppid"), [](Arguments& a) {
        EXPECT_EQ(a.tee(), SGX_QL_QUOTE_CERTIFICATION_DATA_UNSUPPORTED);
        EXPECT_EQ(a.result, SGX_QL_QV_RESULT_UNSPECIFIED);
      }));
  EXPECT_EQ(log(), "");
}

TEST_F(Provider, GivesCollateralThatOutlivesIt) {
  const VectorCase vector = vector_named(kPlatform);
  EXPECT_TRUE(with(FAKE_PROVIDER, "", vector, [&](Arguments& a) {
    std::uint8_t* collateral = nullptr;
    std::uint32_t size = 0;
    ASSERT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, &size), SGX_QL_SUCCESS);
    EXPECT_EQ(log(), "sgx 6 00606a000000 platform\nsgx freed\n");
    a.documents = reinterpret_cast<const sgx_ql_qve_collateral_t*>(collateral);
    EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
    // Occupied places are not overwritten.
    EXPECT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, &size),
              SGX_QL_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(tee_qv_free_collateral(collateral), SGX_QL_SUCCESS);
    EXPECT_EQ(tee_qv_free_collateral(nullptr), SGX_QL_ERROR_INVALID_PARAMETER);
    collateral = nullptr;
    EXPECT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, nullptr, &size),
              SGX_QL_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, nullptr),
              SGX_QL_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(tee_qv_get_collateral(nullptr, 0, &collateral, &size),
              SGX_QL_ERROR_INVALID_PARAMETER);
  }));
}

// What a provider's CRLs look like is for the provider to choose, and none of it may be lost.
TEST_F(Provider, GivesCollateralWithoutAByteMoreOrLess) {
  const VectorCase vector = vector_named(kPlatform);
  for (std::size_t form = 0; form < kCrlForms; ++form) {
    for (const bool nul_counted : {false, true}) {
      Arguments given(vector);
      for (const std::size_t part : {std::size_t{1}, std::size_t{2}}) {
        const base::Bytes der = vector.collateral().*collateral::kCollateralParts[part].bytes;
        const std::string content = crl_forms(der).at(form);
        given.collateral.replace(part, content, content.size() + (nul_counted ? 1 : 0));
      }
      give(given);
      EXPECT_TRUE(with(FAKE_PROVIDER, nul_counted ? "" : "crl", vector,
                       [&](Arguments& a) {
                         std::uint8_t* collateral = nullptr;
                         std::uint32_t size = 0;
                         ASSERT_EQ(tee_qv_get_collateral(a.quote, a.quote_size, &collateral, &size),
                                   SGX_QL_SUCCESS);
                         SealedCollateral copied(vector.collateral());
                         std::memcpy(&copied.abi, collateral, sizeof(copied.abi));
                         const auto* const begin = reinterpret_cast<const char*>(collateral);
                         for (std::size_t i = 0; i < collateral::kCollateralParts.size(); ++i) {
                           const std::uint32_t expected = given.collateral.size(i);
                           ASSERT_EQ(copied.size(i), expected) << i;
                           ASSERT_GE(copied.place(i), begin) << i;
                           ASSERT_LE(copied.place(i) + expected, begin + size) << i;
                           EXPECT_EQ(std::string(copied.place(i), expected),
                                     std::string(given.collateral.place(i), expected))
                               << i;
                         }
                         a.documents = reinterpret_cast<const sgx_ql_qve_collateral_t*>(collateral);
                         EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
                         EXPECT_EQ(a.result, SGX_QL_QV_RESULT_SW_HARDENING_NEEDED);
                         EXPECT_EQ(tee_qv_free_collateral(collateral), SGX_QL_SUCCESS);
                       }))
          << form << ' ' << nul_counted;
    }
  }
}

struct Identity {
  std::uint8_t* identity = nullptr;
  std::uint32_t identity_size = 0;
  std::uint8_t* chain = nullptr;
  std::uint32_t chain_size = 0;
  std::uint8_t* crl = nullptr;
  std::uint16_t crl_size = 0;

  quote3_error_t get() {
    return sgx_qv_get_qve_identity(&identity, &identity_size, &chain, &chain_size, &crl, &crl_size);
  }
};

TEST_F(Provider, GivesTheQveIdentity) {
  EXPECT_TRUE(with(FAKE_PROVIDER, "", vector_named(kPlatform), [](Arguments& a) {
    Identity i;
    ASSERT_EQ(i.get(), SGX_QL_SUCCESS);
    EXPECT_STREQ(reinterpret_cast<char*>(i.identity), a.collateral.abi.qe_identity);
    EXPECT_EQ(i.identity_size, a.collateral.abi.qe_identity_size);
    EXPECT_EQ(i.chain_size, a.collateral.abi.qe_identity_issuer_chain_size);
    EXPECT_EQ(i.crl_size, a.collateral.abi.root_ca_crl_size + 1);
    EXPECT_EQ(sgx_qv_free_qve_identity(i.identity, i.chain, i.crl), SGX_QL_SUCCESS);
    EXPECT_EQ(sgx_qv_get_qve_identity(nullptr, &i.identity_size, &i.chain, &i.chain_size, &i.crl,
                                      &i.crl_size),
              SGX_QL_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(sgx_qv_get_qve_identity(&i.identity, &i.identity_size, &i.chain, &i.chain_size,
                                      &i.crl, nullptr),
              SGX_QL_ERROR_INVALID_PARAMETER);
  }));
  EXPECT_EQ(log(), "identity freed\ncrl freed\n");
}

TEST_F(Provider, GivesBackHalfAQveIdentity) {
  EXPECT_TRUE(with(FAKE_PROVIDER, "fail", vector_named(kPlatform), [](Arguments&) {
    Identity i;
    EXPECT_EQ(i.get(), SGX_QL_NETWORK_ERROR);
    EXPECT_EQ(i.identity, nullptr);
    EXPECT_EQ(i.crl, nullptr);
  }));
  EXPECT_EQ(log(), "identity freed\n");
}

// The names under which the loader finds it, in a directory that holds nothing else.
TEST_F(Provider, IsFoundUnderBothItsNames) {
  const VectorCase vector = vector_named(kPlatform);
  for (const char* const name : {"libdcap_quoteprov.so.1", "libdcap_quoteprov.so"}) {
    std::filesystem::create_symlink(FAKE_PROVIDER, directory_ / name);
    std::vector<std::string> command = question_of(vector);
    command.resize(3);
    const ProcessResult result =
        run(command,
            {{"LD_LIBRARY_PATH", std::string(LIBRARY_DIRECTORY ":") + directory_.path().string()},
             {"FAKE_PROVIDER_DIRECTORY", QUOTED_VECTORS_DIR "/" + vector.directory},
             {"RP_THREADS", "8"},
             {"RP_ROUNDS", "3"}});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out,
              "tee 0x0000 0xA007 0\nsgx 0x0000 0xA007 0\n"
              "data 17 1710288000 INTEL-SA-00615\n"
              "collateral 0x0000\nwith it 0x0000 0xA007 0\n");
    std::filesystem::remove(directory_ / name);
  }
}

}  // namespace
}  // namespace quoted::test
