// What the library keeps between calls: its settings, and the service with its cache.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

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

  [[nodiscard]] certification::Service& service() { return *service_; }
  // What `get` gives for Freshness::kCacheFirst, an Answer of the service; fetched anew when that
  // is due and an attempt has not just failed. There is no thread here to do it in the background.
  template <class Get>
  [[nodiscard]] auto get(const Get& get) {
    auto answer = get(certification::Freshness::kCacheFirst);
    if (!answer || clock_.now() < answer->refresh_at || !may_refresh()) return answer;
    auto newer = get(certification::Freshness::kRefresh);
    note_refresh(newer && clock_.now() < newer->refresh_at);
    return newer ? newer : answer;
  }

  // Of what was fetched; empty where nothing is kept on the disk.
  [[nodiscard]] const std::filesystem::path& cache_directory() const { return cache_directory_; }

 private:
  // Tells the host what happens.
  class Observer;

  State();
  [[nodiscard]] bool may_refresh();
  void note_refresh(bool succeeded);

  [[nodiscard]] static base::Result<std::shared_ptr<State>> make();

  std::unique_ptr<certification::ServiceObserver> observer_;
  base::SystemClock clock_;
  std::filesystem::path cache_directory_;
  std::unique_ptr<certification::Service> service_;
  std::mutex refresh_mutex_;
  base::UnixTime refresh_failed_{};
  unsigned refresh_failures_ = 0;  // in a row
};

}  // namespace quoted::quoteprov
