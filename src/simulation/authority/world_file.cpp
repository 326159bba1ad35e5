#include "simulation/authority/world_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "base/file.h"
#include "base/unique_fd.h"
#include "simulation/authority/tcb_state_file.h"
#include "simulation/authority/unknown_members.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using Json = StateJson;
using Field = JsonField;

constexpr std::uint64_t kMajor = 1;
constexpr std::uint64_t kMinor = 0;
constexpr std::size_t kMaxFileSize = std::size_t{8} << 20U;
constexpr mode_t kFileMode = 0644;
constexpr int kIndent = 2;
constexpr std::string_view kFileName = "world.json";
constexpr std::string_view kLockName = "world.lock";
// Others hold the lock for milliseconds; one that is stopped must not stop this program for ever.
constexpr std::chrono::milliseconds kLockPatience = std::chrono::seconds(10);
constexpr std::chrono::milliseconds kLockRetry{5};

constexpr std::array<std::pair<collateral::SgxType, std::string_view>, 3> kSgxTypes = {{
    {collateral::SgxType::kStandard, "standard"},
    {collateral::SgxType::kScalable, "scalable"},
    {collateral::SgxType::kScalableWithIntegrity, "scalable-with-integrity"},
}};

std::optional<collateral::SgxType> sgx_type_named(std::string_view name) {
  for (const auto& [type, its_name] : kSgxTypes) {
    if (its_name == name) return type;
  }
  return std::nullopt;
}

const JsonShape& tcb_state_shape() {
  static const JsonShape shape{
      {"version", "tcbEvaluationDataNumber", "issueDate", "validDays", "tcbLevels", "qeLevels",
       "revokedPcks", "revokedIssuers", "pckCrlNumber", "rootCrlNumber"},
      {},
      {{"tcbLevels",
        {{"components", "pcesvn", "tcbDate", "tcbStatus", "advisoryIDs"},
         {"components", "pcesvn"}}},
       {"qeLevels", {{"isvsvn", "tcbDate", "tcbStatus", "advisoryIDs"}, {"isvsvn"}}}}};
  return shape;
}

JsonShape edition_shape() {
  return {{"tcbState", "recoveryEventDate", "standardFrom"},
          {"recoveryEventDate"},
          {{"tcbState", tcb_state_shape()}}};
}

const JsonShape& world_shape() {
  static const JsonShape shape{
      {"notice", "majorVersion", "minorVersion", "present", "earlier", "retiredEvaluationNumbers",
       "platforms", "faults"},
      {},
      {{"present", edition_shape()},
       {"earlier", edition_shape()},
       {"platforms",
        {{"name", "fmspc", "sgxType", "pckCa", "ppid", "registered", "qeIds"}, {"ppid"}}},
       {"faults", {{"endpoint", "kind", "remaining", "seconds"}, {"endpoint"}}}}};
  return shape;
}

template <class T>
std::optional<T> hex_value(const std::string& digits) {
  const auto out = T::parse_hex(digits);
  return out ? std::optional<T>(*out) : std::nullopt;
}

Result<Edition> read_edition(const Field& field) {
  QUOTED_CHECK(field.has_members({"tcbState", "recoveryEventDate", "standardFrom"}));
  Edition out;
  auto state = parse_tcb_state(known_members(field["tcbState"].value(), tcb_state_shape()).dump());
  if (!state) return fail(std::move(state).error().with_context(field["tcbState"].where()));
  out.state = *std::move(state);
  QUOTED_TRY(out.recovery_event, field["recoveryEventDate"].date());
  QUOTED_TRY(out.standard_from, field["standardFrom"].date());
  return out;
}

Result<RegisteredPlatform> read_platform(const Field& field) {
  QUOTED_CHECK(
      field.has_members({"name", "fmspc", "sgxType", "pckCa", "ppid", "registered", "qeIds"}));
  RegisteredPlatform out;
  const auto proper_name = [](const std::string& name) {
    return is_platform_name(name) ? std::optional(name) : std::nullopt;
  };
  QUOTED_TRY(out.identity.name, field["name"].parsed("a platform's name", proper_name));
  QUOTED_TRY(out.identity.fmspc,
             field["fmspc"].parsed("12 hexadecimal digits", hex_value<sgx::Fmspc>));
  QUOTED_TRY(
      out.identity.sgx_type,
      field["sgxType"].parsed("standard, scalable or scalable-with-integrity", sgx_type_named));
  QUOTED_TRY(out.identity.pck_ca,
             field["pckCa"].parsed("platform or processor", collateral::pck_ca_named));
  QUOTED_TRY(out.ppid, field["ppid"].parsed("32 hexadecimal digits", hex_value<sgx::Ppid>));
  QUOTED_TRY(out.registered, field["registered"].date());
  QUOTED_CHECK(field["qeIds"].each([&](const Field& id) -> Status {
    QUOTED_TRY(const auto qe_id, id.parsed("32 hexadecimal digits", hex_value<sgx::QeId>));
    out.qe_ids.push_back(qe_id);
    return {};
  }));
  return out;
}

