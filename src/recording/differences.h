// What is not as it was recorded, and how values are written for people to compare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace quoted::recording {

struct Difference {
  std::string field;
  std::string expected;  // as recorded
  std::string observed;
};

class Differences {
 public:
  void add(std::string field, std::string expected, std::string observed) {
    found_.push_back({std::move(field), std::move(expected), std::move(observed)});
  }

  // Adds what there is to see around the first byte that differs, if any does.
  void compare(std::string_view field, base::ByteView expected, base::ByteView observed);

  [[nodiscard]] std::vector<Difference> take() && { return std::move(found_); }

 private:
  std::vector<Difference> found_;
};

}  // namespace quoted::recording
