#include "certification/store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "certification/testing/recording_observer.h"
#include "test_support/temp_dir.h"

namespace quoted::certification {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::shared_ptr<const CacheRecord> record(const std::string& key, std::size_t size = 100) {
  CacheRecord out;
  out.key = key;
  out.source = "a source";
  out.body = base::Bytes(size, std::byte{7});
  return std::make_shared<const CacheRecord>(std::move(out));
}

class StoreTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(directory)) out.push_back(entry.path());
    return out;
  }
  void make_older(const fs::path& path, std::chrono::hours by) const {
    fs::last_write_time(path, fs::file_time_type::clock::now() - by);
  }

  test::TempDir dir;
  fs::path directory = dir / "cache";
  testing::RecordingObserver observer;
};

TEST_F(StoreTest, GivesBackWhatItWasGiven) {
  Store store(directory, observer);
  EXPECT_FALSE(store.load("a"));
  store.save(record("a"));
  store.save(record("b", 200));
  EXPECT_EQ(store.load("a"), *record("a"));
  EXPECT_EQ(store.load("b"), *record("b", 200));
  EXPECT_THAT(store.keys(), UnorderedElementsAre("a", "b"));
  store.remove("b");
  store.remove("c");
  EXPECT_FALSE(store.load("b"));
  store.save(record("a", 3));
  EXPECT_EQ(Store(directory, observer).load("a"), *record("a", 3));
  EXPECT_THAT(observer.take(), IsEmpty());
}

TEST_F(StoreTest, OnlyTheOwnerReadsIt) {
  const mode_t before = ::umask(0);
  Store(directory, observer).save(record("a"));
  EXPECT_EQ(fs::status(directory).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(files().front()).permissions(), fs::perms(0600));
  fs::remove_all(directory);
  ::umask(0777);
  Store(directory, observer).save(record("a"));
  ::umask(before);
  EXPECT_EQ(fs::status(directory).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(files().front()).permissions(), fs::perms(0600));
}

TEST_F(StoreTest, DamageIsToldAndRemoved) {
  Store store(directory, observer);
  store.save(record("a"));
  const fs::path file = files().front();
  std::ofstream(file, std::ios::binary | std::ios::app) << 'x';
  EXPECT_FALSE(store.load("a"));
  EXPECT_THAT(observer.take(), ElementsAre("damaged: CACHE_DAMAGED"));
  EXPECT_THAT(observer.damaged_files(), ElementsAre(file.string()));
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_FALSE(store.load("a"));
  EXPECT_THAT(observer.take(), IsEmpty());
}

TEST_F(StoreTest, AnotherDocumentsFileIsDamage) {
  Store store(directory, observer);
  store.save(record("a"));
  const fs::path a = files().front();
  store.save(record("b"));
  const auto all = files();
  const fs::path b = all[0] == a ? all[1] : all[0];
  fs::rename(b, a);
  EXPECT_FALSE(store.load("a"));
  EXPECT_THAT(observer.take(), ElementsAre("damaged: CACHE_DAMAGED"));
}

TEST_F(StoreTest, OtherThingsInAFilesPlaceAreNotFollowed) {
  Store store(directory, observer);
  store.save(record("a"));
  const fs::path file = files().front();
  fs::rename(file, dir / "elsewhere");
  fs::create_symlink(dir / "elsewhere", file);
  EXPECT_FALSE(store.load("a"));
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_FALSE(store.load("a"));
  EXPECT_THAT(observer.take(), ElementsAre("damaged: CACHE_DAMAGED", "damaged: CACHE_DAMAGED"));
  store.save(record("a"));
  EXPECT_TRUE(store.load("a"));
}

TEST_F(StoreTest, MakesRoomByWhatWasNotUsedLongest) {
  Store store(directory, observer, {.bytes = 1000, .files = 3});
  store.save(record("a"));
  const fs::path a = files().front();
  store.save(record("b"));
  store.save(record("c"));
  for (const fs::path& file : files()) make_older(file, std::chrono::hours(2));
  make_older(a, std::chrono::hours(5));
  EXPECT_TRUE(store.load("a"));  // and so it was used
  store.save(record("d"));
  EXPECT_EQ(files().size(), 3U);
  EXPECT_TRUE(store.load("a"));
  EXPECT_TRUE(store.load("d"));
  store.save(record("e", 800));
  EXPECT_EQ(files().size(), 1U);
  EXPECT_TRUE(store.load("e"));
}

TEST_F(StoreTest, LeavesForeignFilesAloneAndDeadWritersFilesNot) {
  Store store(directory, observer);
  store.save(record("a"));
  const fs::path abandoned = files().front().string() + ".Xy12Zz";
  const fs::path foreign = directory / "foreign.cert";
  std::ofstream(abandoned) << "half";
  std::ofstream(foreign) << "whole";
  store.save(record("b"));
  EXPECT_TRUE(fs::exists(abandoned)) << "somebody may be writing it now";
  make_older(abandoned, std::chrono::hours(2));
  make_older(foreign, std::chrono::hours(2000));
  store.save(record("c"));
  EXPECT_FALSE(fs::exists(abandoned));
  EXPECT_TRUE(fs::exists(foreign));
  EXPECT_THAT(store.keys(), UnorderedElementsAre("a", "b", "c"));
}

