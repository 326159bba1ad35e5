// Remembers what it is told. For tests.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "certification/service.h"

namespace quoted::certification::testing {

class RecordingObserver final : public ServiceObserver {
 public:
  void fetched(std::string_view source, std::string_view document) override {
    add(base::text("fetched ", document, " from ", source));
  }
  void failed(std::string_view source, std::string_view document,
              const base::Error& error) override {
    add(base::text("failed ", document, " from ", source, ": ", error.entry().name));
  }
  void cache_degraded(bool degraded, std::string_view /*why*/) override {
    add(degraded ? "degraded" : "recovered");
  }
  void cache_damaged(std::string_view file, const base::Error& error) override {
    add(base::text("damaged: ", error.entry().name));
    const std::scoped_lock lock(mutex_);
    damaged_files_.emplace_back(file);
  }

  // Since the last call.
  [[nodiscard]] std::vector<std::string> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(events_, {});
  }
  [[nodiscard]] std::vector<std::string> damaged_files() {
    const std::scoped_lock lock(mutex_);
    return damaged_files_;
  }

 private:
  void add(std::string event) {
    const std::scoped_lock lock(mutex_);
    events_.push_back(std::move(event));
  }
  std::mutex mutex_;
  std::vector<std::string> events_;
  std::vector<std::string> damaged_files_;
};

}  // namespace quoted::certification::testing
