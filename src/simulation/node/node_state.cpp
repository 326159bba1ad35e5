#include "simulation/node/node_state.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "simulation/authority/manufacturer.h"
#include "simulation/authority/utc_text.h"
#include "simulation/qe3/qe3.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kFormat = 1;
constexpr std::size_t kMaxFileSize = std::size_t{64} * 1024;
constexpr mode_t kFileMode = 0644;

tl::unexpected<base::Error> wrong(std::string_view name, std::string_view expected) {
  return fail(ErrorCode::kMalformed, text("'", name, "' is missing or not ", expected));
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Result<std::uint16_t> read_svn(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr || !value->is_number_unsigned() ||
      value->get<std::uint64_t>() > std::numeric_limits<std::uint16_t>::max()) {
    return wrong(name, "a number up to 65535");
  }
  return value->get<std::uint16_t>();
}

Result<NodeLevel> read_level(const Json& object) {
  NodeLevel out;
  const Json* const cpu_svn = member(object, "cpu_svn");
  if (cpu_svn == nullptr || !cpu_svn->is_string()) return wrong("cpu_svn", "a string");
  QUOTED_TRY(out.cpu_svn, sgx::CpuSvn::parse_hex(cpu_svn->get<std::string>()));
  QUOTED_TRY(out.pce_isv_svn, read_svn(object, "pce_isv_svn"));
  QUOTED_TRY(out.qe_isv_svn, read_svn(object, "qe_isv_svn"));
  return out;
}

Json to_json(const NodeLevel& level) {
  return {{"cpu_svn", level.cpu_svn.hex()},
          {"pce_isv_svn", level.pce_isv_svn},
          {"qe_isv_svn", level.qe_isv_svn}};
}

bool is_lower(const NodeLevel& level, const NodeLevel& than) {
  const auto components = components_of(level.cpu_svn);
  const auto least = components_of(than.cpu_svn);
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (components.at(i) < least.at(i)) return true;
  }
  return level.pce_isv_svn < than.pce_isv_svn || level.qe_isv_svn < than.qe_isv_svn;
}

}  // namespace

std::string to_text(const NodeLevel& level) {
  return text("CPUSVN ", level.cpu_svn.hex(), ", PCE ", level.pce_isv_svn, ", QE ",
              level.qe_isv_svn);
}

NodeState default_node_state() {
  const PlatformModel model = default_platform_model();
  return {.present = {model.cpu_svn, model.pce_isv_svn, kSimulatedQeIsvSvn},
          .previous = {},
          .upgraded_at = {}};
}

Result<NodeState> upgraded(const NodeState& state, const NodeLevel& level, base::UnixTime now) {
  if (level == state.present) {
    return fail(ErrorCode::kInvalidArgument,
                text("the node is at ", to_text(level), " already; give a higher SVN"));
  }
  if (is_lower(level, state.present)) {
    return fail(ErrorCode::kInvalidArgument, text("an upgrade from ", to_text(state.present),
                                                  " to ", to_text(level), " would lower an SVN"));
  }
  return NodeState{.present = level, .previous = state.present, .upgraded_at = now};
}

Result<NodeState> parse_node_state(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(ErrorCode::kMalformed, "not a JSON object");
  const Json* const format = member(object, "format");
  if (format == nullptr || *format != kFormat) {
    return wrong("format", text(kFormat, "; was it written by a newer version?"));
  }
  NodeState out;
  QUOTED_TRY(out.present, read_level(object));
  if (const Json* const previous = member(object, "previous")) {
    if (!previous->is_object()) return wrong("previous", "an object");
    auto level = read_level(*previous);
    if (!level) return fail(std::move(level).error().with_context("previous"));
    out.previous = *level;
  }
  if (const Json* const when = member(object, "upgraded_at")) {
    if (when->is_string()) out.upgraded_at = parse_utc_text(when->get<std::string>());
    if (!out.upgraded_at) return wrong("upgraded_at", "a time such as 2026-07-01T00:00:00Z");
  }
  if (out.previous.has_value() != out.upgraded_at.has_value()) {
    return fail(ErrorCode::kMalformed, "'previous' and 'upgraded_at' belong together");
  }
  return out;
}

std::string format_node_state(const NodeState& state) {
  Json out = {{"format", kFormat}};
  out.update(to_json(state.present));
  if (state.previous) out["previous"] = to_json(*state.previous);
  if (state.upgraded_at) out["upgraded_at"] = utc_text(*state.upgraded_at);
  return out.dump(2) + "\n";
}

Result<NodeState> load_node_state(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return default_node_state();
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxFileSize));
  auto state = parse_node_state(base::as_text(content));
  if (!state) return fail(std::move(state).error().with_context(path.string()));
  return state;
}

Status save_node_state(const std::filesystem::path& path, const NodeState& state) {
  return base::write_file(path, base::as_bytes(format_node_state(state)), kFileMode, true);
}

}  // namespace quoted::simulation
