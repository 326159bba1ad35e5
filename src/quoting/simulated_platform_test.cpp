#include "quoting/simulated_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <latch>
#include <thread>

#include "base/file.h"
#include "collateral/pck_certificate.h"
#include "quote/certification_data.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/cpu/sdk_sim_cpu.h"
#include "simulation/qe3/qe3.h"
#include "simulation/testing/pck_answers.h"
#include "simulation/testing/quote_checks.h"
#include "simulation/testing/samples.h"
#include "test_support/temp_dir.h"

namespace quoted::quoting {
namespace {

using base::ErrorCode;
using base::Result;
using simulation::Secs;
using simulation::test::app_enclave;
using simulation::test::kss_enclave;
using simulation::test::named;
using simulation::test::outcome;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const base::UnixTime kNow = std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);
constexpr Deadline kNoDeadline = Deadline::max();
constexpr std::array kLevels = {simulation::SdkSimLevel::kDowngraded,
                                simulation::SdkSimLevel::kDefault,
                                simulation::SdkSimLevel::kUpgraded};

// KSS, but not CET, which the SDK's simulation mode does not have.
Secs sim_mode_enclave() {
  Secs out = kss_enclave();
  out.cet_attributes = {};
  return out;
}

class SimulatedPlatformTest : public testing::Test {
 protected:
  [[nodiscard]] Result<std::unique_ptr<SimulatedPlatform>> try_create(
      const std::filesystem::path& state_dir, const std::string& name = "default") {
    SimulatedPlatformOptions options;
    options.state_dir = state_dir;
    options.platform_name = name;
    options.now = kNow;
    options.notice = [this](const std::string& message) { notices_.push_back(message); };
    return SimulatedPlatform::create(simulation::MasterSeed::development(), options);
  }
  [[nodiscard]] std::unique_ptr<SimulatedPlatform> create(const std::string& name = "default") {
    return try_create(dir_ / "state", name).value();
  }

  // The answer, given before `quote` returns, exactly once.
  [[nodiscard]] static Result<QuoteOutput> quote(SimulatedPlatform& platform,
                                                 const QuoteRequest& request,
                                                 Deadline deadline = kNoDeadline) {
    std::optional<Result<QuoteOutput>> answer;
    platform.quote(request, deadline, [&answer](Result<QuoteOutput> result) {
      EXPECT_FALSE(answer.has_value());
      answer = std::move(result);
    });
    EXPECT_TRUE(answer.has_value());
    return answer ? std::move(*answer) : base::fail(ErrorCode::kInternal, "no answer");
  }

  [[nodiscard]] static simulation::PlatformCpu published(const SimulatedPlatform& platform) {
    return simulation::parse_published_cpu(platform.published_cpu()).value();
  }

  // A REPORT by `secs` on `cpu` for the platform's QE.
  [[nodiscard]] static sgx::Report report(const SimulatedPlatform& platform,
                                          const simulation::Cpu& cpu,
                                          const Secs& secs = app_enclave()) {
    return cpu
        .ereport(secs, platform.snapshot()->qe_target_info,
                 simulation::test::counting<sgx::ReportData>(0x40))
        .value();
  }

