#include "simulation/epc/epc_ledger.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "simulation/testing/epc_host.h"
#include "test_support/temp_dir.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::EpcHost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kTwo = kQeEpc + kPceEpc;

class EpcLedgerTest : public testing::Test {
 protected:
  [[nodiscard]] std::shared_ptr<EpcLedger> create(std::uint64_t mebibytes) const {
    return EpcLedger::create(path_, mebibytes).value();
  }

  quoted::test::TempDir dir_;
  std::filesystem::path path_ = dir_ / "simulated-epc";
};

TEST_F(EpcLedgerTest, BeginsEmptyAndOfTheSizeThatWasGiven) {
  const auto usage = create(128)->usage();
  ASSERT_TRUE(usage) << usage.error().summary();
  EXPECT_EQ(usage->size, 128 * kMebibyte);
  EXPECT_EQ(usage->used(), 0U);
  EXPECT_THAT(usage->others, IsEmpty());
  EXPECT_TRUE(usage->complete);
}

TEST_F(EpcLedgerTest, KnowsItsOwnChargesUntilTheyEnd) {
  const auto ledger = create(8);
  {
    const auto first = ledger->charge(kTwo, "one");
    const auto second = ledger->charge(kMebibyte / 2, "two");
    ASSERT_TRUE(first && second);
    EXPECT_EQ(ledger->usage()->own, kTwo + kMebibyte / 2);
    EXPECT_THAT(ledger->usage()->others, IsEmpty());
  }
  EXPECT_EQ(ledger->usage()->own, 0U);
}

TEST_F(EpcLedgerTest, CountsOtherProcessesWhileTheyLive) {
  const auto ledger = create(128);
  const auto own = ledger->charge(kTwo, "the test");
  ASSERT_TRUE(own);
  EpcHost one(path_, {kTwo});
  const EpcHost two(path_, {kQeEpc, kPceEpc, 3 * kMebibyte});
  ASSERT_TRUE(one.charged() && two.charged());
  auto usage = ledger->usage().value();
  EXPECT_EQ(usage.own, kTwo);
  EXPECT_THAT(usage.others,
              ElementsAre(EpcUser{two.pid(), 5 * kMebibyte}, EpcUser{one.pid(), kTwo}));
  EXPECT_EQ(usage.others_bytes, 7 * kMebibyte);

  one.kill();
  usage = ledger->usage().value();
  EXPECT_THAT(usage.others, ElementsAre(EpcUser{two.pid(), 5 * kMebibyte}));
  EXPECT_EQ(usage.used(), 7 * kMebibyte);
}

TEST_F(EpcLedgerTest, FindsEveryOneOfMany) {
  const auto ledger = create(128);
  std::vector<std::unique_ptr<EpcHost>> hosts;
  for (int i = 0; i < 40; ++i) {
    hosts.push_back(std::make_unique<EpcHost>(path_, std::vector<std::uint64_t>{kTwo}));
    ASSERT_TRUE(hosts.back()->charged());
  }
  const auto usage = ledger->usage().value();
  EXPECT_THAT(usage.others, SizeIs(40));
  EXPECT_EQ(usage.others_bytes, 80 * kMebibyte);
}

TEST_F(EpcLedgerTest, RefusesWhatDoesNotFitAndNamesWhoHasIt) {
  const auto ledger = create(5);
  const auto own = ledger->charge(kTwo, "the test");
  const EpcHost other(path_, {kTwo});
  ASSERT_TRUE(own && other.charged());
  const auto refused = ledger->charge(kTwo, "the QE and the PCE");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfEpc);
  EXPECT_EQ(refused.error().entry().native, 0xE012U);
  EXPECT_THAT(refused.error().message(), HasSubstr("of 5 MiB"));
  EXPECT_THAT(refused.error().message(), HasSubstr("this process 2 MiB"));
  EXPECT_THAT(refused.error().message(), HasSubstr(base::text("process ", other.pid(), " (")));
  // What did not fit is not kept.
  EXPECT_EQ(ledger->usage()->own, kTwo);
  EXPECT_TRUE(ledger->charge(kMebibyte, "less"));
  EXPECT_FALSE(EpcHost(path_, {kTwo}).charged());
}

TEST_F(EpcLedgerTest, AnEndedProcessMakesRoom) {
  const auto ledger = create(2);
  EpcHost other(path_, {kTwo});
  ASSERT_TRUE(other.charged());
  EXPECT_FALSE(ledger->charge(kTwo, "the test"));
  other.kill();
  EXPECT_TRUE(ledger->charge(kTwo, "the test"));
}

