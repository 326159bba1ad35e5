// Who is at the other end of a connection. The kernel says, never the client.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace quoted::service {

// As seen from this process: in its user and PID namespace. `pid` is 0 for a process that is in
// none of the PID namespaces visible here, and names the process that called connect(), which may
// have passed the connection on or have ended.
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

class PeerResolver {
 public:
  virtual ~PeerResolver() = default;

  // Thread-safe; called once per connection, when it is accepted.
  [[nodiscard]] virtual base::Result<Peer> resolve(int connection) const = 0;
};

class KernelPeerResolver final : public PeerResolver {
 public:
  [[nodiscard]] base::Result<Peer> resolve(int connection) const override;
};

}  // namespace quoted::service