  quoted::test::TempDir dir_;
  std::vector<std::string> notices_;
};

std::vector<crypto::Certificate> chain_of(const quote::Quote& quote) {
  EXPECT_EQ(quote.certification_type, 5);
  return crypto::parse_pem_chain(base::as_text(quote.certification_data)).value();
}

collateral::SgxExtension platform_of(const quote::Quote& quote) {
  return collateral::PckCertificate::create(chain_of(quote).front())->sgx();
}

// Signatures from the report body up to the root, and the report inside.
void expect_good(const base::Bytes& bytes, const sgx::Report& report) {
  const auto quote = quote::Quote::parse(bytes);
  ASSERT_TRUE(quote) << quote.error().summary();
  EXPECT_EQ(*quote->report_body(), report.body);
  const auto chain = chain_of(*quote);
  ASSERT_EQ(chain.size(), 3U);
  simulation::test::expect_genuine(*quote, chain[0].public_key());
  EXPECT_TRUE(chain[0].signed_by(chain[1].public_key()));
  EXPECT_TRUE(chain[1].signed_by(chain[2].public_key()));
  EXPECT_TRUE(chain[2].signed_by(chain[2].public_key()));
  EXPECT_EQ(chain[2].subject_cn(), "Intel SGX Root CA");
  EXPECT_TRUE(collateral::is_marked_simulated(chain[0]));
}

// ---- Snapshot

TEST_F(SimulatedPlatformTest, SnapshotAnswersWithoutAskingThePlatform) {
  const auto platform = create();
  const auto snapshot = platform->snapshot();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->state, CertificationState::kCertified);
  EXPECT_FALSE(snapshot->reason);
  EXPECT_EQ(snapshot->key_id.base, sgx::ecdsa_p256_key_id().base);
  EXPECT_EQ(snapshot->qe_target_info.mr_enclave,
            simulation::simulated_qe_secs(simulation::kSimulatedQeIsvSvn).mr_enclave);
  EXPECT_GT(snapshot->quote_size, quote::kSizeWithoutCertificationData);
  EXPECT_THAT(notices_, IsEmpty());

  const auto made = quote(*platform, {report(*platform, published(*platform)), {}});
  ASSERT_TRUE(made) << made.error().summary();
  EXPECT_EQ(made->quote.size(), snapshot->quote_size);
  const auto parsed = quote::Quote::parse(made->quote).value();
  EXPECT_TRUE(base::equal(snapshot->pub_key_id.view(),
                          parsed.signature.qe_report.report_data.view().first(32)));
}

// ---- Quotes

TEST_F(SimulatedPlatformTest, ReportsOfThePublishedCpuGetGenuineQuotes) {
  const auto platform = create();
  const simulation::PlatformCpu cpu = published(*platform);
  for (const Secs& secs : {app_enclave(), kss_enclave()}) {
    const sgx::Report of_app = report(*platform, cpu, secs);
    const auto made = quote(*platform, {of_app, {}});
    ASSERT_TRUE(made) << made.error().summary();
    EXPECT_FALSE(made->qe_report_info);
    expect_good(made->quote, of_app);
  }
}

TEST_F(SimulatedPlatformTest, ReportsOfTheSdksSimulationModeGetGenuineQuotes) {
  const auto platform = create();
  for (const simulation::SdkSimLevel level : kLevels) {
    const sgx::Report of_app = report(*platform, simulation::SdkSimCpu(level), sim_mode_enclave());
    const auto made = quote(*platform, {of_app, {}});
    ASSERT_TRUE(made) << made.error().summary();
    expect_good(made->quote, of_app);
  }
}

// Own CPU and simulation mode alike; every byte, a different bit in each.
TEST_F(SimulatedPlatformTest, AlteredReportsAreRefused) {
  const auto platform = create();
  const simulation::PlatformCpu own = published(*platform);
  const simulation::SdkSimCpu sdk(simulation::SdkSimLevel::kDefault);
  for (const simulation::Cpu* cpu :
       {static_cast<const simulation::Cpu*>(&own), static_cast<const simulation::Cpu*>(&sdk)}) {
    const sgx::Report good = report(*platform, *cpu);
    for (std::size_t byte = 0; byte < sizeof(good); ++byte) {
      const auto altered = simulation::test::with_bit_flipped(good, byte * 8 + byte % 8);
      EXPECT_EQ(outcome(quote(*platform, {altered, {}})), named(ErrorCode::kQeInvalidReport))
          << byte;
    }
    EXPECT_EQ(outcome(quote(*platform, {good, {}})), "OK");
  }
}

TEST_F(SimulatedPlatformTest, ReportsOfOtherPlatformsAreRefused) {
  const auto platform = create();
  const auto other = try_create(dir_ / "other", "other").value();
  EXPECT_EQ(outcome(quote(*platform, {report(*platform, published(*other)), {}})),
            named(ErrorCode::kQeInvalidReport));
}

