// The simulated world as its manufacturer keeps it: what it says of its platforms at present and
// said before, which platforms it knows, and what its service is to do wrong. A value;
// world_file.h keeps it, drills.h moves it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulation/authority/platform_manifest.h"
#include "simulation/authority/tcb_state.h"

namespace quoted::simulation {

// One TCB evaluation data number (pcs-api 5.3).
struct Edition {
  TcbState state;
  base::UnixTime recovery_event;
  // From here on it is what update=standard means; before, only update=early shows it.
  base::UnixTime standard_from;
  friend bool operator==(const Edition&, const Edition&) = default;
};

struct RegisteredPlatform {
  PlatformIdentity identity;
  sgx::Ppid ppid;
  base::UnixTime registered;
  std::vector<sgx::QeId> qe_ids;  // the latest last
  friend bool operator==(const RegisteredPlatform&, const RegisteredPlatform&) = default;
};

// What an endpoint of the service can be made to do wrong.
enum class FaultKind : std::uint8_t {
  kDown,
  kSlow,
  kNotFound,
  kTooManyRequests,
  kServerError,
  kUnavailable,
  kTruncatedBody,
  kWrongSignature,
  kWrongChain,
  kWrongDialect,
  kStaleDocument,
};
[[nodiscard]] std::string_view fault_name(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> fault_named(std::string_view name);
[[nodiscard]] std::vector<std::string> fault_names();

// The groups of requests that faults are set for.
enum class ServiceEndpoint : std::uint8_t {
  kPckCert,
  kPckCerts,
  kPckCrl,
  kTcb,
  kQeIdentity,
  kEvaluationNumbers,
  kFmspcs,
  kRootCrl,
  kRootCertificate,
  kRegistration,
};
[[nodiscard]] std::string_view endpoint_name(ServiceEndpoint endpoint);
[[nodiscard]] std::optional<ServiceEndpoint> endpoint_named(std::string_view name);
[[nodiscard]] std::vector<std::string> endpoint_names();

inline constexpr std::uint32_t kMaxFaultSeconds = 60;

struct Fault {
  ServiceEndpoint endpoint = ServiceEndpoint::kTcb;
  FaultKind kind = FaultKind::kDown;
  std::optional<std::uint32_t> remaining;  // absent: until it is cleared
  std::uint32_t seconds = 1;               // of delay for kSlow, of Retry-After for the busy ones
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct World {
  Edition present;
  std::vector<Edition> earlier;             // newest first
  std::set<std::uint32_t> retired_numbers;  // once issued, now gone
  std::vector<RegisteredPlatform> platforms;
  std::vector<Fault> faults;  // one for an endpoint at most
  // The text it was read from: what a newer program wrote into it is kept (world_file.h).
  std::string read_from;

  // By evaluation number, or the one that update=standard means at `now`; null when there is none.
  [[nodiscard]] const Edition* edition(std::uint32_t number) const;
  [[nodiscard]] const Edition& standard(base::UnixTime now) const;

  [[nodiscard]] const RegisteredPlatform* platform_of(const sgx::Ppid& ppid) const;
  [[nodiscard]] const RegisteredPlatform* platform_of(const sgx::QeId& qe_id) const;
  [[nodiscard]] const RegisteredPlatform* platform_named(std::string_view name) const;
  [[nodiscard]] const Fault* fault_of(ServiceEndpoint endpoint) const;
};

inline constexpr std::size_t kMaxPlatforms = 4096;
inline constexpr std::size_t kMaxQeIds = 8;  // of one platform; the oldest is forgotten
inline constexpr std::size_t kMaxEarlier = 4;

// Fresh: default_tcb_state, nobody registered.
[[nodiscard]] World default_world();

// Registers or renews; `now` counts for the former. False when it was known just so.
// ServiceUnavailable when there are kMaxPlatforms already.
[[nodiscard]] base::Result<bool> add_platform(World& world, const PlatformIdentity& identity,
                                              const sgx::Ppid& ppid, base::UnixTime now);

// From now on `qe_id` stands for that platform alone. False when it did so already, or nobody with
// this PPID is registered.
bool remember_qe_id(World& world, const sgx::QeId& qe_id, const sgx::Ppid& ppid);

}  // namespace quoted::simulation
