// What a service has in memory: genuine answers by key, and what asking for the others came to.
// Bounded; what was not used for the longest time goes first.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "certification/answers.h"

namespace quoted::certification {

struct MemoryLimits {
  std::size_t bytes = std::size_t{64} * 1024 * 1024;
  std::size_t entries = 4096;
};

// The last attempt to get an answer, when it failed.
struct FailedAttempt {
  base::UnixTime at;
  base::Error error;
  bool all_answered = false;  // SourceList::NotFetched
  unsigned in_a_row = 1;
};

// Usable from many threads.
class MemoryCache {
 public:
  explicit MemoryCache(MemoryLimits limits = {}) : limits_(limits) {}

  [[nodiscard]] KeptPtr find(std::string_view key);
  void put(const KeptPtr& kept);
  // The same, unless something else than `expected` has come into its place meanwhile; null stands
  // for nothing. Gives what is there then.
  KeptPtr put_instead_of(const KeptPtr& expected, const KeptPtr& kept);
  // Whose key begins so.
  [[nodiscard]] std::vector<KeptPtr> all(std::string_view prefix = {}) const;

  [[nodiscard]] std::optional<FailedAttempt> failure(std::string_view key) const;
  void note_failure(const std::string& key, FailedAttempt failure);
  void forget_failure(std::string_view key);
  // Of requests whose key begins so.
  void forget_failures(std::string_view prefix);

  // True when more than an hour passed since this was last true, or the clock was set back.
  [[nodiscard]] bool mark_is_due(std::string_view key, base::UnixTime now);

 private:
  struct Entry {
    KeptPtr kept;
    std::list<std::string>::iterator place;
    std::optional<base::UnixTime> marked;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  void insert(const KeptPtr& kept);
  void drop(Entries::iterator entry);
  void use(const Entry& entry) { by_use_.splice(by_use_.end(), by_use_, entry.place); }

  const MemoryLimits limits_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::list<std::string> by_use_;  // the latest last
  std::size_t bytes_ = 0;
  std::map<std::string, FailedAttempt, std::less<>> failures_;
};

}  // namespace quoted::certification