// Whoever knows the public constants can MAC anything; only what EREPORT of the simulation mode
// can produce is quoted (sgx-cpu-model 8.6, step 1).
TEST_F(SimulatedPlatformTest, ImpossibleReportsOfTheSimulationModeAreRefused) {
  const auto platform = create();
  const simulation::SdkSimCpu sdk(simulation::SdkSimLevel::kDefault);
  const auto result_of = [&](auto alter) {
    sgx::Report forged = report(*platform, sdk);
    alter(forged.body);
    sgx::KeyRequest request = simulation::test::key_request(sgx::KeyName::kReport);
    request.key_id = forged.key_id;
    const auto key =
        sdk.egetkey(simulation::simulated_qe_secs(simulation::kSimulatedQeIsvSvn), request).value();
    forged.mac =
        sgx::Mac::parse(crypto::aes128_cmac(key, base::struct_bytes(forged.body))->view()).value();
    return outcome(quote(*platform, {forged, {}}));
  };
  const std::string_view refused = named(ErrorCode::kQeInvalidReport);
  EXPECT_EQ(result_of([](sgx::ReportBody&) {}), "OK");
  EXPECT_EQ(result_of([](sgx::ReportBody& b) { b.attributes.flags = 4; }), refused) << "no INIT";
  EXPECT_EQ(result_of([](sgx::ReportBody& b) { b.cet_attributes = std::byte{1}; }), refused);
  EXPECT_EQ(result_of([](sgx::ReportBody& b) { b.reserved1.back() = std::byte{1}; }), refused);
  EXPECT_EQ(result_of([](sgx::ReportBody& b) { b.reserved2.back() = std::byte{1}; }), refused);
  EXPECT_EQ(result_of([](sgx::ReportBody& b) { b.reserved3.back() = std::byte{1}; }), refused);
  EXPECT_EQ(result_of([](sgx::ReportBody& b) { b.reserved4.back() = std::byte{1}; }), refused);
}

TEST_F(SimulatedPlatformTest, QeReportInfoComesBackFilled) {
  const auto platform = create();
  const simulation::PlatformCpu own = published(*platform);
  const simulation::SdkSimCpu sdk(simulation::SdkSimLevel::kUpgraded);
  const Secs app = sim_mode_enclave();
  for (const simulation::Cpu* cpu :
       {static_cast<const simulation::Cpu*>(&own), static_cast<const simulation::Cpu*>(&sdk)}) {
    const sgx::Report of_app = report(*platform, *cpu, app);
    sgx::QeReportInfo info;
    info.nonce = simulation::test::counting<sgx::QuoteNonce>(0x99);
    info.app_enclave_target_info = simulation::test::target_of(app);
    const auto made = quote(*platform, {of_app, info});
    ASSERT_TRUE(made && made->qe_report_info);
    EXPECT_EQ(made->qe_report_info->nonce, info.nonce);
    EXPECT_EQ(made->qe_report_info->app_enclave_target_info, info.app_enclave_target_info);
    const sgx::Report& qe_report = made->qe_report_info->qe_report;
    EXPECT_TRUE(simulation::report_verifies(*cpu, app, qe_report).value());
    EXPECT_FALSE(simulation::report_verifies(*cpu, app_enclave(), qe_report).value());
    EXPECT_EQ(qe_report.body.report_data,
              simulation::test::vouching_for_quote(info.nonce, made->quote));
    EXPECT_EQ(qe_report.body.mr_enclave, platform->snapshot()->qe_target_info.mr_enclave);
    expect_good(made->quote, of_app);
  }
}

TEST_F(SimulatedPlatformTest, PassedDeadlineIsATimeout) {
  const auto platform = create();
  const QuoteRequest request{report(*platform, published(*platform)), {}};
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(quote(*platform, request, now - std::chrono::seconds(1))),
            named(ErrorCode::kPeerTimeout));
  EXPECT_EQ(outcome(quote(*platform, request, Deadline::min())), named(ErrorCode::kPeerTimeout));
  EXPECT_EQ(outcome(quote(*platform, request, now + std::chrono::hours(1))), "OK");
}

