// Typed access to JSON that people may edit: every mistake is told with the place of the value.
// Private to the files that keep the state of a world.
#pragma once

#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/text.h"
#include "simulation/authority/utc_text.h"

namespace quoted::simulation {

using StateJson = nlohmann::ordered_json;

inline constexpr std::uint64_t kMaxByte = 255;
inline constexpr std::uint64_t kMax16 = std::numeric_limits<std::uint16_t>::max();
inline constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();

// One object; nothing for what is no JSON, no object, or nested deeper than any state is.
[[nodiscard]] std::optional<StateJson> parse_state_json(std::string_view text);

// One value of the file and where it stands, for errors.
class JsonField {
 public:
  JsonField(const StateJson& value, std::string where) : value_(value), where_(std::move(where)) {}

  [[nodiscard]] tl::unexpected<base::Error> wrong(std::string_view expected) const;

  [[nodiscard]] base::Result<std::uint64_t> number(std::uint64_t max) const;
  [[nodiscard]] base::Result<std::uint32_t> number_32() const;
  [[nodiscard]] base::Result<std::string> words() const;

  // The value that `parse` makes of the string.
  template <class Parse>
  [[nodiscard]] auto parsed(std::string_view expected, const Parse& parse) const
      -> base::Result<typename std::invoke_result_t<Parse, std::string>::value_type> {
    if (value_.is_string()) {
      if (auto out = parse(value_.get<std::string>())) return *std::move(out);
    }
    return wrong(expected);
  }
  [[nodiscard]] base::Result<base::UnixTime> date() const {
    return parsed("a date like 2025-07-04T10:28:44Z", parse_utc_text);
  }

  // Calls `read` for each member of an array and stops at the first error.
  template <class Read>
  [[nodiscard]] base::Status each(const Read& read) const {
    if (!value_.is_array()) return wrong("an array");
    for (std::size_t i = 0; i < value_.size(); ++i) {
      QUOTED_CHECK(read(JsonField(value_[i], base::text(where_, "[", i, "]"))));
    }
    return {};
  }

  // All these members, whatever else.
  [[nodiscard]] base::Status has_members(std::initializer_list<std::string_view> names) const;
  // All these members, and none but these and the optional one.
  [[nodiscard]] base::Status has_only(std::initializer_list<std::string_view> names,
                                      std::string_view optional = {}) const;
  [[nodiscard]] bool has(std::string_view name) const { return value_.contains(name); }
  [[nodiscard]] JsonField operator[](std::string_view name) const {
    return {value_.find(name).value(), where_of(name)};
  }
  [[nodiscard]] const StateJson& value() const { return value_; }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  [[nodiscard]] std::string where_of(std::string_view name) const {
    return where_.empty() ? std::string(name) : base::text(where_, ".", name);
  }

  const StateJson& value_;
  std::string where_;
};

}  // namespace quoted::simulation
