#include "quoted_inproc/simulated/provider.h"

#include <gmock/gmock.h>

#include <fstream>

#include "drop_in/fork_gate.h"
#include "quoted_inproc/simulated/testing.h"

namespace quoted::inproc {
namespace {

using base::Result;
using simulation::PckCertification;

class InprocProviderTest : public testing::Test {
 protected:
  [[nodiscard]] Result<PckCertification> ask(const Provider& provider) const {
    const drop_in::ForkGate gate;
    return provider.pck_certification({}, {}, level_.cpu_svn, pce_info());
  }
  [[nodiscard]] simulation::PceInfo pce_info() const {
    simulation::PceInfo out;
    out.isv_svn = level_.pce_isv_svn;
    return out;
  }
  [[nodiscard]] PckCertification sample() const {
    PckCertification out;
    out.tcb = {level_.cpu_svn, std::uint16_t{7}};
    out.chain_pem = std::string(2000, 'x');
    return out;
  }
  [[nodiscard]] std::optional<std::uint32_t> number_of(const Result<PckCertification>& answer) {
    return answer ? std::nullopt : answer.error().peer_code();
  }
  // No certificate, at the TCB of the machine.
  void expect_bare(const Result<PckCertification>& answer) const {
    ASSERT_TRUE(answer) << answer.error().summary();
    EXPECT_EQ(answer->chain_pem, "");
    EXPECT_EQ(answer->tcb.cpu_svn, level_.cpu_svn);
    EXPECT_EQ(answer->tcb.isv_svn, level_.pce_isv_svn);
  }

  simulation::NodeLevel level_ = simulation::default_node_state().present;
  quoted::test::TempDir dir_;
  test::FakeProvider fake_;
  Provider provider_;
};

TEST_F(InprocProviderTest, GivesTheCertificateWithItsTcbAndGivesItBack) {
  provider_.set_path(FAKE_PROVIDER);
  fake_.give(sample());
  const auto answer = ask(provider_);
  ASSERT_TRUE(answer) << answer.error().summary();
  EXPECT_EQ(answer->chain_pem, sample().chain_pem);
  EXPECT_EQ(answer->tcb.cpu_svn, level_.cpu_svn);
  EXPECT_EQ(answer->tcb.isv_svn, 7);
  EXPECT_EQ(answer->pce_info.isv_svn, 7);
  EXPECT_EQ(fake_.outstanding(), 0);
  // One that was named is not initialised (quote-generation 7.1).
  EXPECT_FALSE(fake_.initialised());
}

TEST_F(InprocProviderTest, PassesItsErrorsOn) {
  provider_.set_path(FAKE_PROVIDER);
  fake_.give(sample());
  for (const std::uint32_t code : {0xE011U, 0xE019U, 0xE045U, 0xE047U}) {
    fake_.fail(code);
    EXPECT_EQ(number_of(ask(provider_)), code);
  }
  for (const std::uint32_t code : {1U, 0xD002U, 0xE100U, 0xFFFFFFFFU}) {
    fake_.fail(code);
    EXPECT_EQ(number_of(ask(provider_)), 0xE001U) << code;
  }
  fake_.fail(0xE00E);
  expect_bare(ask(provider_));
}

TEST_F(InprocProviderTest, RefusesWhatIsNoCertificate) {
  provider_.set_path(FAKE_PROVIDER);
  PckCertification odd = sample();
  odd.chain_pem.resize(100);
  fake_.give(odd);
  EXPECT_EQ(number_of(ask(provider_)), 0xE010U);
  odd.chain_pem.resize(20'000, 'x');
  fake_.give(odd);
  EXPECT_EQ(number_of(ask(provider_)), 0xE010U);
  fake_.give(sample());
  fake_.version(2);
  EXPECT_EQ(number_of(ask(provider_)), 0xE001U);
  EXPECT_EQ(fake_.outstanding(), 0);
}

TEST_F(InprocProviderTest, WithoutALibraryThereIsNoCertificate) {
  provider_.set_path(dir_ / "missing.so");
  expect_bare(ask(provider_));
  std::ofstream(dir_ / "text.so") << "no library";
  provider_.set_path(dir_ / "text.so");
  expect_bare(ask(provider_));
  // A library of something else.
  Provider foreign;
  foreign.set_path("libz.so.1");
  expect_bare(ask(foreign));
  foreign.set_path("libm.so.6");
  expect_bare(ask(foreign));
}

}  // namespace
}  // namespace quoted::inproc
