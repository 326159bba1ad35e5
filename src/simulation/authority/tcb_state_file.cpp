#include "simulation/authority/tcb_state_file.h"

#include "base/file.h"
#include "base/text.h"
#include "simulation/authority/json_field.h"
#include "simulation/authority/utc_text.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using Json = StateJson;
using Field = JsonField;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxFileSize = std::size_t{1} << 20U;
constexpr mode_t kFileMode = 0644;
constexpr int kIndent = 2;
Result<TcbVerdict> read_verdict(const Field& level) {
  TcbVerdict out;
  QUOTED_TRY(out.tcb_date, level["tcbDate"].date());
  QUOTED_TRY(out.status, level["tcbStatus"].parsed("a TCB status", collateral::parse_tcb_status));
  QUOTED_CHECK(level["advisoryIDs"].each([&](const Field& id) -> Status {
    QUOTED_TRY(std::string words, id.words());
    out.advisory_ids.push_back(std::move(words));
    return {};
  }));
  return out;
}

Result<TcbLevel> read_level(const Field& level) {
  QUOTED_CHECK(level.has_only({"components", "pcesvn", "tcbDate", "tcbStatus", "advisoryIDs"}));
  TcbLevel out;
  std::size_t count = 0;
  QUOTED_CHECK(level["components"].each([&](const Field& component) -> Status {
    if (count == out.components.size()) return level["components"].wrong("16 members");
    QUOTED_TRY(const std::uint64_t svn, component.number(kMaxByte));
    out.components[count++] = static_cast<std::uint8_t>(svn);
    return {};
  }));
  if (count != out.components.size()) return level["components"].wrong("16 members");
  QUOTED_TRY(const std::uint64_t pce_svn, level["pcesvn"].number(kMax16));
  out.pce_svn = static_cast<std::uint16_t>(pce_svn);
  QUOTED_TRY(out.verdict, read_verdict(level));
  return out;
}

Result<QeLevel> read_qe_level(const Field& level) {
  QUOTED_CHECK(level.has_only({"isvsvn", "tcbDate", "tcbStatus", "advisoryIDs"}));
  QeLevel out;
  QUOTED_TRY(const std::uint64_t isv_svn, level["isvsvn"].number(kMax16));
  out.isv_svn = static_cast<std::uint16_t>(isv_svn);
  QUOTED_TRY(out.verdict, read_verdict(level));
  return out;
}

std::optional<crypto::SerialNumber> parse_serial(const std::string& digits) {
  const auto out = crypto::SerialNumber::parse_hex(digits);
  return out ? std::optional(*out) : std::nullopt;
}

Status read_revocations(const Field& file, TcbState& out) {
  QUOTED_CHECK(file["revokedPcks"].each([&](const Field& entry) -> Status {
    QUOTED_TRY(const auto serial, entry.parsed("40 hexadecimal digits", parse_serial));
    out.revoked_pcks.insert(serial);
    return {};
  }));
  return file["revokedIssuers"].each([&](const Field& entry) -> Status {
    QUOTED_TRY(const auto issuer,
               entry.parsed("platform-ca, processor-ca or tcb-signing", issuer_named));
    out.revoked_issuers.insert(issuer);
    return {};
  });
}

Result<TcbState> read_state(const Field& file) {
  QUOTED_CHECK(
      file.has_only({"version", "tcbEvaluationDataNumber", "tcbLevels", "qeLevels", "validDays",
                     "revokedPcks", "revokedIssuers", "pckCrlNumber", "rootCrlNumber"},
                    "issueDate"));
  TcbState out;
  QUOTED_TRY(out.evaluation_number, file["tcbEvaluationDataNumber"].number_32());
  if (file.has("issueDate")) {
    QUOTED_TRY(out.issue_date, file["issueDate"].date());
  }
  QUOTED_TRY(out.valid_days, file["validDays"].number_32());
  QUOTED_CHECK(file["tcbLevels"].each([&](const Field& field) -> Status {
    QUOTED_TRY(TcbLevel level, read_level(field));
    out.levels.push_back(std::move(level));
    return {};
  }));
  QUOTED_CHECK(file["qeLevels"].each([&](const Field& field) -> Status {
    QUOTED_TRY(QeLevel level, read_qe_level(field));
    out.qe_levels.push_back(std::move(level));
    return {};
  }));
  QUOTED_CHECK(read_revocations(file, out));
  QUOTED_TRY(out.pck_crl_number, file["pckCrlNumber"].number_32());
  QUOTED_TRY(out.root_crl_number, file["rootCrlNumber"].number_32());
  QUOTED_CHECK(check(out));
  return out;
}

void write_verdict(Json& level, const TcbVerdict& verdict) {
  level["tcbDate"] = utc_text(verdict.tcb_date);
  level["tcbStatus"] = tcb_status_name(verdict.status);
  level["advisoryIDs"] = verdict.advisory_ids;
}

}  // namespace

Result<TcbState> parse_tcb_state(std::string_view json) {
  const auto parsed = parse_state_json(json);
  if (!parsed) return fail(ErrorCode::kMalformed, "the TCB state is not a JSON object");
  const Field file(*parsed, "");
  // Before all others: another version may have other members.
  if (!file.has("version")) return fail(ErrorCode::kMalformed, "version is missing");
  if ((*parsed)["version"] != kVersion) return file["version"].wrong(text(kVersion));
  return read_state(file);
}

std::string format_tcb_state(const TcbState& state) {
  Json out;
  out["version"] = kVersion;
  out["tcbEvaluationDataNumber"] = state.evaluation_number;
  if (state.issue_date) out["issueDate"] = utc_text(*state.issue_date);
  out["validDays"] = state.valid_days;
  out["tcbLevels"] = Json::array();
  for (const TcbLevel& level : state.levels) {
    Json& entry = out["tcbLevels"].emplace_back();
    entry["components"] = level.components;
    entry["pcesvn"] = level.pce_svn;
    write_verdict(entry, level.verdict);
  }
  out["qeLevels"] = Json::array();
  for (const QeLevel& level : state.qe_levels) {
    Json& entry = out["qeLevels"].emplace_back();
    entry["isvsvn"] = level.isv_svn;
    write_verdict(entry, level.verdict);
  }
  out["revokedPcks"] = Json::array();
  for (const auto& serial : state.revoked_pcks) out["revokedPcks"].push_back(serial.hex());
  out["revokedIssuers"] = Json::array();
  for (const RevocableIssuer issuer : state.revoked_issuers) {
    out["revokedIssuers"].push_back(issuer_name(issuer));
  }
  out["pckCrlNumber"] = state.pck_crl_number;
  out["rootCrlNumber"] = state.root_crl_number;
  return out.dump(kIndent) + "\n";
}

Result<TcbState> load_tcb_state(const std::filesystem::path& path) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxFileSize));
  auto state = parse_tcb_state(base::as_text(content));
  if (!state) return fail(std::move(state).error().with_context(path.string()));
  return state;
}

Status save_tcb_state(const std::filesystem::path& path, const TcbState& state) {
  QUOTED_CHECK(check(state));
  const std::string content = format_tcb_state(state);
  return base::write_file(path, base::as_bytes(content), kFileMode, true);
}

}  // namespace quoted::simulation
