#include "service/peer.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"

namespace quoted::service {

base::Result<Peer> KernelPeerResolver::resolve(int connection) const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return base::fail(base::ErrorCode::kSocketFailure,
                      base::text("the kernel does not name the peer: ", base::errno_text(errno)));
  }
  return Peer{.uid = credentials.uid, .gid = credentials.gid, .pid = credentials.pid};
}

}  // namespace quoted::service
