#include "normalization.h"

namespace auditql {
namespace {

constexpr std::string_view kConnection = "connection info", kStart = "connection start";

// One row is one kind of call, on as few lines as it needs.
// clang-format off
constexpr Normalization kSyscallNormalizations[] = {
    // files
    {.names = "creat", .action = "opened-file", .object = "file", .category = "file",
     .type = "creation"},
    {.names = "fallocate truncate ftruncate", .action = "opened-file", .object = "file",
     .category = "file", .type = "change"},
    {.names = "open openat readlink readlinkat", .action = "opened-file", .object = "file",
     .category = "file", .type = "info"},
    {.names = "read", .action = "read-file", .object = "file", .category = "file", .type = "info"},
    {.names = "write", .action = "wrote-to-file", .object = "file", .category = "file",
     .type = "change"},
    {.names = "setxattr fsetxattr lsetxattr removexattr fremovexattr lremovexattr",
     .action = "changed-file-attributes-of", .object = "file", .category = "file",
     .type = "change"},
    {.names = "chmod fchmod fchmodat", .action = "changed-file-permissions-of", .object = "file",
     .category = "file", .type = "change"},
    {.names = "chown fchown fchownat lchown", .action = "changed-file-ownership-of",
     .object = "file", .category = "file", .type = "change"},
    {.names = "mkdir mkdirat", .action = "created-directory", .object = "file", .category = "file",
     .type = "creation", .path_index = 1},
    {.names = "rename renameat renameat2", .action = "renamed", .object = "file",
     .category = "file", .type = "change", .path_index = 2},
    {
     .names = "access faccessat fstatat newfstatat stat stat64 fstat lstat getxattr lgetxattr fgetxattr",
     .action = "checked-metadata-of", .object = "file", .category = "file", .type = "info"},
    {.names = "link linkat", .action = "linked", .object = "file", .category = "file",
     .type = "creation"},
    {.names = "symlink symlinkat", .action = "symlinked", .object = "file", .category = "file",
     .type = "creation"},
    {.names = "rmdir unlink unlinkat", .action = "deleted", .object = "file", .category = "file",
     .type = "deletion"},
    {.names = "utime utimes futimesat futimens utimensat", .action = "changed-timestamp-of",
     .object = "file", .category = "file", .type = "info"},
    {.names = "mknod mknodat", .action = "make-device", .object = "file", .category = "file",
     .type = "creation"},
    // file systems
    {.names = "mount", .action = "mounted", .object = "filesystem", .category = "file",
     .type = "creation", .path_index = 1},
    {.names = "umount umount2", .action = "unmounted", .object = "filesystem", .category = "file",
     .type = "deletion"},
    {.names = "statfs fstatfs", .action = "checked-filesystem-metadata-of", .object = "filesystem",
     .category = "file", .type = "info"},
    // kernel modules
    {.names = "finit_module init_module", .action = "loaded-kernel-module", .object = "file",
     .category = "driver", .type = "start", .object_primary = "name"},
    {.names = "delete_module", .action = "unloaded-kernel-module", .object = "file",
     .category = "driver", .type = "end"},
    // processes
    {.names = "execve execveat", .action = "executed", .object = "file", .category = "process",
     .type = "start"},
    {.names = "kill tkill tgkill", .action = "killed-pid", .object = "process",
     .category = "process", .type = "end"},
    {.names = "exit_group", .action = "end", .object = "process", .category = "process",
     .type = "end", .how = "syscall"},
    {
     .names = "setuid seteuid setfsuid setreuid setgid setegid setfsgid setregid setresuid setresgid",
     .action = "changed-identity-of", .object = "process", .category = "process", .type = "change",
     .how = "syscall"},
    {.names = "sched_setparam sched_setscheduler sched_setattr",
     .action = "adjusted-scheduling-policy-of", .object = "process", .category = "process",
     .type = "change", .how = "syscall"},
    {.names = "mmap mmap2 brk", .action = "allocated-memory", .object = "memory",
     .category = "process", .type = "info"},
    // sockets
    {.names = "listen", .action = "listen-for-connections", .object = "socket",
     .category = "network", .type = "start"},
    {.names = "bind", .action = "bound-socket", .object = "socket", .category = "network",
     .type = "start"},
    {.names = "accept accept4", .action = "accepted-connection-from", .object = "socket",
     .category = "network", .type = kStart},
    {.names = "connect", .action = "connected-to", .object = "socket", .category = "network",
     .type = kStart},
    {.names = "recv recvfrom recvmsg recvmmsg", .action = "received-from", .object = "socket",
     .category = "network", .type = kConnection},
    {.names = "send sendto sendmsg sendmmsg", .action = "sent-to", .object = "socket",
     .category = "network", .type = kConnection},
    // the host
    {.names = "settimeofday clock_settime stime adjtimex clock_adjtime",
     .action = "changed-system-time", .object = "system", .category = "host", .type = "change"},
    {.names = "sethostname setdomainname", .action = "changed-system-name", .object = "system",
     .category = "host", .type = "change"},
};
// clang-format on

}  // namespace

std::span<const Normalization> syscall_normalizations() { return kSyscallNormalizations; }

}  // namespace auditql
