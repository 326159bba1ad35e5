// What the library keeps between calls: its settings, and the service with its cache.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "certification/service.h"
#include "dcap_quoteprov/call.h"

namespace quoted::quoteprov {

class State {
 public:
  // Made by the first call that needs it; ConfigInvalidJson when the settings cannot be used, and
  // then tried again by the next.
  [[nodiscard]] static Answer<std::shared_ptr<State>> current();
  // The next call makes another.
  static void forget();
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  [[nodiscard]] certification::Service& service() { return *service_; }
  // What `get` gives for Freshness::kCacheFirst, an Answer of the service; fetched anew when that
  // is due and an attempt for the same `what` has not just failed. There is no thread here to do it
  // in the background.
  template <class Get>
  [[nodiscard]] auto get(const std::string& what, const Get& get) {
    auto answer = get(certification::Freshness::kCacheFirst);
    if (!answer || clock_.now() < answer->refresh_at || !may_refresh(what)) return answer;
    auto newer = get(certification::Freshness::kRefresh);
    note_refresh(what, newer && clock_.now() < newer->refresh_at);
    return newer ? newer : answer;
  }

  // Of what was fetched; empty where nothing is kept on the disk.
  [[nodiscard]] const std::filesystem::path& cache_directory() const { return cache_directory_; }
  // So that things can be kept below it; whether that went well shows when they are.
  void make_cache_directory() const;

 private:
  // Tells the host what happens.
  class Observer;
  struct Line {
    sgx_ql_log_level_t level;
    std::string message;
  };
  using Lines = std::vector<Line>;
  struct Failures {
    base::UnixTime last;
    unsigned in_a_row = 0;
  };

  explicit State(Lines& lines);
  [[nodiscard]] bool may_refresh(const std::string& what);
  void note_refresh(const std::string& what, bool succeeded);

  // What there is to tell goes to `lines`, because the caller holds a lock.
  [[nodiscard]] static base::Result<std::shared_ptr<State>> make(Lines& lines);

  std::unique_ptr<Observer> observer_;
  base::SystemClock clock_;
  std::filesystem::path cache_directory_;
  bool usual_directory_ = false;  // nobody chose it
  std::unique_ptr<certification::Service> service_;
  std::mutex refresh_mutex_;
  // By what was to be refreshed. Only for what the cache holds, so that it stays small.
  std::map<std::string, Failures> refresh_failures_;
};

}  // namespace quoted::quoteprov
