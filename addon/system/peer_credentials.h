#pragma once

#include <sys/types.h>

#include "result.h"

namespace auditql {

/// Who is at the other end of a unix socket.
struct PeerCredentials {
  pid_t pid = 0;  ///< 0 where the process is in no pid namespace of ours
  uid_t uid = 0;
};

/// Credentials as the kernel took them at connect(2) (SO_PEERCRED, unix(7)), whatever the peer did
/// since then. Errors: peer_unknown, also for sockets that are not of AF_UNIX, of which the kernel
/// answers with nobody's.
Result<PeerCredentials> peer_credentials(int socket);

}  // namespace auditql