TEST_F(SimulatedPlatformTest, ManyThreadsQuoteAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kQuotes = 200;
  const auto platform = create();
  const simulation::PlatformCpu own = published(*platform);
  std::latch start(kThreads);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        const simulation::SdkSimCpu sdk(kLevels[static_cast<std::size_t>(thread) % 3]);
        const simulation::Cpu& cpu =
            thread % 2 == 0 ? static_cast<const simulation::Cpu&>(own) : sdk;
        const QuoteRequest request{report(*platform, cpu), {}};
        start.arrive_and_wait();
        for (int i = 0; i < kQuotes; ++i) {
          const auto made = quote(*platform, request);
          if (made && made->quote.size() == platform->snapshot()->quote_size) ++good;
          if (made && i == kQuotes - 1) expect_good(made->quote, request.report);
        }
      });
    }
  }
  EXPECT_EQ(good, kThreads * kQuotes);
}

// ---- State

TEST_F(SimulatedPlatformTest, RestartKeepsKeyAndCertificates) {
  const auto chain_and_key = [this] {
    const auto platform = create();
    const auto made = quote(*platform, {report(*platform, published(*platform)), {}});
    const auto parsed = quote::Quote::parse(made->quote).value();
    return std::pair(parsed.certification_data, parsed.signature.qe_report_signature);
  };
  EXPECT_EQ(chain_and_key(), chain_and_key());
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(SimulatedPlatformTest, StateDirectoryHoldsBlobAndCertificates) {
  (void)create();
  EXPECT_EQ(std::filesystem::file_size(dir_ / "state" / "ecdsa_data.blob"), simulation::kBlobSize);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "state" / "authority" / "root-ca.pem"));
}

TEST_F(SimulatedPlatformTest, UnusableStateDirectoryIsRefused) {
  {
    std::ofstream(dir_ / "file") << "not a directory";
  }
  for (const std::filesystem::path& path : {dir_ / "file", dir_ / "file" / "state"}) {
    EXPECT_EQ(outcome(try_create(path)), named(ErrorCode::kStateDirectoryUnusable)) << path;
  }
  std::filesystem::create_directory(dir_ / "half");
  {
    std::ofstream(dir_ / "half" / "authority") << "not a directory";
  }
  EXPECT_EQ(outcome(try_create(dir_ / "half")), named(ErrorCode::kStateDirectoryUnusable));
}

