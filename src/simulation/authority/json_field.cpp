#include "simulation/authority/json_field.h"

#include <algorithm>

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::size_t kMaxShown = 40;
// Writing JSON anew recurses, so depth is bounded where it is read.
constexpr int kMaxDepth = 16;

std::string shown(const StateJson& value) {
  std::string out = value.dump(-1, ' ', true, StateJson::error_handler_t::replace);
  if (out.size() > kMaxShown) out = text(out.substr(0, kMaxShown), "...");
  return out;
}

}  // namespace

std::optional<StateJson> parse_state_json(std::string_view json) {
  bool too_deep = false;
  const auto watch = [&](int depth, StateJson::parse_event_t, StateJson&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  StateJson out = StateJson::parse(json, watch, false);
  if (too_deep || !out.is_object()) return std::nullopt;
  return out;
}

tl::unexpected<base::Error> JsonField::wrong(std::string_view expected) const {
  return fail(ErrorCode::kMalformed, text(where_, " is ", shown(value_), "; expected ", expected));
}

Result<std::uint64_t> JsonField::number(std::uint64_t max) const {
  if (!value_.is_number_unsigned() || value_.get<std::uint64_t>() > max) {
    return wrong(text("a whole number up to ", max));
  }
  return value_.get<std::uint64_t>();
}

Result<std::uint32_t> JsonField::number_32() const {
  return number(kMax32).map([](std::uint64_t value) { return static_cast<std::uint32_t>(value); });
}

Result<std::string> JsonField::words() const {
  if (!value_.is_string()) return wrong("a string");
  return value_.get<std::string>();
}

Status JsonField::has_members(std::initializer_list<std::string_view> names) const {
  if (!value_.is_object()) return wrong("an object");
  for (const std::string_view name : names) {
    if (!has(name)) return fail(ErrorCode::kMalformed, text(where_of(name), " is missing"));
  }
  return {};
}

Status JsonField::has_only(std::initializer_list<std::string_view> names,
                           std::string_view optional) const {
  QUOTED_CHECK(has_members(names));
  for (const auto& [name, unused] : value_.items()) {
    if (std::ranges::find(names, name) == names.end() && name != optional) {
      return fail(ErrorCode::kMalformed, text(where_of(shown(name)), " is not known"));
    }
  }
  return {};
}

}  // namespace quoted::simulation
