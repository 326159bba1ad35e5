// Members of JSON that another version of the program put there, kept when this one writes. Private
// to world_file.cpp.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "simulation/authority/json_field.h"

namespace quoted::simulation {

// What this version knows of an object, or of the objects in an array.
struct JsonShape {
  std::vector<std::string_view> members;
  std::vector<std::string_view> key;  // the members by which entries of an array are told apart
  std::vector<std::pair<std::string_view, JsonShape>> children{};
};

// `value` without the members that `shape` does not know.
[[nodiscard]] StateJson known_members(const StateJson& value, const JsonShape& shape);

// Adds to `now` what `before` has and `shape` does not know, at the same place.
void keep_unknown_members(StateJson& now, const StateJson& before, const JsonShape& shape);

}  // namespace quoted::simulation