TEST_F(SimulatedPlatformTest, DamagedStateIsToldAndRebuilt) {
  const auto before = create()->snapshot()->pub_key_id;
  const auto damage = [this](const std::string& name) {
    ASSERT_TRUE(base::write_file(dir_ / "state" / name, base::as_bytes("damaged"), 0600));
  };
  damage("ecdsa_data.blob");
  damage("authority/root-ca.pem");
  damage("authority/platform-ca.pem");
  const auto platform = create();
  EXPECT_THAT(notices_, SizeIs(3));
  EXPECT_THAT(notices_,
              AllOf(Contains(HasSubstr("attestation key")), Contains(HasSubstr("root-ca.pem")),
                    Contains(HasSubstr("platform-ca.pem"))));
  EXPECT_EQ(platform->snapshot()->pub_key_id, before);
  const sgx::Report of_app = report(*platform, published(*platform));
  expect_good(quote(*platform, {of_app, {}})->quote, of_app);

  notices_.clear();
  (void)create();
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(SimulatedPlatformTest, WithoutAStateDirectoryNothingIsKept) {
  const auto platform = try_create({}).value();
  const sgx::Report of_app = report(*platform, published(*platform));
  expect_good(quote(*platform, {of_app, {}})->quote, of_app);
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(SimulatedPlatformTest, NamesAreMachinesOfOneWorld) {
  const auto quote_of = [this](const std::string& name) {
    const auto platform = try_create(dir_ / name, name).value();
    const auto made = quote(*platform, {report(*platform, published(*platform)), {}});
    return quote::Quote::parse(made->quote).value();
  };
  const quote::Quote one = quote_of("one");
  const quote::Quote two = quote_of("two");
  EXPECT_NE(one.header.user_data, two.header.user_data) << "QE_ID";
  EXPECT_NE(platform_of(one).ppid, platform_of(two).ppid);
  EXPECT_NE(platform_of(one).platform_instance_id, platform_of(two).platform_instance_id);
  EXPECT_NE(one.signature.attestation_key, two.signature.attestation_key);
  EXPECT_EQ(chain_of(one).back().public_key().point(), chain_of(two).back().public_key().point());
  EXPECT_EQ(platform_of(one).fmspc, platform_of(two).fmspc);
}

TEST_F(SimulatedPlatformTest, OtherSeedIsAnotherWorld) {
  const auto own = create();
  SimulatedPlatformOptions options;
  options.now = kNow;
  auto seed = simulation::MasterSeed::parse(base::Bytes(32, std::byte{5})).value();
  const auto other = SimulatedPlatform::create(std::move(seed), options).value();
  const auto root_of = [](SimulatedPlatform& platform) {
    const auto made = quote(platform, {report(platform, published(platform)), {}});
    return chain_of(quote::Quote::parse(made->quote).value()).back().public_key().point();
  };
  EXPECT_NE(root_of(*own), root_of(*other));
}

TEST_F(SimulatedPlatformTest, PublishedCpuHoldsNoFuses) {
  const auto platform = create();
  const simulation::MasterSeed seed = simulation::MasterSeed::development();
  const std::string text(base::as_text(platform->published_cpu()));
  for (const std::string_view secret :
       {"platform default seal fuses", "platform default provisioning secret"}) {
    const auto fuse = seed.derive(secret, crypto::Key128::kSize).value();
    EXPECT_EQ(text.find(base::to_hex(fuse.view())), std::string::npos) << secret;
  }
  EXPECT_EQ(text.find(base::to_hex(base::as_bytes("quoted development seed, public!"))),
            std::string::npos);
}

// ---- Updates of the node, and certification from outside

class UpdatedPlatformTest : public SimulatedPlatformTest {
 protected:
  [[nodiscard]] std::unique_ptr<SimulatedPlatform> certified_from_outside(
      std::chrono::seconds grace = std::chrono::hours(1)) {
    SimulatedPlatformOptions options;
    options.state_dir = dir_ / "state";
    options.now = kNow;
    options.notice = [this](const std::string& message) { notices_.push_back(message); };
    options.certified_from_outside = true;
    options.grace = grace;
    return SimulatedPlatform::create(simulation::MasterSeed::development(), options).value();
  }

  [[nodiscard]] Result<std::unique_ptr<SimulatedPlatform>> in_memory_of(
      const std::shared_ptr<simulation::EpcLedger>& epc) {
    SimulatedPlatformOptions options;
    options.state_dir = dir_ / "state";
    options.now = kNow;
    options.notice = [this](const std::string& message) { notices_.push_back(message); };
    options.grace = std::chrono::hours(1);
    options.epc = epc;
    return SimulatedPlatform::create(simulation::MasterSeed::development(), options);
  }
  [[nodiscard]] std::shared_ptr<simulation::EpcLedger> memory(std::uint64_t mebibytes) const {
    return simulation::EpcLedger::create(dir_ / "simulated-epc", mebibytes).value();
  }
  [[nodiscard]] static std::uint64_t used(const simulation::EpcLedger& epc) {
    return epc.usage().value().own / simulation::kMebibyte;
  }

  [[nodiscard]] static simulation::PckCertification answer(const CertificationQuery& query) {
    return simulation::test::pck_answer(query.pck, kNow);
  }

  void upgrade_node() {
    const auto file = dir_ / "state" / std::string(simulation::kNodeStateFileName);
    auto state = simulation::load_node_state(file).value();
    simulation::NodeLevel level = state.present;
    level.cpu_svn.mutable_view()[0] = std::byte{0x0C};
    level.qe_isv_svn = static_cast<std::uint16_t>(level.qe_isv_svn + 1);
    ASSERT_TRUE(
        simulation::save_node_state(file, simulation::upgraded(state, level, kNow).value()));
  }

  [[nodiscard]] static sgx::CpuSvn certified_at(SimulatedPlatform& platform) {
    const auto made = quote(platform, {report(platform, published(platform)), {}}).value();
    return platform_of(quote::Quote::parse(made.quote).value()).cpu_svn;
  }
};

TEST_F(UpdatedPlatformTest, QuotesNothingBeforeItIsCertified) {
  const auto platform = certified_from_outside();
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kStarting);
  EXPECT_EQ(platform->snapshot()->reason->code(), ErrorCode::kUncertified);
  const sgx::Report of_app = report(*platform, published(*platform));
  EXPECT_EQ(outcome(quote(*platform, {of_app, {}})), named(ErrorCode::kUncertified));

  platform->set_state(CertificationState::kUncertified,
                      base::Error(ErrorCode::kPlatformUnknown, "nobody knows it"));
  EXPECT_EQ(outcome(quote(*platform, {of_app, {}})), named(ErrorCode::kPlatformUnknown));

  const auto queries = platform->queries();
  ASSERT_THAT(queries, SizeIs(1));
  EXPECT_TRUE(platform->certify(queries[0].level, answer(queries[0])).value());
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kCertified);
  EXPECT_FALSE(platform->snapshot()->reason);
  expect_good(quote(*platform, {of_app, {}}).value().quote, of_app);
}

