#include "service/status_file.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"

namespace quoted::service {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::size_t kMaxSize = std::size_t{64} * 1024;
// Everybody who may use the socket may read it.
constexpr mode_t kMode = 0644;

template <class T>
void add(Json& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}

std::int64_t seconds(base::UnixTime time) { return time.time_since_epoch().count(); }

std::optional<std::int64_t> seconds(const std::optional<base::UnixTime>& time) {
  if (!time) return std::nullopt;
  return seconds(*time);
}

tl::unexpected<base::Error> wrong(std::string_view name) {
  return fail(ErrorCode::kMalformed, text("'", name, "' is missing or of another kind"));
}

base::Status read(const Json& json, const char* name, std::string& out) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return wrong(name);
  out = found->get<std::string>();
  return {};
}

base::Status read(const Json& json, const char* name, std::int64_t& out) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return wrong(name);
  out = found->get<std::int64_t>();
  return {};
}

base::Status read(const Json& json, const char* name, base::UnixTime& out) {
  std::int64_t value = 0;
  QUOTED_CHECK(read(json, name, value));
  out = base::UnixTime(std::chrono::seconds(value));
  return {};
}

template <class T>
base::Status read(const Json& json, const char* name, std::optional<T>& out) {
  if (!json.contains(name)) return {};
  return read(json, name, out.emplace());
}

Result<CertifiedTcb> read_tcb(const Json& json) {
  CertifiedTcb out;
  QUOTED_CHECK(read(json, "cpu_svn", out.cpu_svn));
  QUOTED_CHECK(read(json, "fmspc", out.fmspc));
  std::int64_t pce = 0;
  QUOTED_CHECK(read(json, "pce_isv_svn", pce));
  if (pce < 0 || pce > std::numeric_limits<std::uint16_t>::max()) return wrong("pce_isv_svn");
  out.pce_isv_svn = static_cast<std::uint16_t>(pce);
  return out;
}

Json to_json(const EpcStatus& epc) {
  Json processes = Json::array();
  for (const EpcStatus::Process& one : epc.largest) {
    processes.push_back({{"pid", one.pid}, {"bytes", one.bytes}});
  }
  return {{"size", epc.size},
          {"own", epc.own},
          {"others", {{"count", epc.others}, {"bytes", epc.others_bytes}, {"largest", processes}}}};
}

Result<EpcStatus> read_epc(const Json& json) {
  EpcStatus out;
  if (!json.is_object()) return wrong("epc");
  QUOTED_CHECK(read(json, "size", out.size));
  QUOTED_CHECK(read(json, "own", out.own));
  const auto others = json.find("others");
  if (others == json.end() || !others->is_object()) return wrong("others");
  QUOTED_CHECK(read(*others, "count", out.others));
  QUOTED_CHECK(read(*others, "bytes", out.others_bytes));
  const auto largest = others->find("largest");
  if (largest == others->end() || !largest->is_array() || largest->size() > kMaxEpcProcesses) {
    return wrong("largest");
  }
  for (const Json& one : *largest) {
    if (!one.is_object()) return wrong("largest");
    EpcStatus::Process& process = out.largest.emplace_back();
    QUOTED_CHECK(read(one, "pid", process.pid));
    QUOTED_CHECK(read(one, "bytes", process.bytes));
  }
  return out;
}

}  // namespace

std::string format_status(const ServiceStatus& status) {
  Json certification = {{"state", status.state}, {"since", seconds(status.since)}};
  add(certification, "reason", status.reason);
  add(certification, "remedy", status.remedy);
  certification["source"] = status.source;
  add(certification, "fetched", seconds(status.fetched));
  add(certification, "refresh_at", seconds(status.refresh_at));
  if (status.tcb) {
    certification["tcb"] = {{"cpu_svn", status.tcb->cpu_svn},
                            {"pce_isv_svn", status.tcb->pce_isv_svn},
                            {"fmspc", status.tcb->fmspc}};
  }
  Json json = {{"format", kFormat},
               {"version", status.version},
               {"platform", status.platform},
               {"simulated", status.simulated},
               {"pid", status.pid},
               {"node", status.node},
               {"certification", certification}};
  if (status.epc) json["epc"] = to_json(*status.epc);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ServiceStatus> parse_status(std::string_view text_of_file) {
  const Json json = Json::parse(text_of_file, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::kMalformed, "not a JSON object");
  std::int64_t format = 0;
  QUOTED_CHECK(read(json, "format", format));
  if (format != kFormat) {
    return fail(ErrorCode::kMalformed,
                text("'format' is ", format, ", expected ", kFormat,
                     "; the daemon is of another version than this program"));
  }
  ServiceStatus out;
  QUOTED_CHECK(read(json, "version", out.version));
  QUOTED_CHECK(read(json, "platform", out.platform));
  const auto simulated = json.find("simulated");
  if (simulated == json.end() || !simulated->is_boolean()) return wrong("simulated");
  out.simulated = simulated->get<bool>();
  QUOTED_CHECK(read(json, "pid", out.pid));
  QUOTED_CHECK(read(json, "node", out.node));
  const auto found = json.find("certification");
  if (found == json.end() || !found->is_object()) return wrong("certification");
  const Json& certification = *found;
  QUOTED_CHECK(read(certification, "state", out.state));
  QUOTED_CHECK(read(certification, "since", out.since));
  QUOTED_CHECK(read(certification, "reason", out.reason));
  QUOTED_CHECK(read(certification, "remedy", out.remedy));
  QUOTED_CHECK(read(certification, "source", out.source));
  QUOTED_CHECK(read(certification, "fetched", out.fetched));
  QUOTED_CHECK(read(certification, "refresh_at", out.refresh_at));
  if (const auto tcb = certification.find("tcb"); tcb != certification.end()) {
    if (!tcb->is_object()) return wrong("tcb");
    QUOTED_TRY(out.tcb, read_tcb(*tcb));
  }
  if (const auto epc = json.find("epc"); epc != json.end()) {
    QUOTED_TRY(out.epc, read_epc(*epc));
  }
  return out;
}

base::Status write_status(const std::filesystem::path& path, const ServiceStatus& status) {
  return base::write_file(path, base::as_bytes(format_status(status)), kMode);
}

Result<ServiceStatus> read_status(const std::filesystem::path& path) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxSize));
  auto status = parse_status(base::as_text(content));
  if (!status) return fail(std::move(status).error().with_context(path.string()));
  return status;
}

}  // namespace quoted::service
