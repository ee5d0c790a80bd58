#include "state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace auditql {

Result<UniqueFd> lock_state_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error::from_errno("store_open_failed", "create " + directory);
  }
  const std::string path = directory + "/lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return Error::from_errno("store_open_failed", "open " + path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Error::from_errno("store_open_failed", "lock " + path);
    return Error{"store_locked",
                 directory + " is in use by another auditql. Stop it, or use another state_path.",
                 errno};
  }
  return lock;
}

}  // namespace auditql