TEST_F(UpdatedPlatformTest, TheSameAnswerAgainChangesNothing) {
  const auto platform = certified_from_outside();
  const auto query = platform->queries()[0];
  const auto certificate = answer(query);
  ASSERT_TRUE(platform->certify(query.level, certificate).value());
  platform->set_state(CertificationState::kStale, base::Error(ErrorCode::kHostNotFound, "no DNS"));
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kStale);
  EXPECT_TRUE(platform->snapshot()->can_quote());
  EXPECT_FALSE(platform->certify(query.level, certificate).value());
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kCertified);
}

TEST_F(UpdatedPlatformTest, FailureLeavesWhatWasCertified) {
  const auto platform = certified_from_outside();
  const auto query = platform->queries()[0];
  ASSERT_TRUE(platform->certify(query.level, answer(query)));
  platform->set_state(CertificationState::kUncertified,
                      base::Error(ErrorCode::kPlatformUnknown, "nobody knows it"));
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kStale);
  EXPECT_EQ(certified_at(*platform), query.level.cpu_svn);
}

TEST_F(UpdatedPlatformTest, ServesTheOldLevelUntilTheNewIsCertifiedAndForTheGraceAfter) {
  const auto platform = certified_from_outside();
  const auto old_query = platform->queries()[0];
  ASSERT_TRUE(platform->certify(old_query.level, answer(old_query)));
  const auto old_snapshot = platform->snapshot();
  const auto old_cpu = published(*platform);
  const sgx::Report old_report = report(*platform, old_cpu);

  EXPECT_FALSE(platform->follow_node_state().value());
  upgrade_node();
  EXPECT_TRUE(platform->follow_node_state().value());
  EXPECT_EQ(certified_at(*platform), old_query.level.cpu_svn);

  const auto queries = platform->queries();
  ASSERT_FALSE(queries.empty());
  EXPECT_NE(queries[0].level, old_query.level);
  EXPECT_EQ(queries[0].pck.qe_id, old_query.pck.qe_id);
  ASSERT_TRUE(platform->certify(queries[0].level, answer(queries[0])).value());
  EXPECT_EQ(certified_at(*platform), queries[0].level.cpu_svn);
  EXPECT_NE(platform->snapshot()->pub_key_id, old_snapshot->pub_key_id);
  EXPECT_NE(platform->snapshot()->qe_target_info.mr_enclave,
            old_snapshot->qe_target_info.mr_enclave);

  // A client that initialised before comes with the old QE's REPORT and the old size.
  const auto late =
      quote(*platform,
            {.report = old_report, .qe_report_info = {}, .max_size = old_snapshot->quote_size});
  ASSERT_TRUE(late) << late.error().summary();
  expect_good(late->quote, old_report);
  EXPECT_EQ(platform_of(quote::Quote::parse(late->quote).value()).cpu_svn, old_query.level.cpu_svn);

  platform->retire(std::chrono::steady_clock::now());
  EXPECT_EQ(outcome(quote(*platform, {old_report, {}})), "OK");
  platform->retire(std::chrono::steady_clock::now() + std::chrono::hours(2));
  EXPECT_EQ(outcome(quote(*platform, {old_report, {}})), named(ErrorCode::kQeInvalidReport));
  EXPECT_EQ(certified_at(*platform), queries[0].level.cpu_svn);
}

