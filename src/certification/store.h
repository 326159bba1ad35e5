// The cache on disk: one file for each answer, in a directory that several processes may share.
// What lies there is trusted for nothing: who loads a record checks it as if a source had sent it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "certification/cache_file.h"
#include "certification/service.h"

namespace quoted::certification {

struct StoreLimits {
  std::size_t bytes = std::size_t{64} * 1024 * 1024;
  std::size_t files = 4096;
};

// Usable from many threads. Does without a directory that cannot be used: what could not be written
// is kept for the next attempt, and the observer is told when that begins and ends.
class Store {
 public:
  // An empty directory name keeps nothing. `observer` outlives the store.
  Store(std::filesystem::path directory, ServiceObserver& observer, StoreLimits limits = {});

  // Nothing where there is no file, or one that cannot be read, which is told, or a damaged one,
  // which is told and removed.
  [[nodiscard]] std::optional<CacheRecord> load(std::string_view key);

  // Makes room by removing what was not used for the longest time. Failure is not the caller's.
  void save(std::shared_ptr<const CacheRecord> record);

  // Of a file that was used though it was not loaded.
  void mark_used(std::string_view key) const;

  // For a record that passed the digest and is still not what it should be.
  void discard(std::string_view key, const base::Error& why);

  void remove(std::string_view key) const;

  // The keys of all whole files.
  [[nodiscard]] std::vector<std::string> keys();

  // Tries again to write what could not be written.
  void retry();

 private:
  [[nodiscard]] std::filesystem::path path_of(std::string_view key) const;
  [[nodiscard]] base::Status prepare_directory() const;
  [[nodiscard]] base::Status write(const CacheRecord& record) const;
  void make_room(const std::filesystem::path& for_file, std::size_t size) const;
  [[nodiscard]] std::optional<CacheRecord> load_file(const std::filesystem::path& path);
  void remove_damaged(const std::filesystem::path& path, const base::Error& why);
  void keep_pending(std::shared_ptr<const CacheRecord> record);
  void set_degraded(bool degraded, std::string_view why);

  const std::filesystem::path directory_;
  ServiceObserver& observer_;
  const StoreLimits limits_;
  std::mutex mutex_;
  // By key; all of them together within the limits too.
  std::map<std::string, std::shared_ptr<const CacheRecord>, std::less<>> pending_;
  bool degraded_ = false;
};

}  // namespace quoted::certification
