#include "certification/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <numeric>

#include "base/file.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace quoted::certification {
namespace {

namespace fs = std::filesystem;

using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;

constexpr std::string_view kSuffix = ".cert";
constexpr std::size_t kNameSize = 2 * crypto::Sha256::kSize + kSuffix.size();
// A name of a file that is being written ends in a dot and six characters more (base::write_file).
constexpr std::size_t kTemporaryNameSize = kNameSize + 7;
// Nobody writes for so long: its writer is dead.
constexpr auto kAbandoned = std::chrono::hours(1);

bool is_name(std::string_view name) {
  return name.size() == kNameSize && name.ends_with(kSuffix) &&
         name.find_first_not_of("0123456789abcdef") == kNameSize - kSuffix.size();
}

bool is_temporary_name(std::string_view name) {
  return name.size() == kTemporaryNameSize && name[kNameSize] == '.' &&
         is_name(name.substr(0, kNameSize));
}

// Somebody may have put a million there; what is left is found after these have been removed.
constexpr std::size_t kMaxFound = 65536;

struct Found {
  fs::path path;
  std::size_t size = 0;
  fs::file_time_type used;
};

// The files of the cache; those that others make or remove meanwhile may be missing.
std::vector<Found> find_files(const fs::path& directory) {
  std::vector<Found> out;
  std::error_code error;
  const auto abandoned = fs::file_time_type::clock::now() - kAbandoned;
  for (fs::directory_iterator at(directory, error), end;
       !error && at != end && out.size() < kMaxFound; at.increment(error)) {
    const std::string name = at->path().filename();
    std::error_code gone;
    Found file{at->path(), 0, at->last_write_time(gone)};
    if (gone) continue;
    if (is_temporary_name(name)) {
      if (file.used < abandoned) fs::remove(file.path, gone);
      continue;
    }
    if (!is_name(name)) continue;
    const auto size = at->file_size(gone);
    file.size = gone ? 0 : static_cast<std::size_t>(size);
    out.push_back(std::move(file));
  }
  return out;
}

Status cannot(std::string_view what, const fs::path& path, int error) {
  return fail(ErrorCode::kCacheUnusable,
              text(what, " ", path.string(), ": ", base::errno_text(error)));
}

}  // namespace

Store::Store(fs::path directory, ServiceObserver& observer, StoreLimits limits)
    : directory_(std::move(directory)), observer_(observer), limits_(limits) {
  if (directory_.empty()) return;
  if (const Status usable = prepare_directory(); !usable) {
    set_degraded(true, usable.error().summary());
  }
}

fs::path Store::path_of(std::string_view key) const {
  const auto digest = crypto::sha256(base::as_bytes(key));
  return directory_ / text(digest ? digest->hex() : std::string(), kSuffix);
}

Status Store::prepare_directory() const {
  constexpr mode_t kOwnerOnly = 0700;
  if (::mkdir(directory_.c_str(), kOwnerOnly) == 0) {
    // A umask may have taken away our own permissions.
    if (::chmod(directory_.c_str(), kOwnerOnly) != 0) return cannot("chmod", directory_, errno);
    return {};
  }
  const int error = errno;
  struct stat info{};
  if (::stat(directory_.c_str(), &info) != 0) return cannot("mkdir", directory_, error);
  if (!S_ISDIR(info.st_mode)) return cannot("mkdir", directory_, ENOTDIR);
  return {};
}

std::optional<CacheRecord> Store::load(std::string_view key) {
  if (directory_.empty()) return std::nullopt;
  const fs::path path = path_of(key);
  auto record = load_file(path);
  if (!record) return std::nullopt;
  if (record->key != key) {
    remove_damaged(path, {ErrorCode::kCacheDamaged, "the file is that of another document"});
    return std::nullopt;
  }
  mark_used(key);
  return record;
}

std::optional<CacheRecord> Store::load_file(const fs::path& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode)) {
    remove_damaged(path, {ErrorCode::kCacheDamaged, "it is not a regular file"});
    return std::nullopt;
  }
  const auto content = base::read_file(path, kMaxCacheFile);
  if (!content) {
    // Between the two calls another process may have removed it.
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    if (content.error().code() == ErrorCode::kWrongSize) {
      remove_damaged(path, {ErrorCode::kCacheDamaged, content.error().message()});
    } else {
      // Too many open files, or a disk in trouble: the file may be good, and readable in a moment.
      observer_.cache_damaged(path.string(), content.error());
    }
    return std::nullopt;
  }
  auto record = read_cache_file(*content);
  if (!record) {
    remove_damaged(path, record.error());
    return std::nullopt;
  }
  return *std::move(record);
}

