// What is wrong in a file that a person wrote: all of it at once, each with its place, what was
// observed and what is expected.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quoted::config {

// Counted from 1, columns in characters.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Mistake {
  Place place;
  std::string message;
};

// `raw` in single quotes for a message: what is not printable ASCII as \xNN, and cut when long.
[[nodiscard]] std::string shown(std::string_view raw);

class Mistakes {
 public:
  // Nobody corrects more at once; of those beyond only the number is kept.
  static constexpr std::size_t kMaxKept = 50;

  void add(Place place, std::string message);

  [[nodiscard]] bool empty() const { return kept_.empty(); }
  [[nodiscard]] std::size_t count() const { return kept_.size() + dropped_; }
  // In the order of the text.
  [[nodiscard]] const std::vector<Mistake>& all() const { return kept_; }

  // "policy.toml:3:1: message", a line each without a final LF.
  [[nodiscard]] std::string lines(std::string_view file) const;

  // ConfigurationInvalid with all of them, unless there are none.
  [[nodiscard]] base::Status status(std::string_view file) const;

 private:
  std::vector<Mistake> kept_;
  std::size_t dropped_ = 0;
};

}  // namespace quoted::config