Result<Fault> read_fault(const Field& field) {
  QUOTED_CHECK(field.has_members({"endpoint", "kind", "seconds"}));
  Fault out;
  QUOTED_TRY(out.endpoint, field["endpoint"].parsed("the name of an endpoint", endpoint_named));
  QUOTED_TRY(out.kind, field["kind"].parsed("the name of a fault", fault_named));
  QUOTED_TRY(const std::uint64_t seconds, field["seconds"].number(kMaxFaultSeconds));
  out.seconds = static_cast<std::uint32_t>(seconds);
  if (field.has("remaining")) {
    QUOTED_TRY(out.remaining, field["remaining"].number_32());
  }
  return out;
}

template <class T, class Read>
Result<std::vector<T>> read_list(const Field& field, std::size_t limit, const Read& read) {
  std::vector<T> out;
  QUOTED_CHECK(field.each([&](const Field& entry) -> Status {
    if (out.size() == limit) return field.wrong(text("at most ", limit, " members"));
    QUOTED_TRY(T one, read(entry));
    out.push_back(std::move(one));
    return {};
  }));
  return out;
}

Status check_version(const Field& file) {
  QUOTED_CHECK(file.has_members({"majorVersion", "minorVersion"}));
  QUOTED_TRY(const std::uint64_t major, file["majorVersion"].number(kMax32));
  QUOTED_TRY(const std::uint64_t minor, file["minorVersion"].number(kMax32));
  if (major == kMajor) return {};
  return fail(ErrorCode::kConfigurationInvalid,
              text("it has format version ", major, ".", minor, ", this program reads ", kMajor,
                   ".x; use the program that wrote it, or another state directory"));
}

Result<World> read_world(const Field& file) {
  QUOTED_CHECK(
      file.has_members({"present", "earlier", "retiredEvaluationNumbers", "platforms", "faults"}));
  World out;
  QUOTED_TRY(out.present, read_edition(file["present"]));
  QUOTED_TRY(out.earlier, read_list<Edition>(file["earlier"], kMaxEarlier, read_edition));
  std::uint32_t number = out.present.state.evaluation_number;
  for (const Edition& edition : out.earlier) {
    if (edition.state.evaluation_number >= number) {
      return file["earlier"].wrong("evaluation numbers that descend from the present one");
    }
    number = edition.state.evaluation_number;
  }
  QUOTED_TRY(const auto retired,
             read_list<std::uint32_t>(file["retiredEvaluationNumbers"], kMaxFileSize,
                                      [](const Field& field) { return field.number_32(); }));
  out.retired_numbers = {retired.begin(), retired.end()};
  QUOTED_TRY(out.platforms,
             read_list<RegisteredPlatform>(file["platforms"], kMaxPlatforms, read_platform));
  QUOTED_TRY(out.faults, read_list<Fault>(file["faults"], endpoint_names().size(), read_fault));
  return out;
}

Json edition_json(const Edition& edition) {
  Json out;
  out["tcbState"] = Json::parse(format_tcb_state(edition.state));
  out["recoveryEventDate"] = utc_text(edition.recovery_event);
  out["standardFrom"] = utc_text(edition.standard_from);
  return out;
}

Json platform_json(const RegisteredPlatform& platform) {
  Json out;
  out["name"] = platform.identity.name;
  out["fmspc"] = platform.identity.fmspc.hex();
  for (const auto& [type, name] : kSgxTypes) {
    if (type == platform.identity.sgx_type) out["sgxType"] = name;
  }
  out["pckCa"] = collateral::pck_ca_name(platform.identity.pck_ca);
  out["ppid"] = platform.ppid.hex();
  out["registered"] = utc_text(platform.registered);
  out["qeIds"] = Json::array();
  for (const sgx::QeId& id : platform.qe_ids) out["qeIds"].push_back(id.hex());
  return out;
}

