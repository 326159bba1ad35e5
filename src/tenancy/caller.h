// What is known of a connection when it is accepted: who is at its other end.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "tenancy/tenant.h"

namespace quoted::tenancy {

// `uid`, `gid` and `pid` as seen from this process: in its user and PID namespace. `pid` is 0 for a
// process that is in none of the PID namespaces visible here, and names the process that called
// connect(), which may have passed the connection on or have ended.
struct Caller {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  TenantPtr tenant;  // never null
};

// Of the listening socket that a connection came on.
struct Arrival {
  std::string socket;  // its name; empty for the main one
  // To whom the configuration gives it; null: to everybody. Counts where the kernel does not tell
  // whose process calls; where it does, the kernel's word holds.
  TenantPtr assigned;
};

class CallerResolver {
 public:
  virtual ~CallerResolver() = default;

  // Thread-safe; called once per connection, when it is accepted. SocketFailure when the kernel
  // does not even say which uid calls.
  [[nodiscard]] virtual base::Result<Caller> resolve(int connection,
                                                     const Arrival& arrival) const = 0;
};

}  // namespace quoted::tenancy
