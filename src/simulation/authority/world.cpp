#include "simulation/authority/world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::array<std::pair<FaultKind, std::string_view>, 11> kFaultNames = {{
    {FaultKind::kDown, "down"},
    {FaultKind::kSlow, "slow"},
    {FaultKind::kNotFound, "404"},
    {FaultKind::kTooManyRequests, "429"},
    {FaultKind::kServerError, "500"},
    {FaultKind::kUnavailable, "503"},
    {FaultKind::kTruncatedBody, "truncated-body"},
    {FaultKind::kWrongSignature, "wrong-signature"},
    {FaultKind::kWrongChain, "wrong-chain"},
    {FaultKind::kWrongDialect, "wrong-dialect"},
    {FaultKind::kStaleDocument, "stale-document"},
}};

constexpr std::array<std::pair<ServiceEndpoint, std::string_view>, 10> kEndpointNames = {{
    {ServiceEndpoint::kPckCert, "pckcert"},
    {ServiceEndpoint::kPckCerts, "pckcerts"},
    {ServiceEndpoint::kPckCrl, "pckcrl"},
    {ServiceEndpoint::kTcb, "tcb"},
    {ServiceEndpoint::kQeIdentity, "qe-identity"},
    {ServiceEndpoint::kEvaluationNumbers, "evaluation-numbers"},
    {ServiceEndpoint::kFmspcs, "fmspcs"},
    {ServiceEndpoint::kRootCrl, "root-crl"},
    {ServiceEndpoint::kRootCertificate, "root-certificate"},
    {ServiceEndpoint::kRegistration, "registration"},
}};

template <class Names>
std::vector<std::string> all_of(const Names& names) {
  std::vector<std::string> out;
  for (const auto& [value, name] : names) out.emplace_back(name);
  return out;
}

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::first)->second;
}

template <class Names>
auto value_in(const Names& names, std::string_view name)
    -> std::optional<typename Names::value_type::first_type> {
  const auto found = std::ranges::find(names, name, &Names::value_type::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

template <class Range, class Matches>
auto* pointer_to(Range& range, const Matches& matches) {
  const auto found = std::ranges::find_if(range, matches);
  return found == range.end() ? nullptr : &*found;
}

bool has_qe_id(const RegisteredPlatform& platform, const sgx::QeId& qe_id) {
  return std::ranges::find(platform.qe_ids, qe_id) != platform.qe_ids.end();
}

}  // namespace

std::string_view fault_name(FaultKind kind) { return name_in(kFaultNames, kind); }
std::optional<FaultKind> fault_named(std::string_view name) { return value_in(kFaultNames, name); }
std::vector<std::string> fault_names() { return all_of(kFaultNames); }

std::string_view endpoint_name(ServiceEndpoint endpoint) {
  return name_in(kEndpointNames, endpoint);
}
std::optional<ServiceEndpoint> endpoint_named(std::string_view name) {
  return value_in(kEndpointNames, name);
}
std::vector<std::string> endpoint_names() { return all_of(kEndpointNames); }

const Edition* World::edition(std::uint32_t number) const {
  if (present.state.evaluation_number == number) return &present;
  return pointer_to(
      earlier, [&](const Edition& edition) { return edition.state.evaluation_number == number; });
}

const Edition& World::standard(base::UnixTime now) const {
  if (present.standard_from <= now || earlier.empty()) return present;
  const Edition* const passed =
      pointer_to(earlier, [&](const Edition& edition) { return edition.standard_from <= now; });
  return passed == nullptr ? earlier.back() : *passed;
}

const RegisteredPlatform* World::platform_of(const sgx::Ppid& ppid) const {
  return pointer_to(platforms, [&](const RegisteredPlatform& one) { return one.ppid == ppid; });
}

const RegisteredPlatform* World::platform_of(const sgx::QeId& qe_id) const {
  return pointer_to(platforms,
                    [&](const RegisteredPlatform& one) { return has_qe_id(one, qe_id); });
}

const RegisteredPlatform* World::platform_named(std::string_view name) const {
  return pointer_to(platforms,
                    [&](const RegisteredPlatform& one) { return one.identity.name == name; });
}

const Fault* World::fault_of(ServiceEndpoint endpoint) const {
  return pointer_to(faults, [&](const Fault& fault) { return fault.endpoint == endpoint; });
}

World default_world() {
  World out;
  out.present.state = default_tcb_state(default_platform_model());
  out.present.recovery_event = out.present.state.levels.front().verdict.tcb_date;
  out.present.standard_from = out.present.recovery_event;
  return out;
}

Result<bool> add_platform(World& world, const PlatformIdentity& identity, const sgx::Ppid& ppid,
                          base::UnixTime now) {
  RegisteredPlatform* const known =
      pointer_to(world.platforms, [&](const RegisteredPlatform& one) { return one.ppid == ppid; });
  if (known != nullptr) {
    if (known->identity == identity) return false;
    known->identity = identity;
    return true;
  }
  if (world.platforms.size() >= kMaxPlatforms) {
    return fail(ErrorCode::kServiceUnavailable,
                text("the simulated manufacturer knows ", world.platforms.size(),
                     " platforms, which is as many as it keeps"));
  }
  world.platforms.push_back({identity, ppid, now, {}});
  return true;
}

bool remember_qe_id(World& world, const sgx::QeId& qe_id, const sgx::Ppid& ppid) {
  const auto is_it = [&](const RegisteredPlatform& one) { return one.ppid == ppid; };
  RegisteredPlatform* const owner = pointer_to(world.platforms, is_it);
  if (owner == nullptr || has_qe_id(*owner, qe_id)) return false;
  for (RegisteredPlatform& platform : world.platforms) std::erase(platform.qe_ids, qe_id);
  owner->qe_ids.push_back(qe_id);
  if (owner->qe_ids.size() > kMaxQeIds) owner->qe_ids.erase(owner->qe_ids.begin());
  return true;
}

}  // namespace quoted::simulation
