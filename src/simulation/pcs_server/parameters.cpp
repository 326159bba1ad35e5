#include "simulation/pcs_server/parameters.h"

#include "base/byte_reader.h"
#include "collateral/json_value.h"

namespace quoted::simulation {
namespace {

using base::Bytes;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::size_t kMaxParameters = 32;
constexpr std::size_t kMaxName = 64;

tl::unexpected<base::Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

Result<Parameters> Parameters::of_query(const http::Request& request) {
  if (request.query.size() > kMaxParameters) {
    return invalid(text("the query has ", request.query.size(), " parameters; expected up to ",
                        kMaxParameters));
  }
  Parameters out;
  for (const http::QueryParameter& one : request.query) {
    if (!out.values_.emplace(one.name, one.value).second) {
      return invalid(text("the parameter ", one.name.substr(0, kMaxName), " stands there twice"));
    }
  }
  return out;
}

Result<Parameters> Parameters::of_json(base::ByteView body) {
  const auto json = collateral::parse_json(base::as_text(body));
  const collateral::JsonObject* const members = json ? json->object() : nullptr;
  if (members == nullptr || members->size() > kMaxParameters) {
    return invalid(text("the body is not a JSON object of up to ", kMaxParameters, " members"));
  }
  Parameters out;
  for (const collateral::JsonMember& member : *members) {
    const std::string* const value = member.value.string();
    if (value == nullptr || !out.values_.emplace(member.name, *value).second) {
      return invalid(text("the member ", member.name.substr(0, kMaxName),
                          " is no string or stands there twice"));
    }
  }
  return out;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

Result<std::string_view> Parameters::required(std::string_view name) const {
  const auto found = find(name);
  if (!found) return invalid(text("the parameter ", name, " is missing"));
  return *found;
}

Result<Bytes> Parameters::hex_bytes(std::string_view name, std::size_t size) const {
  QUOTED_TRY(const std::string_view digits, required(name));
  if (digits.size() == 2 * size) {
    if (auto bytes = base::from_hex(digits)) return *std::move(bytes);
  }
  return invalid(text("the parameter ", name, " has ", digits.size(), " characters; expected ",
                      2 * size, " hexadecimal digits"));
}

Result<std::uint16_t> Parameters::hex_16(std::string_view name) const {
  QUOTED_TRY(const Bytes bytes, hex_bytes(name, sizeof(std::uint16_t)));
  return base::ByteReader(bytes).take_le<std::uint16_t>(name);
}

Result<Bytes> Parameters::hex_up_to(std::string_view name, std::size_t max) const {
  QUOTED_TRY(const std::string_view digits, required(name));
  if (digits.size() <= 2 * max) {
    if (auto bytes = base::from_hex(digits)) return *std::move(bytes);
  }
  return invalid(text("the parameter ", name, " has ", digits.size(),
                      " characters; expected up to ", 2 * max, " hexadecimal digits"));
}

}  // namespace quoted::simulation