TEST_F(UpdatedPlatformTest, StillQuotesForTheSizeThatItNamedBefore) {
  const auto platform = certified_from_outside();
  const auto query = platform->queries()[0];
  auto certificate = answer(query);
  ASSERT_TRUE(platform->certify(query.level, certificate));
  const std::uint32_t size = platform->snapshot()->quote_size;
  // A certificate that came out longer.
  certificate.chain_pem.insert(certificate.chain_pem.find("-----BEGIN", 1), "\n\n\n");
  ASSERT_TRUE(platform->certify(query.level, certificate).value());
  EXPECT_EQ(platform->snapshot()->quote_size, size + 3);
  EXPECT_EQ(platform->snapshot()->previous_quote_size, size);
  const QuoteRequest request{
      .report = report(*platform, published(*platform)), .qe_report_info = {}, .max_size = size};
  EXPECT_EQ(quote(*platform, request)->quote.size(), size);
  QuoteRequest smaller = request;
  smaller.max_size = size - 1;
  EXPECT_EQ(outcome(quote(*platform, smaller)), named(ErrorCode::kQuoteBufferTooSmall));
}

TEST_F(UpdatedPlatformTest, ARestartInTheMiddleOfAnUpdateKnowsBothLevels) {
  {
    const auto platform = certified_from_outside();
    const auto query = platform->queries()[0];
    ASSERT_TRUE(platform->certify(query.level, answer(query)));
  }
  upgrade_node();
  const auto platform = certified_from_outside();
  const auto queries = platform->queries();
  ASSERT_THAT(queries, SizeIs(2));
  ASSERT_TRUE(platform->certify(queries[1].level, answer(queries[1])).value());
  EXPECT_EQ(certified_at(*platform), queries[1].level.cpu_svn);
  ASSERT_TRUE(platform->certify(queries[0].level, answer(queries[0])).value());
  EXPECT_EQ(certified_at(*platform), queries[0].level.cpu_svn);
}

TEST_F(UpdatedPlatformTest, AnAnswerForThePreviousLevelComesSecondWheneverItComes) {
  {
    const auto platform = certified_from_outside();
    const auto query = platform->queries()[0];
    ASSERT_TRUE(platform->certify(query.level, answer(query)));
  }
  upgrade_node();
  const auto platform = certified_from_outside();
  const auto queries = platform->queries();
  ASSERT_THAT(queries, SizeIs(2));
  ASSERT_TRUE(platform->certify(queries[0].level, answer(queries[0])).value());
  ASSERT_TRUE(platform->certify(queries[1].level, answer(queries[1])).value());
  EXPECT_EQ(certified_at(*platform), queries[0].level.cpu_svn);
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kCertified);
}

TEST_F(UpdatedPlatformTest, IsStaleWhileOnlyThePreviousLevelIsCertified) {
  const auto platform = certified_from_outside();
  const auto old_query = platform->queries()[0];
  const auto old_answer = answer(old_query);
  ASSERT_TRUE(platform->certify(old_query.level, old_answer));
  upgrade_node();
  ASSERT_TRUE(platform->follow_node_state().value());
  platform->set_state(CertificationState::kUncertified,
                      base::Error(ErrorCode::kNoPckForTcb, "nobody has one"));
  EXPECT_FALSE(platform->certify(old_query.level, old_answer).value());
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kStale);
  EXPECT_EQ(platform->snapshot()->reason->code(), ErrorCode::kNoPckForTcb);
}

