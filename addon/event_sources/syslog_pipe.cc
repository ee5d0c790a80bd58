#include "syslog_pipe.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>

namespace auditql {

namespace {

constexpr const char* kPipeError = "syslog_pipe_failed";
/// Only the group may write: any user could invent log lines otherwise.
constexpr mode_t kMode = 0460;
/// Lines that wait while we are slow; rsyslog does not wait for a full pipe.
constexpr int kPipeBytes = 1 << 20;

Status make_pipe(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/'));
  if (!folder.empty() && ::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return Error::from_errno(kPipeError, "create " + folder);
  }
  // Ours alone until it is open: the mode it gets does not let its owner write.
  if (::mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) {
    return Error::from_errno(kPipeError, "create the pipe " + path);
  }
  return Done{};
}

/// rsyslog drops its rights to this user and group on Ubuntu; Debian's stays root, which needs
/// none.
Status give_to_syslog(int fd, const std::string& path) {
  group entry{}, *found = nullptr;
  std::array<char, 16 * 1024> buffer;
  (void)::getgrnam_r("syslog", &entry, buffer.data(), buffer.size(), &found);
  struct stat info {};
  const bool has_group = found != nullptr && ::fstat(fd, &info) == 0 && info.st_gid != entry.gr_gid;
  if (has_group && ::fchown(fd, static_cast<uid_t>(-1), entry.gr_gid) != 0) {
    return Error::from_errno(kPipeError, "give " + path + " to the group syslog");
  }
  if (::fchmod(fd, kMode) != 0) return Error::from_errno(kPipeError, "set the mode of " + path);
  return Done{};
}

}  // namespace

Result<SyslogPipe> SyslogPipe::open(const std::string& path) {
  if (Status made = make_pipe(path); !made) return made.error();
  // With a writer of our own there is no end of file when rsyslog restarts (fifo(7)).
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return Error::from_errno(kPipeError, "open the pipe " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Error::from_errno(kPipeError, "stat " + path);
  if (!S_ISFIFO(info.st_mode)) {
    return Error{kPipeError,
                 path +
                     " exists but is not a named pipe. Move it, or set another path with "
                     "--syslog_pipe_path.",
                 ENOTSUP};
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{kPipeError,
                 path + " already has a reader, for example osqueryd. Stop that process.", errno};
  }
  if (Status given = give_to_syslog(fd.get(), path); !given) return given.error();
  (void)::fcntl(fd.get(), F_SETPIPE_SZ, kPipeBytes);
  return SyslogPipe(std::move(fd), path);
}

bool SyslogPipe::is_in_place() const {
  struct stat open_one {
  }, named{};
  return ::fstat(fd_.get(), &open_one) == 0 && ::lstat(path_.c_str(), &named) == 0 &&
         open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

}  // namespace auditql
