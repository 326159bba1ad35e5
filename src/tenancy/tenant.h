// Who calls: what limits, rules, audit and metrics hang on. The kernel says, or the socket on which
// the call came; never the caller.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kubernetes/cgroup_owner.h"

namespace quoted::tenancy {

enum class TenantKind : std::uint8_t {
  kUnidentified,  // `reason` says why; all of them are one tenant
  kPod,
  kContainer,  // of no pod
  kUnit,       // of systemd
  kUser,       // none of these: a uid of this machine
  kSocket,     // whoever calls on a socket that the configuration gives to somebody
};

// "pod": in rules, logs and metrics.
[[nodiscard]] std::string_view tenant_kind_name(TenantKind kind);

// Immutable once it is shared. Texts that are not known are empty.
struct Tenant {
  TenantKind kind = TenantKind::kUnidentified;
  // Those with the same key share their limits: "pod:<uid>", "container:<id>", "unit:<name>",
  // "uid:<number>", "socket:<name>", "unidentified". Printable ASCII.
  std::string key = "unidentified";

  std::string pod_uid;
  std::string pod_namespace;
  std::string pod_name;
  std::string container_id;
  std::string container_name;
  kubernetes::Qos qos = kubernetes::Qos::kUnknown;
  std::string unit;
  std::string socket;  // the name of the one it came on; empty for the main one
  std::string reason;  // why it is unidentified, or why something above is not known

  // "team-a/web-0", else the key: for people.
  [[nodiscard]] std::string display_name() const;

  friend bool operator==(const Tenant&, const Tenant&) = default;
};

using TenantPtr = std::shared_ptr<const Tenant>;

}  // namespace quoted::tenancy