TEST_F(UpdatedPlatformTest, ItsOwnManufacturerFollowsTheNode) {
  const auto platform = create();
  const auto before = certified_at(*platform);
  upgrade_node();
  EXPECT_TRUE(platform->follow_node_state().value());
  EXPECT_NE(certified_at(*platform), before);
}

// ---- Enclave memory

TEST_F(UpdatedPlatformTest, EachLevelThatIsHostedUsesEnclaveMemory) {
  const auto epc = memory(128);
  {
    const auto platform = in_memory_of(epc).value();
    EXPECT_EQ(used(*epc), 2U);
    upgrade_node();
    ASSERT_TRUE(platform->follow_node_state().value());
    EXPECT_EQ(used(*epc), 4U);
    platform->retire(std::chrono::steady_clock::now());
    EXPECT_EQ(used(*epc), 4U);
    platform->retire(std::chrono::steady_clock::now() + std::chrono::hours(2));
    EXPECT_EQ(used(*epc), 2U);
  }
  EXPECT_EQ(used(*epc), 0U);
}

TEST_F(UpdatedPlatformTest, DoesNotBeginWithoutEnclaveMemory) {
  const auto epc = memory(1);
  const auto refused = in_memory_of(epc);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfEpc);
  EXPECT_EQ(used(*epc), 0U);
}

TEST_F(UpdatedPlatformTest, AnUpdateWaitsForEnclaveMemoryAndTheOldLevelServes) {
  const auto epc = memory(4);
  const auto platform = in_memory_of(epc).value();
  const auto before = certified_at(*platform);
  auto other = epc->charge(simulation::kMebibyte, "another enclave");
  ASSERT_TRUE(other);
  upgrade_node();
  const auto refused = platform->follow_node_state();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfEpc);
  EXPECT_EQ(certified_at(*platform), before);
  EXPECT_EQ(used(*epc), 3U);
  other->reset();
  EXPECT_TRUE(platform->follow_node_state().value());
  EXPECT_NE(certified_at(*platform), before);
}

TEST_F(UpdatedPlatformTest, ARestartInTheMiddleOfAnUpdateDoesWithOneLevelWhereMemoryIsScarce) {
  (void)create();
  upgrade_node();
  const auto epc = memory(3);
  const auto platform = in_memory_of(epc).value();
  EXPECT_TRUE(platform->snapshot()->can_quote());
  EXPECT_EQ(used(*epc), 2U);
  EXPECT_THAT(notices_, Contains(HasSubstr("before the last update is not loaded")));
}

TEST_F(UpdatedPlatformTest, AnswersOfAnotherTimeAreIgnored) {
  const auto platform = certified_from_outside();
  auto query = platform->queries()[0];
  const auto certificate = answer(query);
  query.level.qe_isv_svn = 1;
  EXPECT_FALSE(platform->certify(query.level, certificate).value());
  EXPECT_FALSE(platform->snapshot()->can_quote());
}

// Genuine, at the same level, and of no use: quotes made with it verify nowhere.
TEST_F(UpdatedPlatformTest, ACertificateOfAnotherPlatformIsRefused) {
  const auto platform = certified_from_outside();
  const auto query = platform->queries()[0];
  const auto other = create("other");
  const auto made = quote(*other, {report(*other, published(*other)), {}}).value();
  auto certificate = answer(query);
  const auto parsed = quote::Quote::parse(made.quote).value();
  certificate.chain_pem = std::string(base::as_text(parsed.certification_data));
  const auto refused = platform->certify(query.level, certificate);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kPckSelectionFailed);
  EXPECT_FALSE(platform->snapshot()->can_quote());
}

TEST_F(UpdatedPlatformTest, ACertificateAboveTheNodeIsRefused) {
  const auto platform = certified_from_outside();
  const auto query = platform->queries()[0];
  auto certificate = answer(query);
  certificate.tcb.cpu_svn.mutable_view()[0] = std::byte{0xFF};
  EXPECT_FALSE(platform->certify(query.level, certificate));
  EXPECT_FALSE(platform->snapshot()->can_quote());
}

}  // namespace
}  // namespace quoted::quoting
