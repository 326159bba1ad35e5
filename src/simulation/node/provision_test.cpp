#include "simulation/node/provision.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "simulation/qe3/qe3.h"
#include "simulation/testing/samples.h"
#include "test_support/temp_dir.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

Provision sample() {
  return provision_for(MasterSeed::development(), "node-7", default_node_state().present).value();
}

std::string sample_text() {
  return std::string(base::as_text(serialize_provision(sample()).view()));
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

TEST(Provision, SurvivesTheFile) {
  const quoted::test::TempDir dir;
  const auto path = dir / "simulated-provision";
  Provision before = sample();
  before.model.pck_ca = PckCa::kProcessor;
  before.model.sgx_type = collateral::SgxType::kStandard;
  ASSERT_TRUE(save_provision(path, before));
  const auto after = load_provision(path);
  ASSERT_TRUE(after) << after.error().summary();
  EXPECT_EQ(after->model.name, "node-7");
  EXPECT_EQ(after->model.pck_ca, PckCa::kProcessor);
  EXPECT_EQ(after->model.sgx_type, collateral::SgxType::kStandard);
  EXPECT_EQ(after->level(), before.level());
  EXPECT_TRUE(base::equal(serialize_provision(*after).view(), serialize_provision(before).view()));
}

TEST(Provision, IsTheMachineThatTheManufacturerKnows) {
  const Provision provision = sample();
  const auto machine = assemble(provision.model, provision.secrets).value();
  const auto known = manufacture(MasterSeed::development(), provision.model).value();
  EXPECT_EQ(machine.ppid, known.ppid);
  // A REPORT made on one is one made on the other.
  const Secs qe = simulated_qe_secs(provision.qe_isv_svn);
  sgx::TargetInfo target;
  target.mr_enclave = qe.mr_enclave;
  target.attributes = qe.attributes;
  const auto report = known.cpu.ereport(test::app_enclave(), target, {}).value();
  EXPECT_TRUE(report_verifies(machine.cpu, qe, report).value());
}

TEST(Provision, HoldsNothingOfOtherMachinesAndNotTheSeed) {
  const std::string text = sample_text();
  EXPECT_THAT(text, HasSubstr("SIMULATED-NO-SECURITY"));
  EXPECT_EQ(text.find("quoted development seed"), std::string::npos);
  EXPECT_EQ(text.find(base::to_hex(base::as_bytes("quoted development seed, public!"))),
            std::string::npos);
  const auto other =
      provision_for(MasterSeed::development(), "node-8", default_node_state().present).value();
  EXPECT_EQ(text.find(base::to_hex(other.secrets.fuses.seal.view())), std::string::npos);
  EXPECT_EQ(text.find(base::to_hex(other.secrets.fuses.provisioning.view())), std::string::npos);
}

TEST(Provision, NamesTheLineAtFault) {
  const std::string good = sample_text();
  struct Case {
    std::string from;
    std::string to;
    std::string named;
  };
  for (const Case& one :
       std::vector<Case>{{"provision-1", "provision-2", "format"},
                         {"platform node-7", "platform ../etc", "line 4"},
                         {"fmspc ff", "fmspc fg", "line 5"},
                         {"sgx_type scalable", "sgx_type other", "line 6"},
                         {"pck_ca platform", "pck_ca nobody", "line 7"},
                         {"cpu_svn 0b", "cpu_svn ", "line 8"},
                         {"pce_isv_svn 13", "pce_isv_svn 65536", "line 9"},
                         {"pce_isv_svn 13", "pce_isv_svn 013", "line 9"},
                         {"qe_isv_svn 8", "qe_isv_svn -8", "line 10"},
                         {"qe_isv_svn 8", "qe_isv_svn ", "line 10"},
                         {"qe_isv_svn 8", "qe_isv_svn 8\nqe_isv_svn 8", "line 11"},
                         {"seal_fuses ", "seal_fuses 00", "line 12"},
                         {"provisioning_fuses ", "provisioning_fuses zz", "line 13"},
                         {"owner_epoch ", "unknown ", "line 11"},
                         {"qe_isv_svn 8\n", "", "lacks qe_isv_svn"}}) {
    std::string bad = good;
    bad.replace(bad.find(one.from), one.from.size(), one.to);
    const auto read = parse_provision(base::as_bytes(bad));
    ASSERT_FALSE(read) << one.to;
    EXPECT_EQ(read.error().code(), ErrorCode::kMalformed) << one.to;
    EXPECT_THAT(read.error().message(), HasSubstr(one.named)) << one.to;
  }
}

TEST(Provision, EveryTruncationIsRefused) {
  const std::string good = sample_text();
  for (std::size_t size = 0; size + 1 < good.size(); ++size) {
    EXPECT_FALSE(parse_provision(base::as_bytes(good).first(size))) << size;
  }
  EXPECT_FALSE(parse_provision(base::Bytes(4096, std::byte{'\n'})));
}

TEST(Provision, CannotBeReadIsTheRightMissing) {
  const quoted::test::TempDir dir;
  const auto path = dir / "simulated-provision";
  const auto missing = load_provision(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kProvisioningRefused);
  EXPECT_EQ(missing.error().entry().native, 0xE00DU);
  EXPECT_THAT(missing.error().message(), HasSubstr(path.string() + ": No such file or directory"));
  EXPECT_EQ(load_provision(dir.path()).error().code(), ErrorCode::kProvisioningRefused);
  ASSERT_TRUE(base::write_file(path, base::Bytes(5000), 0600));
  EXPECT_EQ(load_provision(path).error().code(), ErrorCode::kMalformed);
}

TEST(Provision, IsForItsOwnerUntilAnOperatorSaysOtherwise) {
  const quoted::test::TempDir dir;
  const auto path = dir / "simulated-provision";
  ASSERT_TRUE(save_provision(path, sample()));
  EXPECT_EQ(mode_of(path), 0600U);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_TRUE(save_provision(path, sample()));
  EXPECT_EQ(mode_of(path), 0640U);
  EXPECT_FALSE(std::filesystem::exists(dir / "simulated-provision.next"));
  EXPECT_FALSE(save_provision(dir / "missing" / "simulated-provision", sample()));
}

}  // namespace
}  // namespace quoted::simulation
