// What all sources said, put together into one error.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace quoted::certification {

class Failures {
 public:
  void add(std::string source, base::Error error) {
    all_.push_back({std::move(source), std::move(error)});
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  // True when every source was reached and in its right mind, so that asking again is of no use.
  [[nodiscard]] bool all_answered() const;
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