TEST_F(StoreTest, WithoutADirectoryNothingIsKept) {
  Store store({}, observer);
  store.save(record("a"));
  EXPECT_FALSE(store.load("a"));
  EXPECT_THAT(store.keys(), IsEmpty());
  EXPECT_THAT(observer.take(), IsEmpty());
}

// ---- A directory that cannot be used

TEST_F(StoreTest, AFileInTheDirectorysPlaceIsToldOnceAndSurvived) {
  std::ofstream(directory) << "not a directory";
  Store store(directory, observer);
  EXPECT_THAT(observer.take(), ElementsAre("degraded"));
  store.save(record("a"));
  store.save(record("b"));
  EXPECT_THAT(observer.take(), IsEmpty());
  fs::remove(directory);
  store.retry();
  EXPECT_THAT(observer.take(), ElementsAre("recovered"));
  EXPECT_THAT(store.keys(), UnorderedElementsAre("a", "b")) << "what could not be written then";
}

TEST_F(StoreTest, AVanishedDirectoryIsMadeAgain) {
  Store store(directory, observer);
  store.save(record("a"));
  fs::remove_all(directory);
  EXPECT_FALSE(store.load("a"));
  store.save(record("b"));
  EXPECT_TRUE(store.load("b"));
  EXPECT_THAT(observer.take(), IsEmpty());
}

TEST_F(StoreTest, AVanishedParentIsToldAndSurvived) {
  const fs::path parent = dir / "parent";
  fs::create_directory(parent);
  Store store(parent / "cache", observer);
  fs::remove_all(parent);
  store.save(record("a"));
  EXPECT_THAT(observer.take(), ElementsAre("degraded"));
  fs::create_directory(parent);
  store.save(record("b"));
  EXPECT_THAT(observer.take(), ElementsAre("recovered"));
  EXPECT_THAT(store.keys(), UnorderedElementsAre("a", "b"));
}

// Writes of more than some bytes fail in the middle, as on a full disk.
void limit_files(rlim_t size) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{size, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_F(StoreTest, AFullDiskIsToldAndSurvived) {
  const auto scenario = [this] {
    Store store(directory, observer);
    limit_files(64);
    store.save(record("a"));
    const bool told = observer.take() == std::vector<std::string>{"degraded"};
    const bool no_trace = files().empty();
    limit_files(RLIM_INFINITY);
    store.retry();
    const bool recovered = observer.take() == std::vector<std::string>{"recovered"};
    std::_Exit(told && no_trace && recovered && store.load("a") ? 0 : 1);
  };
  EXPECT_EXIT(scenario(), ::testing::ExitedWithCode(0), "");
}

TEST_F(StoreTest, AFileThatCannotBeReadNowIsToldAndLeftThere) {
  const auto scenario = [this] {
    Store store(directory, observer);
    store.save(record("a"));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const bool found = store.load("a").has_value();
    ::setrlimit(RLIMIT_NOFILE, &before);
    const bool told = observer.take() == std::vector<std::string>{"damaged: FILE_UNREADABLE"};
    std::_Exit(!found && told && store.load("a") ? 0 : 1);
  };
  EXPECT_EXIT(scenario(), ::testing::ExitedWithCode(0), "");
}

TEST_F(StoreTest, AFileOfImpossibleSizeIsDamage) {
  Store store(directory, observer);
  store.save(record("a"));
  fs::resize_file(files().front(), kMaxCacheFile + 1);
  EXPECT_FALSE(store.load("a"));
  EXPECT_THAT(observer.take(), ElementsAre("damaged: CACHE_DAMAGED"));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(StoreTest, AReadOnlyDirectoryIsReadAndOtherwiseDoneWithout) {
  Store(directory, observer).save(record("a"));
  fs::permissions(dir.path(), fs::perms(0755));
  const auto scenario = [this] {
    // To root permissions are nothing.
    fs::permissions(files().front(), fs::perms(0644));
    fs::permissions(directory, fs::perms(0555));
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) std::_Exit(2);
    Store store(directory, observer);
    const bool read = store.load("a").has_value();
    store.save(record("b"));
    store.save(record("c"));
    const bool told = observer.take() == std::vector<std::string>{"degraded"};
    std::_Exit(read && told && !store.load("b") ? 0 : 1);
  };
  EXPECT_EXIT(scenario(), ::testing::ExitedWithCode(0), "");
  fs::permissions(directory, fs::perms::owner_all);
}

// ---- Several at once

TEST_F(StoreTest, ReadersNeverSeeHalfAFile) {
  constexpr int kRounds = 60;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&, writer] {
      testing::RecordingObserver own;
      Store store(directory, own);
      for (int i = 0; i < kRounds; ++i) {
        store.save(record("a", static_cast<std::size_t>(1000 * (i % 50) + writer)));
      }
      EXPECT_THAT(own.take(), IsEmpty());
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      Store store(directory, observer);
      for (int i = 0; i < 5 * kRounds; ++i) (void)store.load("a");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(observer.take(), IsEmpty());
  EXPECT_EQ(files().size(), 1U);
}

}  // namespace
}  // namespace quoted::certification
