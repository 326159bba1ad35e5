#include "quoting/in_process_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "collateral/pck_certificate.h"
#include "crypto/pem.h"
#include "quoting/simulated_platform.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/testing/epc_host.h"
#include "simulation/testing/pck_answers.h"
#include "simulation/testing/quote_checks.h"
#include "simulation/testing/samples.h"
#include "test_support/temp_dir.h"

namespace quoted::quoting {
namespace {

using base::ErrorCode;
using base::Result;
using simulation::test::EpcHost;
using simulation::test::named;
using simulation::test::outcome;
using testing::HasSubstr;

const base::UnixTime kNow = std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);
constexpr std::uint64_t kTwo = simulation::kQeEpc + simulation::kPceEpc;
constexpr std::size_t kAmple = 16384;

// The manufacturer of the development world, until a test says what to answer.
class Provider final : public simulation::PckProvider {
 public:
  [[nodiscard]] Result<simulation::PckCertification> pck_certification(
      const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
      const sgx::CpuSvn& cpu_svn, const simulation::PceInfo& pce_info) const override {
    ++calls;
    if (failure) return base::fail(*failure);
    if (answer) return *answer;
    if (!known) {
      known = simulation::test::pck_answer({qe_id, encrypted_ppid, cpu_svn, pce_info}, kNow);
    }
    return *known;
  }
  std::optional<base::Error> failure;
  std::optional<simulation::PckCertification> answer;
  mutable std::optional<simulation::PckCertification> known;
  mutable int calls = 0;
};

class InProcessPlatformTest : public testing::Test {
 protected:
  void SetUp() override { make_machine(128); }

  void make_machine(std::uint64_t epc, std::uint8_t first_component = 0x0B) const {
    simulation::NodeLevel level = simulation::default_node_state().present;
    level.cpu_svn.mutable_view()[0] = std::byte{first_component};
    const auto provision =
        simulation::provision_for(simulation::MasterSeed::development(), "default", level).value();
    ASSERT_TRUE(simulation::save_provision(file_, provision));
    ASSERT_TRUE(simulation::EpcLedger::create(ledger_, epc));
  }

  // A REPORT by an enclave of the machine as its daemon publishes it.
  [[nodiscard]] static sgx::Report report_for(const sgx::TargetInfo& target) {
    return machine()
        .ereport(simulation::test::app_enclave(), target,
                 simulation::test::counting<sgx::ReportData>(0x40))
        .value();
  }
  [[nodiscard]] static simulation::PlatformCpu machine() {
    const auto made = simulation::manufacture(simulation::MasterSeed::development(),
                                              simulation::default_platform_model())
                          .value();
    return simulation::parse_published_cpu(simulation::serialize_published_cpu(made.cpu)).value();
  }

  // What this process uses as another one sees it: a ledger here would take its locks away.
  [[nodiscard]] std::uint64_t charged() const {
    const pid_t host = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
      const auto usage = simulation::EpcLedger::open(ledger_).value()->usage().value();
      std::uint64_t bytes = 0;
      for (const auto& user : usage.others) {
        if (user.pid == host) bytes += user.bytes;
      }
      ::_exit(static_cast<int>(bytes / simulation::kMebibyte));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? static_cast<std::uint64_t>(WEXITSTATUS(status)) : 255U;
  }

