#include "memory_directory.h"

#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace auditql {

namespace {

// Debian 12's libc has wrappers for these; older ones do not.
int fs_open(const char* type) {
  return static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

int fs_config(int fd, unsigned command, const char* key, const char* value) {
  return static_cast<int>(::syscall(SYS_fsconfig, fd, command, key, value, 0));
}

int fs_mount(int fd) {
  const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  return static_cast<int>(::syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes));
}

Error unavailable(const std::string& tried) {
  return Error::from_errno("store_memory_unavailable", tried);
}

}  // namespace

Result<MemoryDirectory> MemoryDirectory::create(uint64_t max_bytes) {
  const UniqueFd context(fs_open("tmpfs"));
  if (!context) return unavailable("fsopen tmpfs");
  const std::string size = std::to_string(max_bytes);
  const bool is_set = fs_config(context.get(), FSCONFIG_SET_STRING, "size", size.c_str()) == 0 &&
                      fs_config(context.get(), FSCONFIG_SET_STRING, "mode", "0700") == 0;
  if (!is_set) return unavailable("fsconfig tmpfs");
  // Kernels before 6.4 do not know it, and go on without.
  (void)fs_config(context.get(), FSCONFIG_SET_FLAG, "noswap", nullptr);
  if (fs_config(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr) != 0) {
    return unavailable("create a tmpfs");
  }
  UniqueFd mount(fs_mount(context.get()));
  if (!mount) return unavailable("fsmount tmpfs");
  return MemoryDirectory(std::move(mount));
}

}  // namespace auditql
