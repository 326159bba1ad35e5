// What the simulated manufacturer says of its platforms at present: the part of the simulated world
// that drills move (a recovery, a revocation, an advisory). A value; collateral_issuer.h makes
// documents of it, tcb_state_file.h keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collateral/tcb_status.h"
#include "simulation/authority/manufacturer.h"

namespace quoted::simulation {

using collateral::TcbStatus;

// The words for platforms, and those of them that a QE identity may use (quote-verification 6).
[[nodiscard]] std::vector<std::string> platform_status_names();
[[nodiscard]] std::vector<std::string> qe_status_names();

// How a level is judged.
struct TcbVerdict {
  base::UnixTime tcb_date;
  TcbStatus status = TcbStatus::kUpToDate;
  std::vector<std::string> advisory_ids;
  friend bool operator==(const TcbVerdict&, const TcbVerdict&) = default;
};

struct TcbLevel {
  collateral::TcbComponents components{};
  std::uint16_t pce_svn = 0;
  TcbVerdict verdict;
  friend bool operator==(const TcbLevel&, const TcbLevel&) = default;
};

struct QeLevel {
  std::uint16_t isv_svn = 0;
  TcbVerdict verdict;
  friend bool operator==(const QeLevel&, const QeLevel&) = default;
};

// Issuers that the root can revoke.
enum class RevocableIssuer : std::uint8_t { kPlatformCa, kProcessorCa, kTcbSigning };
[[nodiscard]] std::string_view issuer_name(RevocableIssuer issuer);
[[nodiscard]] std::optional<RevocableIssuer> issuer_named(std::string_view name);

struct TcbState {
  std::uint32_t evaluation_number = 1;
  std::vector<TcbLevel> levels;    // best first
  std::vector<QeLevel> qe_levels;  // best first
  // When documents are issued; absent: whenever they are asked for.
  std::optional<base::UnixTime> issue_date;
  std::uint32_t valid_days = 30;  // from issueDate to nextUpdate
  // In the CRLs of both CAs: serials have 160 bits from the seed, so no two certificates share one.
  std::set<crypto::SerialNumber> revoked_pcks;
  std::set<RevocableIssuer> revoked_issuers;
  std::uint32_t pck_crl_number = 1;
  std::uint32_t root_crl_number = 1;
  friend bool operator==(const TcbState&, const TcbState&) = default;
};

inline constexpr std::uint32_t kMaxValidDays = 36525;

// The platform of `model` and the simulated QE are up to date, what lies below is not.
[[nodiscard]] TcbState default_tcb_state(const PlatformModel& model);

// The level by which a verifier judges a PCK certificate or a QE (quote-verification 10, 11); null
// when there is none.
[[nodiscard]] TcbLevel* level_of(TcbState& state, const collateral::TcbComponents& components,
                                 std::uint16_t pce_svn);
[[nodiscard]] QeLevel* qe_level_of(TcbState& state, std::uint16_t isv_svn);

// Malformed, naming the field, for what real documents never hold and verifiers refuse or read
// differently: no levels, levels out of order, a status that a QE cannot have, unusual advisories.
[[nodiscard]] base::Status check(const TcbState& state);

}  // namespace quoted::simulation
