#include "simulation/authority/drills.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/authority/platform_level.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using base::UnixTime;

// Editions before the present one that can still be asked for by number.
constexpr std::size_t kOffered = 2;
constexpr std::uint8_t kMaxSvn = 255;

UnixTime day_of(UnixTime time) { return std::chrono::floor<std::chrono::days>(time); }

void add_missing(std::vector<std::string>& ids, const std::vector<std::string>& more) {
  for (const std::string& id : more) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
}

TcbStatus left_behind(TcbStatus status) {
  switch (status) {
    case TcbStatus::kConfigurationNeeded:
    case TcbStatus::kConfigurationAndSwHardeningNeeded:
    case TcbStatus::kOutOfDateConfigurationNeeded:
      return TcbStatus::kOutOfDateConfigurationNeeded;
    case TcbStatus::kRevoked:
      return TcbStatus::kRevoked;
    default:
      return TcbStatus::kOutOfDate;
  }
}

// Counts those whose status became another.
template <class Levels>
std::size_t leave_behind(Levels& levels, const std::vector<std::string>& advisories) {
  std::size_t out = 0;
  for (auto& level : levels) {
    const TcbStatus status = left_behind(level.verdict.status);
    if (status != level.verdict.status) ++out;
    level.verdict.status = status;
    add_missing(level.verdict.advisory_ids, advisories);
  }
  return out;
}

// What was present becomes earlier, and the oldest is offered no longer.
void begin_edition(World& world, UnixTime now, std::chrono::days grace) {
  world.earlier.insert(world.earlier.begin(), world.present);
  while (world.earlier.size() > kOffered) {
    world.retired_numbers.insert(world.earlier.back().state.evaluation_number);
    world.earlier.pop_back();
  }
  ++world.present.state.evaluation_number;
  world.present.recovery_event = day_of(now);
  // Within a day of its event, so that without grace it holds at once.
  world.present.standard_from = day_of(now) + grace;
}

Status judge(TcbVerdict& verdict, const Judgement& judgement) {
  verdict.status = judgement.status.value_or(verdict.status);
  add_missing(verdict.advisory_ids, judgement.add_advisories);
  for (const std::string& id : judgement.remove_advisories) std::erase(verdict.advisory_ids, id);
  return {};
}

template <class Set, class Value>
bool set_membership(Set& set, const Value& value, Revoking what, std::uint32_t& crl_number) {
  const bool changed = what == Revoking::kRevoke ? set.insert(value).second : set.erase(value) != 0;
  if (changed) ++crl_number;
  return changed;
}

}  // namespace

Result<RecoveryOutcome> recover_tcb(World& world, const TcbRecovery& recovery, UnixTime now) {
  World moved = world;
  begin_edition(moved, now, recovery.grace);
  TcbState& state = moved.present.state;
  const TcbLevel before = state.levels.front();
  RecoveryOutcome out{world.present.state.evaluation_number, state.evaluation_number, before, 0};
  if (recovery.raise_cpu_svn) {
    if (before.components[0] == kMaxSvn) {
      return fail(ErrorCode::kInvalidArgument,
                  text("component 1 of the best level is ", kMaxSvn, ", which is the highest SVN"));
    }
    ++out.best.components[0];
  }
  out.best.pce_svn = recovery.pce_svn.value_or(before.pce_svn);
  if (out.best.pce_svn < before.pce_svn ||
      (!recovery.raise_cpu_svn && out.best.pce_svn == before.pce_svn)) {
    return fail(ErrorCode::kInvalidArgument,
                text("a recovery raises the CPUSVN or the PCESVN; the latter is ", before.pce_svn));
  }
  out.best.verdict = {day_of(now), TcbStatus::kUpToDate, {}};
  out.left_behind = leave_behind(state.levels, recovery.advisories);
  state.levels.insert(state.levels.begin(), out.best);
  QUOTED_CHECK(check(state));
  world = std::move(moved);
  return out;
}

Result<RecoveryOutcome> recover_qe(World& world, const QeRecovery& recovery, UnixTime now) {
  World moved = world;
  begin_edition(moved, now, recovery.grace);
  TcbState& state = moved.present.state;
  RecoveryOutcome out{world.present.state.evaluation_number, state.evaluation_number,
                      state.levels.front(), 0};
  if (recovery.isv_svn <= state.qe_levels.front().isv_svn) {
    return fail(ErrorCode::kInvalidArgument,
                text("a recovery raises the ISVSVN of the QE, whose best level is ",
                     state.qe_levels.front().isv_svn));
  }
  out.left_behind = leave_behind(state.qe_levels, recovery.advisories);
  state.qe_levels.insert(state.qe_levels.begin(),
                         {recovery.isv_svn, {day_of(now), TcbStatus::kUpToDate, {}}});
  QUOTED_CHECK(check(state));
  world = std::move(moved);
  return out;
}

Status judge_level(World& world, std::size_t index, const Judgement& judgement) {
  auto& levels = world.present.state.levels;
  if (index >= levels.size()) {
    return fail(ErrorCode::kInvalidArgument,
                text("there is no TCB level ", index + 1, "; there are ", levels.size()));
  }
  return judge(levels[index].verdict, judgement);
}

Status judge_qe_level(World& world, std::uint16_t isv_svn, const Judgement& judgement) {
  auto& levels = world.present.state.qe_levels;
  const auto found = std::ranges::find(levels, isv_svn, &QeLevel::isv_svn);
  if (found == levels.end()) {
    return fail(ErrorCode::kInvalidArgument,
                text("there is no level of the QE with ISVSVN ", isv_svn));
  }
  return judge(found->verdict, judgement);
}

bool set_revoked(World& world, const crypto::SerialNumber& pck, Revoking what) {
  TcbState& state = world.present.state;
  return set_membership(state.revoked_pcks, pck, what, state.pck_crl_number);
}

bool set_revoked(World& world, RevocableIssuer issuer, Revoking what) {
  TcbState& state = world.present.state;
  return set_membership(state.revoked_issuers, issuer, what, state.root_crl_number);
}

Result<std::vector<crypto::SerialNumber>> pck_serials(const MasterSeed& seed, const World& world,
                                                      const PlatformIdentity& platform) {
  std::vector<crypto::SerialNumber> out;
  for (const TcbLevel& level : world.present.state.levels) {
    const Psvn tcb = psvn_of(level);
    QUOTED_TRY(const ManufacturedPlatform made, manufacture_at(seed, platform, tcb));
    QUOTED_TRY(const collateral::SgxExtension description, describe_platform(seed, made, tcb));
    QUOTED_TRY(const crypto::SerialNumber serial, pck_serial(description, seed));
    out.push_back(serial);
  }
  return out;
}

void expire_documents(World& world, UnixTime now, std::chrono::seconds ago) {
  TcbState& state = world.present.state;
  state.issue_date = now - ago - std::chrono::days(static_cast<int>(state.valid_days));
}

void renew_documents(World& world) { world.present.state.issue_date.reset(); }

void set_fault(World& world, const Fault& fault) {
  clear_fault(world, fault.endpoint);
  world.faults.push_back(fault);
}

bool clear_fault(World& world, ServiceEndpoint endpoint) {
  return std::erase_if(world.faults, [&](const Fault& one) { return one.endpoint == endpoint; }) !=
         0;
}

}  // namespace quoted::simulation
