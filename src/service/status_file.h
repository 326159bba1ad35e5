// What the daemon says of itself in a file beside its socket, for people, probes and monitoring
// that can see the directory: which platform, and whether and with what it is certified. Holds no
// secret; nothing may be trusted because it stands there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "quoting/platform.h"

namespace quoted::service {

inline constexpr std::string_view kStatusFileName = "quoted.json";

// The TCB that the certificate in use was issued for (TCBm).
struct CertifiedTcb {
  std::string cpu_svn;
  std::uint16_t pce_isv_svn = 0;
  std::string fmspc;
};

// Enclave memory of the node, in bytes.
struct EpcStatus {
  struct Process {
    std::int64_t pid = 0;  // 0: in another PID namespace than the daemon
    std::int64_t bytes = 0;
  };
  std::int64_t size = 0;
  std::int64_t own = 0;     // of this service
  std::int64_t others = 0;  // processes
  std::int64_t others_bytes = 0;
  std::vector<Process> largest;  // of the others, at most kMaxEpcProcesses
};
inline constexpr std::size_t kMaxEpcProcesses = 16;

struct ServiceStatus {
  std::string version;
  std::string platform;  // "simulated"
  bool simulated = false;
  std::int64_t pid = 0;
  std::string node;   // "CPUSVN 0b0b..., PCE 13, QE 8"
  std::string state;  // certification_state_name
  base::UnixTime since;
  std::optional<std::string> reason;  // with its code: "QD8305: ..."
  std::optional<std::string> remedy;
  std::string source;  // where the certificate came from; empty: not from outside
  std::optional<base::UnixTime> fetched;
  std::optional<base::UnixTime> refresh_at;
  std::optional<CertifiedTcb> tcb;
  std::optional<EpcStatus> epc;  // where it is counted
};

[[nodiscard]] std::string format_status(const ServiceStatus& status);
// Malformed names the member at fault. Members of newer versions are passed over.
[[nodiscard]] base::Result<ServiceStatus> parse_status(std::string_view json);

[[nodiscard]] base::Status write_status(const std::filesystem::path& path,
                                        const ServiceStatus& status);
[[nodiscard]] base::Result<ServiceStatus> read_status(const std::filesystem::path& path);

}  // namespace quoted::service