TEST_F(EpcLedgerTest, AChildNeitherHasNorReleasesTheChargeOfItsParent) {
  const auto ledger = create(128);
  auto own = ledger->charge(kTwo, "the test");
  ASSERT_TRUE(own);
  // The child lets go of all it inherited, as its exit does.
  const pid_t child = ::fork();
  if (child == 0) {
    own->reset();
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const EpcHost reader(path_, {kMebibyte});
  EXPECT_EQ(ledger->usage()->own, kTwo);

  // Seen from another process, the parent alone holds it.
  const pid_t parent = ::getpid();
  const pid_t judge = ::fork();
  if (judge == 0) {
    const auto others = EpcLedger::open(path_).value()->usage().value().others;
    const bool good = others == std::vector<EpcUser>{{parent, kTwo}, {reader.pid(), kMebibyte}};
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(judge, &status, 0), judge);
  EXPECT_EQ(status, 0);
}

TEST_F(EpcLedgerTest, NeedsNoMoreThanToReadTheFile) {
  (void)create(128);
  ASSERT_EQ(::chmod(path_.c_str(), 0444), 0);
  const EpcHost host(path_, {kTwo});
  EXPECT_TRUE(host.charged());
  const auto ledger = EpcLedger::open(path_);
  ASSERT_TRUE(ledger);
  EXPECT_THAT((*ledger)->usage()->others, ElementsAre(EpcUser{host.pid(), kTwo}));
}

TEST_F(EpcLedgerTest, TakesAnotherSizeWithoutLosingItsUsers) {
  (void)create(128);
  const EpcHost host(path_, {kTwo});
  const auto ledger = create(2);
  EXPECT_EQ(ledger->usage()->size, kTwo);
  EXPECT_THAT(ledger->usage()->others, ElementsAre(EpcUser{host.pid(), kTwo}));
  EXPECT_FALSE(ledger->charge(1, "a byte"));
}

TEST_F(EpcLedgerTest, AProcessThatLocksTheWholeFileUsesItAll) {
  const auto ledger = create(128);
  const pid_t hostile = ::fork();
  if (hostile == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = ::open(path_.c_str(), O_RDONLY);
    struct flock all{};
    all.l_type = F_RDLCK;
    ::fcntl(fd, F_SETLK, &all);
    for (;;) ::pause();
  }
  const auto used_up = [&] { return ledger->usage()->used() > 128 * kMebibyte; };
  for (int i = 0; i < 5000 && !used_up(); ++i) ::usleep(1000);
  EXPECT_TRUE(used_up());
  const auto refused = ledger->charge(kTwo, "the test");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfEpc);
  ::kill(hostile, SIGKILL);
  ::waitpid(hostile, nullptr, 0);
  EXPECT_TRUE(ledger->charge(kTwo, "the test"));
}

TEST_F(EpcLedgerTest, RefusesAFileThatIsNone) {
  for (const std::string content :
       {"", "format quoted-simulated-epc-2\nsize_mib 1\n", "format quoted-simulated-epc-1\n",
        "format quoted-simulated-epc-1\nsize_mib 0\n",
        "format quoted-simulated-epc-1\nsize_mib -1\n",
        "format quoted-simulated-epc-1\nsize_mib 1048577\n",
        "format quoted-simulated-epc-1\nsize_mib 99999999999999999999\n", "junk\n"}) {
    ASSERT_TRUE(base::write_file(path_, base::as_bytes(content), 0644));
    const auto ledger = EpcLedger::open(path_);
    ASSERT_TRUE(ledger);
    const auto refused = (*ledger)->charge(kTwo, "the test");
    ASSERT_FALSE(refused) << content;
    EXPECT_EQ(refused.error().code(), ErrorCode::kMalformed) << content;
  }
  ASSERT_TRUE(base::write_file(path_, base::Bytes(2000, std::byte{'#'}), 0644));
  EXPECT_FALSE(EpcLedger::open(path_).value()->usage());
}

TEST_F(EpcLedgerTest, WithoutTheFileTheRightIsMissing) {
  const auto missing = EpcLedger::open(path_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kProvisioningRefused);
  EXPECT_THAT(missing.error().message(), HasSubstr(path_.string()));
  EXPECT_EQ(EpcLedger::open(dir_.path()).error().code(), ErrorCode::kProvisioningRefused);
  EXPECT_EQ(EpcLedger::create(path_, 0).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(EpcLedger::create(path_, kMaxEpcMebibytes + 1).error().code(),
            ErrorCode::kInvalidArgument);
}

TEST(MebibytesText, RoundsUp) {
  EXPECT_EQ(mebibytes_text(0), "0 MiB");
  EXPECT_EQ(mebibytes_text(1), "1 MiB");
  EXPECT_EQ(mebibytes_text(kTwo), "2 MiB");
}

}  // namespace
}  // namespace quoted::simulation
