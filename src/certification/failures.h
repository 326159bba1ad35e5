// What all sources said, put together into one error.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace quoted::certification {

// True for errors that say nothing of what was asked for: the source was not reached, or not in its
// right mind.
[[nodiscard]] bool is_out_of_reach(base::ErrorCode code);

class Failures {
 public:
  void add(std::string source, base::Error error) {
    all_.push_back({std::move(source), std::move(error)});
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  // The code of the source that came nearest to an answer, its text first and the others' behind
  // it. There must be one.
  [[nodiscard]] base::Error nearest() const;

 private:
  struct Failure {
    std::string source;
    base::Error error;
  };
  std::vector<Failure> all_;
};

}  // namespace quoted::certification
