// One errand for a key at a time: who wants the same meanwhile waits for it and shares its outcome.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace quoted::certification {

template <class T>
class Flights {
 public:
  using Outcome = base::Result<T>;

  // Of `errand`, or of the one that is under way for `key`.
  [[nodiscard]] Outcome run(const std::string& key, const std::function<Outcome()>& errand) {
    std::unique_lock lock(mutex_);
    if (const auto found = flights_.find(key); found != flights_.end()) {
      const std::shared_ptr<Flight> other = found->second;
      landed_.wait(lock, [&] { return other->outcome.has_value(); });
      return *other->outcome;
    }
    const auto own = std::make_shared<Flight>();
    flights_.emplace(key, own);
    lock.unlock();
    const Landing landing{*this, key, *own};
    Outcome outcome = errand();
    {
      const std::scoped_lock landed(mutex_);
      own->outcome = outcome;
    }
    return outcome;
  }

  [[nodiscard]] bool under_way(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    return flights_.contains(key);
  }

 private:
  struct Flight {
    std::optional<Outcome> outcome;
  };
  // Also when the errand throws: those who wait must not wait for ever.
  struct Landing {
    Flights& flights;
    const std::string& key;
    Flight& flight;

    ~Landing() {
      {
        const std::scoped_lock lock(flights.mutex_);
        if (!flight.outcome) {
          flight.outcome = base::fail(base::ErrorCode::kInternal, "the request was given up");
        }
        flights.flights_.erase(key);
      }
      flights.landed_.notify_all();
    }
  };

  std::mutex mutex_;
  std::condition_variable landed_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace quoted::certification
