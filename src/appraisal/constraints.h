// What a policy can demand of one field. A constraint that is not set is met by everything;
// `covers` says that whatever meets the other constraint meets this one too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace quoted::appraisal {

// One of several values.
template <class T>
struct OneOf {
  std::vector<T> values;

  [[nodiscard]] bool is_set() const { return !values.empty(); }
  [[nodiscard]] bool has(const T& value) const {
    return std::ranges::find(values, value) != values.end();
  }
  [[nodiscard]] bool met_by(const T& value) const { return !is_set() || has(value); }
  [[nodiscard]] bool covers(const OneOf& other) const {
    return !is_set() || (other.is_set() &&
                         std::ranges::all_of(other.values, [this](const T& v) { return has(v); }));
  }
  friend bool operator==(const OneOf&, const OneOf&) = default;
};

// At least so much; 0 demands nothing.
struct AtLeast {
  std::optional<std::uint16_t> value;

  [[nodiscard]] bool is_set() const { return value.has_value(); }
  [[nodiscard]] bool met_by(std::uint16_t observed) const { return observed >= value.value_or(0); }
  [[nodiscard]] bool covers(const AtLeast& other) const {
    return value.value_or(0) <= other.value.value_or(0);
  }
  friend bool operator==(const AtLeast&, const AtLeast&) = default;
};

// The bits of a mask, each as it is in `value`, which has none outside the mask.
struct Bits {
  std::uint64_t value = 0;
  std::uint64_t mask = 0;

  [[nodiscard]] bool is_set() const { return mask != 0; }
  [[nodiscard]] bool met_by(std::uint64_t observed) const { return (observed & mask) == value; }
  [[nodiscard]] bool covers(const Bits& other) const {
    return (mask & ~other.mask) == 0 && (other.value & mask) == value;
  }
  [[nodiscard]] bool demands(std::uint64_t bit) const { return (value & bit) != 0; }
  [[nodiscard]] bool forbids(std::uint64_t bit) const { return (mask & ~value & bit) != 0; }
  friend bool operator==(const Bits&, const Bits&) = default;
};

// The first bytes, or all of them.
struct Prefix {
  base::Bytes bytes;

  [[nodiscard]] bool is_set() const { return !bytes.empty(); }
  [[nodiscard]] bool met_by(base::ByteView observed) const {
    return observed.size() >= bytes.size() && base::equal(observed.first(bytes.size()), bytes);
  }
  [[nodiscard]] bool covers(const Prefix& other) const { return met_by(other.bytes); }
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

}  // namespace quoted::appraisal
