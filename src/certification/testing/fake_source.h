// A source that answers out of a TestWorld, unless a test told it otherwise, and counts what it is
// asked. For tests.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "certification/request_key.h"
#include "certification/source.h"
#include "certification/testing/test_world.h"

namespace quoted::certification::testing {

class FakeSource final : public Source {
 public:
  // What a test changes at any time; shared, because the service owns the source.
  struct Script {
    explicit Script(const TestWorld& of) : world(&of) {}

    const TestWorld* world;
    std::string name = "fake";
    bool for_certificates = true;
    bool for_collateral = true;
    // Each may take the place of the world's answer.
    std::function<std::optional<base::Result<Document>>(const DocumentRequest&)> document;
    std::function<std::optional<base::Result<PckCertification>>(const PckRequest&)> pck;
    std::function<base::Status(const Registration&)> registration;
    base::Status can_ask{};  // for certificates, and can_register

    // Of the requests with this key.
    [[nodiscard]] int calls(const Request& request) {
      const std::scoped_lock lock(mutex);
      return counts[cache_key(request)];
    }
    [[nodiscard]] int calls() {
      const std::scoped_lock lock(mutex);
      int out = 0;
      for (const auto& [key, count] : counts) out += count;
      return out;
    }
    void fail_with(base::ErrorCode code) {
      document = [code](const DocumentRequest&) {
        return base::fail(code, "as the test wants it");
      };
      pck = [code](const PckRequest&) { return base::fail(code, "as the test wants it"); };
    }
    void recover() {
      document = nullptr;
      pck = nullptr;
    }
    // The world's documents after a change.
    void change(const std::function<void(Document&)>& how) {
      document = [this, how](const DocumentRequest& request) {
        Document out = world->document(request);
        how(out);
        return base::Result<Document>(std::move(out));
      };
    }

    std::mutex mutex;
    std::map<std::string, int> counts;
  };

  explicit FakeSource(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  [[nodiscard]] std::string name() const override { return script_->name; }
  [[nodiscard]] bool is_for_certificates() const override { return script_->for_certificates; }
  [[nodiscard]] bool is_for_collateral() const override { return script_->for_collateral; }

  [[nodiscard]] base::Status can_ask(const Request& request) const override {
    return std::holds_alternative<PckRequest>(request) ? script_->can_ask : base::Status();
  }
  [[nodiscard]] base::Status can_register(const Registration&) const override {
    return script_->can_ask;
  }

  [[nodiscard]] base::Result<PckCertification> pck_certificate(
      const PckRequest& request) const override {
    count(request);
    if (script_->pck) {
      if (auto answer = script_->pck(request)) return *std::move(answer);
    }
    return script_->world->pck();
  }
  [[nodiscard]] base::Result<Document> fetch(const DocumentRequest& request) const override {
    count(request);
    if (script_->document) {
      if (auto answer = script_->document(request)) return *std::move(answer);
    }
    return script_->world->document(request);
  }
  [[nodiscard]] base::Status register_platform(const Registration& platform) const override {
    if (script_->registration) return script_->registration(platform);
    return base::fail(base::ErrorCode::kNotFoundAtSource, "it takes no registrations");
  }

 private:
  void count(const Request& request) const {
    const std::scoped_lock lock(script_->mutex);
    ++script_->counts[cache_key(request)];
  }
  std::shared_ptr<Script> script_;
};

class FakeClock final : public base::Clock {
 public:
  [[nodiscard]] base::UnixTime now() const override {
    return base::UnixTime(std::chrono::seconds(seconds_.load()));
  }
  void set(base::UnixTime time) { seconds_ = time.time_since_epoch().count(); }
  void advance(std::chrono::seconds by) { seconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> seconds_{kNow.time_since_epoch().count()};
};

}  // namespace quoted::certification::testing