  quoted::test::TempDir dir_;
  std::filesystem::path file_ = dir_ / "simulated-provision";
  std::filesystem::path ledger_ = dir_ / "simulated-epc";
  Provider provider_;
  InProcessPlatform platform_{file_, provider_};
};

TEST_F(InProcessPlatformTest, QuotesWithTheKeyThatTheDaemonOfTheMachineHas) {
  SimulatedPlatformOptions options;
  options.now = kNow;
  options.notice = [](const std::string&) {};
  const auto daemon =
      SimulatedPlatform::create(simulation::MasterSeed::development(), options).value();

  const auto target = platform_.target_info();
  ASSERT_TRUE(target) << target.error().summary();
  EXPECT_TRUE(base::equal(base::struct_bytes(*target),
                          base::struct_bytes(daemon->snapshot()->qe_target_info)));
  const auto size = platform_.quote_size();
  ASSERT_TRUE(size) << size.error().summary();
  const sgx::Report report = report_for(*target);
  const auto made = platform_.quote(report, *size);
  ASSERT_TRUE(made) << made.error().summary();
  EXPECT_EQ(made->size(), *size);

  const auto quote = quote::Quote::parse(*made).value();
  EXPECT_EQ(*quote.report_body(), report.body);
  const auto chain = crypto::parse_pem_chain(base::as_text(quote.certification_data)).value();
  ASSERT_EQ(chain.size(), 3U);
  simulation::test::expect_genuine(quote, chain[0].public_key());
  EXPECT_TRUE(chain[0].signed_by(chain[1].public_key()));
  EXPECT_TRUE(base::equal(quote.signature.qe_report.report_data.view().first(32),
                          daemon->snapshot()->pub_key_id.view()));
}

TEST_F(InProcessPlatformTest, NothingComesBeforeTheTargetInfo) {
  EXPECT_EQ(outcome(platform_.quote_size()), named(ErrorCode::kAttestationKeyNotInitialized));
  EXPECT_EQ(outcome(platform_.quote({}, kAmple)), named(ErrorCode::kAttestationKeyNotInitialized));
  EXPECT_EQ(charged(), 0U);
}

TEST_F(InProcessPlatformTest, RefusesReportsAndBuffersThatDoNotFit) {
  const auto target = platform_.target_info().value();
  const std::uint32_t size = platform_.quote_size().value();
  sgx::Report report = report_for(target);
  EXPECT_EQ(outcome(platform_.quote(report, size - 1)), named(ErrorCode::kQuoteBufferTooSmall));
  EXPECT_EQ(outcome(platform_.quote(report, kAmple)), "OK");
  report.body.isv_svn = 77;
  EXPECT_EQ(outcome(platform_.quote(report, kAmple)), named(ErrorCode::kQeInvalidReport));
  EXPECT_EQ(outcome(platform_.quote(report_for({}), kAmple)), named(ErrorCode::kQeInvalidReport));
}

// ---- Enclave memory

TEST_F(InProcessPlatformTest, PersistentEnclavesStay) {
  const auto target = platform_.target_info().value();
  EXPECT_EQ(charged(), 2U);
  (void)platform_.quote(report_for(target), kAmple);
  EXPECT_EQ(charged(), 2U);
  platform_.set_ephemeral(true);
  EXPECT_EQ(charged(), 0U);
  // The key is kept outside of them.
  EXPECT_EQ(outcome(platform_.quote(report_for(target), kAmple)), "OK");
  EXPECT_EQ(charged(), 0U);
  platform_.set_ephemeral(false);
  EXPECT_EQ(outcome(platform_.quote(report_for(target), kAmple)), "OK");
  EXPECT_EQ(charged(), 2U);
}

TEST_F(InProcessPlatformTest, EphemeralEnclavesGoAfterEachCall) {
  platform_.set_ephemeral(true);
  const auto target = platform_.target_info().value();
  EXPECT_FALSE(platform_.loaded());
  EXPECT_EQ(charged(), 0U);
  EXPECT_EQ(outcome(platform_.quote(report_for(target), kAmple)), "OK");
  EXPECT_EQ(charged(), 0U);
}

TEST_F(InProcessPlatformTest, WithoutEnclaveMemoryNothingIsLoaded) {
  make_machine(3);
  EpcHost other(ledger_, {kTwo});
  ASSERT_TRUE(other.charged());
  const auto refused = platform_.target_info();
  EXPECT_EQ(outcome(refused), named(ErrorCode::kOutOfEpc));
  EXPECT_THAT(refused.error().message(), HasSubstr(std::to_string(other.pid())));
  other.kill();
  EXPECT_EQ(outcome(platform_.target_info()), "OK");
}

// ---- The machine

TEST_F(InProcessPlatformTest, WithoutTheProvisioningRightNothingIsLoaded) {
  std::filesystem::remove(file_);
  const auto refused = platform_.target_info();
  EXPECT_EQ(outcome(refused), named(ErrorCode::kProvisioningRefused));
  EXPECT_THAT(refused.error().message(), HasSubstr(file_.string() + ": No such file"));
  make_machine(128);
  std::filesystem::remove(ledger_);
  EXPECT_EQ(outcome(platform_.target_info()), named(ErrorCode::kProvisioningRefused));
  make_machine(128);
  EXPECT_EQ(outcome(platform_.target_info()), "OK");
}

TEST_F(InProcessPlatformTest, AFileThatIsNoMachineKeepsThePceFromLoading) {
  ASSERT_TRUE(base::write_file(file_, base::as_bytes("format other\n"), 0600));
  const auto refused = platform_.target_info();
  EXPECT_EQ(outcome(refused), named(ErrorCode::kPceInterfaceUnavailable));
  EXPECT_THAT(refused.error().message(), HasSubstr(file_.string()));
  make_machine(128);
  ASSERT_TRUE(base::write_file(ledger_, base::as_bytes("format other\n"), 0600));
  EXPECT_EQ(outcome(platform_.target_info()), named(ErrorCode::kPceInterfaceUnavailable));
}

TEST_F(InProcessPlatformTest, KeepsItsLevelUntilItIsLoadedAgain) {
  const auto target = platform_.target_info().value();
  make_machine(128, 0x0C);
  EXPECT_EQ(outcome(platform_.quote(report_for(target), kAmple)), "OK");
  platform_.set_ephemeral(true);
  EXPECT_EQ(outcome(platform_.quote_size()), named(ErrorCode::kAttestationKeyNotInitialized));
  provider_.known.reset();
  EXPECT_EQ(outcome(platform_.target_info()), "OK");
  // Made on the CPU of before the update.
  EXPECT_EQ(outcome(platform_.quote(report_for(target), kAmple)),
            named(ErrorCode::kQeInvalidReport));
}

TEST_F(InProcessPlatformTest, AnEnclaveFileOfAnotherNameCannotBeLoaded) {
  platform_.set_enclave_file(EnclaveFile::kQe, "/usr/lib/libsgx_qe3.signed.so.1");
  platform_.set_enclave_file(EnclaveFile::kPce, "/usr/lib/libsgx_pce.signed.so.1");
  EXPECT_EQ(outcome(platform_.target_info()), "OK");
  platform_.set_enclave_file(EnclaveFile::kQe, "/etc/passwd");
  // Too late for those that are loaded.
  EXPECT_EQ(outcome(platform_.target_info()), "OK");
  platform_.set_ephemeral(true);
  const auto refused = platform_.target_info();
  EXPECT_EQ(outcome(refused), named(ErrorCode::kEnclaveFileUnusable));
  EXPECT_THAT(refused.error().message(), HasSubstr("/etc/passwd"));
  platform_.set_enclave_file(EnclaveFile::kPce, "/etc/passwd");
  EXPECT_EQ(outcome(platform_.target_info()), named(ErrorCode::kPceInterfaceUnavailable));
  platform_.set_enclave_file(EnclaveFile::kPce, "libsgx_pce.signed.so");
  platform_.set_enclave_file(EnclaveFile::kQe, "libsgx_qe3.signed.so");
  platform_.set_enclave_file(EnclaveFile::kId, "/etc/passwd");
  EXPECT_EQ(outcome(platform_.target_info()), named(ErrorCode::kEnclaveFileUnusable));
}

// ---- The provider

TEST_F(InProcessPlatformTest, ItsErrorsArePassedOn) {
  provider_.failure = base::Error(ErrorCode::kPlatformUnknown, "nobody knows it");
  EXPECT_EQ(outcome(platform_.target_info()), named(ErrorCode::kPlatformUnknown));
  EXPECT_EQ(outcome(platform_.quote_size()), named(ErrorCode::kAttestationKeyNotInitialized));
  provider_.failure.reset();
  const auto target = platform_.target_info().value();
  provider_.failure = base::Error(ErrorCode::kPlatformUnknown, "nobody knows it");
  EXPECT_EQ(outcome(platform_.quote_size()), named(ErrorCode::kPlatformUnknown));
  EXPECT_EQ(outcome(platform_.quote(report_for(target), kAmple)),
            named(ErrorCode::kPlatformUnknown));
}

TEST_F(InProcessPlatformTest, EachCallAsksIt) {
  const auto target = platform_.target_info().value();
  (void)platform_.quote_size();
  (void)platform_.quote(report_for(target), kAmple);
  EXPECT_EQ(provider_.calls, 3);
}

TEST_F(InProcessPlatformTest, WithoutACertificateQuotesCarryTheEncryptedPpid) {
  const simulation::NodeLevel level = simulation::default_node_state().present;
  provider_.answer.emplace();
  provider_.answer->tcb = {level.cpu_svn, level.pce_isv_svn};
  provider_.answer->pce_info.isv_svn = level.pce_isv_svn;
  const auto target = platform_.target_info().value();
  EXPECT_EQ(platform_.quote_size().value(), 1456U);
  const auto made = platform_.quote(report_for(target), kAmple).value();
  EXPECT_EQ(made.size(), 1456U);
  EXPECT_EQ(quote::Quote::parse(made)->certification_type, 3);
}

TEST_F(InProcessPlatformTest, ATcbAboveTheMachineCannotBeCertified) {
  (void)platform_.target_info();
  provider_.answer = provider_.known;
  provider_.answer->tcb.cpu_svn.mutable_view()[0] = std::byte{0xFF};
  EXPECT_EQ(outcome(platform_.quote_size()), named(ErrorCode::kAttestationKeyNotInitialized));
  EXPECT_EQ(outcome(platform_.target_info()), named(ErrorCode::kPceInvalidTcb));
}

TEST_F(InProcessPlatformTest, ACertificateOfAnotherSizeIsTakenUp) {
  const auto target = platform_.target_info().value();
  const std::uint32_t size = platform_.quote_size().value();
  provider_.answer = provider_.known;
  std::string& chain = provider_.answer->chain_pem;
  chain.insert(chain.find("-----BEGIN", 1), "\n\n\n");
  EXPECT_EQ(platform_.quote_size().value(), size + 3);
  EXPECT_EQ(platform_.quote(report_for(target), kAmple)->size(), size + 3);
}

}  // namespace
}  // namespace quoted::quoting