void Store::remove_damaged(const fs::path& path, const base::Error& why) {
  std::error_code ignored;
  fs::remove(path, ignored);
  observer_.cache_damaged(path.string(), why);
}

void Store::discard(std::string_view key, const base::Error& why) {
  if (!directory_.empty()) remove_damaged(path_of(key), why);
}

void Store::remove(std::string_view key) const {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove(path_of(key), ignored);
}

void Store::mark_used(std::string_view key) const {
  if (!directory_.empty()) ::utimensat(AT_FDCWD, path_of(key).c_str(), nullptr, 0);
}

void Store::save(std::shared_ptr<const CacheRecord> record) {
  if (directory_.empty()) return;
  keep_pending(std::move(record));
  retry();
}

void Store::keep_pending(std::shared_ptr<const CacheRecord> record) {
  const std::scoped_lock lock(mutex_);
  const std::string key = record->key;
  pending_[key] = std::move(record);
  const auto size = [this] {
    return std::accumulate(
        pending_.begin(), pending_.end(), std::size_t{0},
        [](std::size_t sum, const auto& entry) { return sum + entry.second->size(); });
  };
  while (pending_.size() > limits_.files || (size() > limits_.bytes && pending_.size() > 1)) {
    const auto oldest = std::ranges::min_element(pending_, {}, [&](const auto& entry) {
      return std::pair(entry.first == key, entry.second->fetched);
    });
    pending_.erase(oldest);
  }
}

void Store::retry() {
  std::vector<std::shared_ptr<const CacheRecord>> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, record] : pending_) all.push_back(record);
  }
  for (const auto& record : all) {
    if (const Status written = write(*record); !written) {
      set_degraded(true, written.error().summary());
      return;
    }
    const std::scoped_lock lock(mutex_);
    // Meanwhile a newer one may wait in its place.
    const auto waiting = pending_.find(record->key);
    if (waiting != pending_.end() && waiting->second == record) pending_.erase(waiting);
  }
  if (!directory_.empty() && prepare_directory()) set_degraded(false, {});
}

Status Store::write(const CacheRecord& record) const {
  auto content = write_cache_file(record);
  // Nothing that another attempt would mend: it lives in memory.
  if (!content) return {};
  QUOTED_CHECK(prepare_directory());
  const fs::path path = path_of(record.key);
  make_room(path, content->size());
  constexpr mode_t kOwnerOnly = 0600;
  return base::write_file(path, *content, kOwnerOnly, true).map_error([](const base::Error& error) {
    return base::Error(ErrorCode::kCacheUnusable, error.message());
  });
}

void Store::make_room(const fs::path& for_file, std::size_t size) const {
  std::vector<Found> files = find_files(directory_);
  std::erase_if(files, [&](const Found& file) { return file.path == for_file; });
  std::ranges::sort(files, {}, &Found::used);
  std::size_t total =
      std::accumulate(files.begin(), files.end(), size,
                      [](std::size_t sum, const Found& file) { return sum + file.size; });
  std::size_t count = files.size() + 1;
  for (const Found& file : files) {
    if (total <= limits_.bytes && count <= limits_.files) return;
    std::error_code ignored;
    fs::remove(file.path, ignored);
    total -= file.size;
    --count;
  }
}

std::vector<std::string> Store::keys() {
  std::vector<std::string> out;
  if (directory_.empty()) return out;
  std::vector<Found> files = find_files(directory_);
  if (files.size() > limits_.files) files.resize(limits_.files);
  for (const Found& file : files) {
    if (auto record = load_file(file.path)) out.push_back(std::move(record)->key);
  }
  return out;
}

void Store::set_degraded(bool degraded, std::string_view why) {
  {
    const std::scoped_lock lock(mutex_);
    if (degraded_ == degraded) return;
    degraded_ = degraded;
  }
  observer_.cache_degraded(degraded, why);
}

}  // namespace quoted::certification
