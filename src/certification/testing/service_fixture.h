// A service over fake sources, a clock that the test moves, and a cache directory. For tests.
#pragma once

#include <gmock/gmock.h>

#include "certification/testing/fake_source.h"
#include "certification/testing/recording_observer.h"
#include "test_support/temp_dir.h"

namespace quoted::certification::testing {

class ServiceTest : public ::testing::Test {
 protected:
  using Scripts = std::vector<std::shared_ptr<FakeSource::Script>>;

  [[nodiscard]] std::unique_ptr<Service> start(const Scripts& scripts) {
    std::vector<std::unique_ptr<Source>> sources;
    for (const auto& script : scripts) sources.push_back(std::make_unique<FakeSource>(script));
    ServiceOptions with_roots = options;
    if (with_roots.roots.empty()) with_roots.roots = world.roots();
    return Service::create(with_roots, std::move(sources), clock, observer).value();
  }
  [[nodiscard]] std::unique_ptr<Service> start() { return start({source}); }

  [[nodiscard]] std::shared_ptr<FakeSource::Script> another_source(const std::string& name) const {
    auto out = std::make_shared<FakeSource::Script>(world);
    out->name = name;
    return out;
  }

  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(options.cache_dir, missing)) {
      out.push_back(entry.path());
    }
    return out;
  }

  TestWorld world;
  std::shared_ptr<FakeSource::Script> source = std::make_shared<FakeSource::Script>(world);
  test::TempDir dir;
  ServiceOptions options{.cache_dir = dir / "cache", .roots = {}};
  FakeClock clock;
  RecordingObserver observer;
};

// kInternal stands for success.
template <class T>
[[nodiscard]] base::ErrorCode code(const base::Result<T>& result) {
  return result ? base::ErrorCode::kInternal : result.error().code();
}

}  // namespace quoted::certification::testing
