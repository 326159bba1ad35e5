// The sources, asked in their order until one gives what passes the check.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "certification/answers.h"
#include "certification/breaker.h"

namespace quoted::certification {

// True for the errors by which a source says that it works and does not have it.
[[nodiscard]] bool is_missing(base::ErrorCode code);

class SourceList {
 public:
  SourceList(const ServiceOptions& options, std::vector<std::unique_ptr<Source>> sources,
             const base::Clock& clock, ServiceObserver& observer);

  // What an answer is worth; an error passes over the source as if it had not answered.
  using Check = std::function<base::Result<DocumentFacts>(const CacheRecord&)>;

  struct Fetched {
    CacheRecord record;
    DocumentFacts facts;
  };
  // The error of the source that came nearest, with those of all in its text; NoCollateralSource.
  struct NotFetched {
    base::Error error;
    bool all_answered = false;  // what was asked for is not to be had, whatever is down now
  };
  [[nodiscard]] tl::expected<Fetched, NotFetched> fetch(const Request& request, const Check& check);

  [[nodiscard]] base::Status register_platform(const Registration& platform);

 private:
  struct Member {
    std::unique_ptr<Source> source;
    Breaker breaker;
    std::string name;
  };
  [[nodiscard]] base::Result<CacheRecord> ask(Member& member, const Request& request);
  // Asks it unless it is suspended, and notes how it went.
  template <class Call>
  [[nodiscard]] auto guarded(Member& member, const Call& call);

  const base::Clock& clock_;
  ServiceObserver& observer_;
  std::mutex mutex_;  // of the breakers
  std::deque<Member> members_;
};

}  // namespace quoted::certification