Json fault_json(const Fault& fault) {
  Json out;
  out["endpoint"] = endpoint_name(fault.endpoint);
  out["kind"] = fault_name(fault.kind);
  if (fault.remaining) out["remaining"] = *fault.remaining;
  out["seconds"] = fault.seconds;
  return out;
}

Result<base::UniqueFd> lock(const std::filesystem::path& path) {
  const auto unusable = [&](std::string_view why) {
    return fail(ErrorCode::kFileUnwritable, text("cannot lock ", path.string(), ": ", why));
  };
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!fd.valid()) return unusable(base::errno_text(errno));
  const auto give_up = std::chrono::steady_clock::now() + kLockPatience;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return unusable(base::errno_text(errno));
    if (std::chrono::steady_clock::now() >= give_up) {
      return unusable(text("another program has held it for ", kLockPatience.count(), " ms"));
    }
    std::this_thread::sleep_for(kLockRetry);
  }
  return fd;
}

Status write(const std::filesystem::path& path, const std::string& content) {
  return base::write_file(path, base::as_bytes(content), kFileMode, true);
}

}  // namespace

Result<World> parse_world(std::string_view json) {
  const auto parsed = parse_state_json(json);
  if (!parsed) {
    return fail(ErrorCode::kMalformed,
                "the world is not a JSON object; restore it, or move it away to begin anew");
  }
  const Field file(*parsed, "");
  // Before all others: another major version may have other members.
  QUOTED_CHECK(check_version(file));
  QUOTED_TRY(World out, read_world(file));
  out.read_from = json;
  return out;
}

std::string format_world(const World& world) {
  Json out;
  out["notice"] = "SIMULATED-NO-SECURITY";
  out["majorVersion"] = kMajor;
  out["minorVersion"] = kMinor;
  out["present"] = edition_json(world.present);
  out["earlier"] = Json::array();
  for (const Edition& edition : world.earlier) out["earlier"].push_back(edition_json(edition));
  out["retiredEvaluationNumbers"] = world.retired_numbers;
  out["platforms"] = Json::array();
  for (const auto& platform : world.platforms) out["platforms"].push_back(platform_json(platform));
  out["faults"] = Json::array();
  for (const Fault& fault : world.faults) out["faults"].push_back(fault_json(fault));
  if (const auto before = parse_state_json(world.read_from)) {
    keep_unknown_members(out, *before, world_shape());
    // What a newer program added is there still, so the file is still one of its version.
    if (before->contains("minorVersion") && (*before)["minorVersion"] > out["minorVersion"]) {
      out["minorVersion"] = (*before)["minorVersion"];
    }
  }
  return out.dump(kIndent) + "\n";
}

WorldFile::WorldFile(const std::filesystem::path& directory)
    : path_(directory / kFileName), lock_path_(directory / kLockName) {}

Status WorldFile::create_if_missing(const World& fresh) const {
  QUOTED_TRY(const base::UniqueFd held, lock(lock_path_));
  if (stamp()) return {};
  return write(path_, format_world(fresh));
}

Result<World> WorldFile::load() const {
  QUOTED_TRY(const base::Bytes content, base::read_file(path_, kMaxFileSize));
  auto world = parse_world(base::as_text(content));
  if (!world) return fail(std::move(world).error().with_context(path_.string()));
  return world;
}

Result<World> WorldFile::update(const std::function<Status(World&)>& change,
                                std::optional<Stamp>* stamp_now) const {
  QUOTED_TRY(const base::UniqueFd held, lock(lock_path_));
  QUOTED_TRY(World world, load());
  QUOTED_CHECK(change(world));
  QUOTED_CHECK(check(world.present.state));
  const std::string content = format_world(world);
  if (content != world.read_from) {
    QUOTED_CHECK(write(path_, content));
    world.read_from = content;
  }
  // While the lock is held, so that it is no other program's.
  if (stamp_now != nullptr) *stamp_now = stamp();
  return world;
}

std::optional<WorldFile::Stamp> WorldFile::stamp() const {
  struct stat info{};
  if (::stat(path_.c_str(), &info) != 0) return std::nullopt;
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return Stamp{info.st_mtim.tv_sec * kNanoseconds + info.st_mtim.tv_nsec, info.st_ino,
               info.st_size};
}

}  // namespace quoted::simulation
