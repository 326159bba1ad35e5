#include "simulation/authority/unknown_members.h"

#include <algorithm>

namespace quoted::simulation {
namespace {

bool knows(const JsonShape& shape, std::string_view name) {
  return std::ranges::find(shape.members, name) != shape.members.end();
}

const JsonShape* child(const JsonShape& shape, std::string_view name) {
  const auto found =
      std::ranges::find(shape.children, name, &std::pair<std::string_view, JsonShape>::first);
  return found == shape.children.end() ? nullptr : &found->second;
}

bool same_entry(const StateJson& a, const StateJson& b, const JsonShape& shape) {
  return a.is_object() && b.is_object() && !shape.key.empty() &&
         std::ranges::all_of(shape.key, [&](std::string_view name) {
           return a.contains(name) && b.contains(name) &&
                  a.find(name).value() == b.find(name).value();
         });
}

}  // namespace

StateJson known_members(const StateJson& value, const JsonShape& shape) {
  if (value.is_array()) {
    StateJson out = StateJson::array();
    for (const StateJson& entry : value) out.push_back(known_members(entry, shape));
    return out;
  }
  if (!value.is_object()) return value;
  StateJson out = StateJson::object();
  for (const auto& [name, member] : value.items()) {
    if (!knows(shape, name)) continue;
    const JsonShape* const inner = child(shape, name);
    out[name] = inner == nullptr ? member : known_members(member, *inner);
  }
  return out;
}

void keep_unknown_members(StateJson& now, const StateJson& before, const JsonShape& shape) {
  if (now.is_array() && before.is_array()) {
    for (StateJson& entry : now) {
      const auto same = std::ranges::find_if(
          before, [&](const StateJson& old) { return same_entry(entry, old, shape); });
      if (same != before.end()) keep_unknown_members(entry, *same, shape);
    }
    return;
  }
  if (!now.is_object() || !before.is_object()) return;
  for (const auto& [name, member] : before.items()) {
    if (!knows(shape, name)) {
      now[name] = member;
      continue;
    }
    const JsonShape* const inner = child(shape, name);
    if (inner != nullptr && now.contains(name)) keep_unknown_members(now[name], member, *inner);
  }
}

}  // namespace quoted::simulation
