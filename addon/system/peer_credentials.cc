#include "peer_credentials.h"

#include <sys/socket.h>

namespace auditql {

Result<PeerCredentials> peer_credentials(int socket) {
  int domain = 0;
  socklen_t length = sizeof domain;
  if (::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) {
    return Error::from_errno("peer_unknown", "getsockopt SO_DOMAIN");
  }
  if (domain != AF_UNIX) return Error{"peer_unknown", "The socket is not a unix socket.", EINVAL};
  struct ucred peer {};
  length = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
    return Error::from_errno("peer_unknown", "getsockopt SO_PEERCRED");
  }
  return PeerCredentials{peer.pid, peer.uid};
}

}  // namespace auditql
