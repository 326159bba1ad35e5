// What the library keeps between calls: its settings, and the service with its cache.
#pragma once

#include <filesystem>
#include <memory>

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
  // Of what was fetched; empty where nothing is kept on the disk.
  [[nodiscard]] const std::filesystem::path& cache_directory() const { return cache_directory_; }

 private:
  // Tells the host what happens.
  class Observer;

  State();
  [[nodiscard]] static base::Result<std::shared_ptr<State>> make();

  std::unique_ptr<certification::ServiceObserver> observer_;
  base::SystemClock clock_;
  std::filesystem::path cache_directory_;
  std::unique_ptr<certification::Service> service_;
};

}  // namespace quoted::quoteprov
