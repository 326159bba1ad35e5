// Whose process it is, by the text of /proc/PID/cgroup: pod, container, systemd unit
// (kubernetes 11.2). The kernel writes it; but a container that may write to its cgroup makes
// groups with any name below its own, so what stands further right never counts against what stands
// left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quoted::kubernetes {

enum class Qos : std::uint8_t { kUnknown, kGuaranteed, kBurstable, kBestEffort };

// "burstable": for logs and metrics.
[[nodiscard]] std::string_view qos_name(Qos qos);

struct CgroupOwner {
  enum class Kind : std::uint8_t {
    kUnidentified,  // `reason` says why
    kPod,           // a container of a pod
    kOwnPod,        // a container of the pod that the reader is in, whose UID is not shown
    kContainer,     // of no pod
    kUnit,          // of systemd, outside of containers
    kHost,          // none of these: a kernel thread, an init, a login
  };

  Kind kind = Kind::kUnidentified;
  std::string pod_uid;       // with dashes, or 32 hexadecimal digits of a static pod; kPod only
  std::string container_id;  // 64 hexadecimal digits
  std::string unit;          // "nginx.service"; kUnit only
  Qos qos = Qos::kUnknown;
  std::string_view reason;  // static storage; kUnidentified only

  friend bool operator==(const CgroupOwner&, const CgroupOwner&) = default;
};

// Larger than any that the kernel writes for the deepest hierarchy that people build.
inline constexpr std::size_t kMaxCgroupText = std::size_t{64} * 1024;

// `text` is the content of /proc/PID/cgroup, of cgroup v1, v2 or both; `own` that of the reader, by
// which the groups around both of them (a node that is a container itself) are known. Hierarchies
// that contradict each other, or a path that can be read in two ways, are unidentified.
[[nodiscard]] CgroupOwner cgroup_owner(std::string_view text, std::string_view own);

}  // namespace quoted::kubernetes
