#include "syscall_filter.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cstddef>
#include <initializer_list>

namespace auditql {

namespace {

using Program = std::vector<sock_filter>;

constexpr char kCode[] = "privileges_failed";

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kArchitecture = 0;
#endif

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t rejected_with(int error) {
  return SECCOMP_RET_ERRNO | (static_cast<uint32_t>(error) & SECCOMP_RET_DATA);
}
constexpr uint32_t kReject = rejected_with(EPERM);
/// The C library then uses an older call.
constexpr uint32_t kUnknown = rejected_with(ENOSYS);

/// file_setattr(2), the newest call of Linux 6.17. Newer ones, and those of the x32 ABI, whose
/// numbers have bit 30 set, do not exist here.
constexpr uint32_t kNewestCall = 469;

// The same number on every architecture; headers of older distributions do not have them.
constexpr uint32_t kClone3 = 435;
constexpr uint32_t kCloseRange = 436;
constexpr uint32_t kOpenat2 = 437;
constexpr uint32_t kFaccessat2 = 439;
constexpr uint32_t kEpollPwait2 = 441;
constexpr uint32_t kFutexWaitv = 449;
constexpr uint32_t kFutexWake = 454;
constexpr uint32_t kFutexWait = 455;
constexpr uint32_t kFutexRequeue = 456;

/// Calls that tables, SQLite, Node and the C library use, whatever their arguments: they read,
/// wait, map memory or ask about this process.
constexpr uint32_t kAllowedCalls[] = {
    // Most frequent first: kernels before 5.11 run the program from its start for each call.
    SYS_read,
    SYS_statx,
    SYS_close,
    SYS_pread64,
    SYS_futex,
    SYS_getdents64,
    SYS_newfstatat,
    SYS_readlinkat,
    SYS_mmap,
    SYS_munmap,
    SYS_write,
    SYS_fcntl,
    SYS_epoll_pwait,
    SYS_mprotect,
    SYS_recvmsg,
    SYS_brk,
    SYS_madvise,
    // Files and descriptors.
    SYS_readv,
    SYS_writev,
    SYS_preadv,
    SYS_preadv2,
    SYS_lseek,
    kCloseRange,
    SYS_dup,
    SYS_dup3,
    SYS_pipe2,
    SYS_flock,
    SYS_fstat,
    SYS_statfs,
    SYS_fstatfs,
    SYS_faccessat,
    kFaccessat2,
    SYS_fadvise64,
    SYS_readahead,
    SYS_getcwd,
    SYS_chdir,
    SYS_fchdir,
    SYS_getxattr,
    SYS_lgetxattr,
    SYS_fgetxattr,
    SYS_listxattr,
    SYS_llistxattr,
    SYS_flistxattr,
    // Waiting.
    SYS_ppoll,
    SYS_pselect6,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    kEpollPwait2,
    SYS_eventfd2,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_restart_syscall,
    // Memory.
    SYS_mremap,
    SYS_msync,
    SYS_mincore,
    SYS_membarrier,
    SYS_pkey_alloc,
    SYS_pkey_free,
    SYS_pkey_mprotect,
    // Threads and signals of this process.
    SYS_exit,
    SYS_exit_group,
    SYS_set_tid_address,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_getcpu,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigsuspend,
    SYS_rt_sigpending,
    SYS_rt_sigtimedwait,
    SYS_sigaltstack,
    // What this process is.
    SYS_getpid,
    SYS_gettid,
    SYS_getppid,
    SYS_getpgid,
    SYS_getsid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getgroups,
    SYS_getpriority,
    SYS_getrusage,
    SYS_getrlimit,
    SYS_times,
    SYS_capget,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrandom,
    SYS_umask,
    // Clients of sockets: none may listen or accept. Rtnetlink takes a bind(2).
    SYS_connect,
    SYS_bind,
    SYS_getsockname,
    SYS_getpeername,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_shutdown,
#if defined(__x86_64__)
    // Older calls, which newer architectures do not have.
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_getdents,
    SYS_dup2,
    SYS_pipe,
    SYS_poll,
    SYS_select,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_eventfd,
    SYS_time,
    SYS_getpgrp,
    SYS_arch_prctl,
#endif
    kFutexWaitv,
    kFutexWake,
    kFutexWait,
    kFutexRequeue,
};

/// Opening for writing, and all that makes, empties or changes a file.
constexpr uint32_t kWriteFlags = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

constexpr uint32_t kIoctls[] = {
    FIONBIO,    FIOCLEX, FIONCLEX, FIONREAD, TCGETS, TIOCGWINSZ,
    0x802c542a,  // TCGETS2, which newer C libraries use for isatty(3)
};

constexpr uint32_t kPrctlOptions[] = {
    PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_GET_DUMPABLE, PR_GET_SECCOMP, PR_GET_NO_NEW_PRIVS,
    0x53564d41,  // PR_SET_VMA, with which allocators name their memory
};

sock_filter statement(uint16_t code, uint32_t value) { return {code, 0, 0, value}; }
sock_filter answer(uint32_t action) { return statement(BPF_RET | BPF_K, action); }
sock_filter load(size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
sock_filter jump(uint16_t test, uint32_t value, uint8_t if_true, uint8_t if_false) {
  return {static_cast<uint16_t>(BPF_JMP | test | BPF_K), if_true, if_false, value};
}

/// The lower half of an argument, all that the kernel takes of an int. Both architectures are
/// little-endian.
sock_filter load_argument(size_t index) {
  return load(offsetof(seccomp_data, args) + index * sizeof(uint64_t));
}

void append(Program& program, const Program& more) {
  program.insert(program.end(), more.begin(), more.end());
}

/// Does `body`, which ends with an answer on every way, when the loaded value is this one.
void append_case(Program& program, uint32_t value, const Program& body) {
  program.push_back(jump(BPF_JEQ, value, 0, static_cast<uint8_t>(body.size())));
  append(program, body);
}

template <typename Values>
Program argument_is_one_of(size_t index, const Values& values) {
  Program body{load_argument(index)};
  for (const uint32_t value : values) append_case(body, value, {answer(kAllow)});
  body.push_back(answer(kReject));
  return body;
}

Program argument_has_none_of(size_t index, uint32_t bits, uint32_t otherwise) {
  return {load_argument(index), jump(BPF_JSET, bits, 0, 1), answer(otherwise), answer(kAllow)};
}

Program argument_has(size_t index, uint32_t bit) {
  return {load_argument(index), jump(BPF_JSET, bit, 0, 1), answer(kAllow), answer(kReject)};
}

Program socket_is_allowed(bool allow_network) {
  const std::initializer_list<uint32_t> route = {NETLINK_ROUTE};
  Program body{load_argument(0)};
  append_case(body, AF_UNIX, {answer(kAllow)});
  append_case(body, AF_NETLINK, argument_is_one_of(2, route));
  if (allow_network) {
    // The upper bits of the type are flags.
    Program transport{load_argument(1), statement(BPF_ALU | BPF_AND | BPF_K, 0xf)};
    append_case(transport, SOCK_STREAM, {answer(kAllow)});
    append_case(transport, SOCK_DGRAM, {answer(kAllow)});
    transport.push_back(answer(kReject));
    append_case(body, AF_INET, transport);
    append_case(body, AF_INET6, transport);
  }
  body.push_back(answer(kReject));
  return body;
}

/// Calls that are allowed with some arguments only.
void append_checked_calls(Program& program, const SyscallFilterOptions& options) {
  const auto self = static_cast<uint32_t>(::getpid());
  const uint32_t no_write = rejected_with(EACCES);
  append_case(program, SYS_openat, argument_has_none_of(2, kWriteFlags, no_write));
#if defined(__x86_64__)
  append_case(program, SYS_open, argument_has_none_of(1, kWriteFlags, no_write));
#endif
  // Threads, not processes. The flags of clone3() and openat2() are in memory, where a filter
  // cannot see them; the C library uses the older calls then.
  append_case(program, SYS_clone, argument_has(0, CLONE_THREAD));
  append_case(program, kClone3, {answer(kUnknown)});
  append_case(program, kOpenat2, {answer(kUnknown)});
  append_case(program, SYS_ioctl, argument_is_one_of(1, kIoctls));
  append_case(program, SYS_prctl, argument_is_one_of(0, kPrctlOptions));
  append_case(program, SYS_socket, socket_is_allowed(options.allow_network));
  append_case(program, SYS_socketpair,
              argument_is_one_of(0, std::initializer_list<uint32_t>{AF_UNIX}));
  const std::initializer_list<uint32_t> own = {self};
  const std::initializer_list<uint32_t> own_or_zero = {0, self};
  append_case(program, SYS_kill, argument_is_one_of(0, own));
  append_case(program, SYS_tgkill, argument_is_one_of(0, own));
  append_case(program, SYS_prlimit64, argument_is_one_of(0, own_or_zero));
}

}  // namespace

Program syscall_filter_program(const SyscallFilterOptions& options) {
  if (kArchitecture == 0) return {};
  Program program{load(offsetof(seccomp_data, arch)), jump(BPF_JEQ, kArchitecture, 1, 0),
                  answer(SECCOMP_RET_KILL_PROCESS),   load(offsetof(seccomp_data, nr)),
                  jump(BPF_JGT, kNewestCall, 0, 1),   answer(kUnknown)};
  append_checked_calls(program, options);
  for (const uint32_t call : kAllowedCalls) append_case(program, call, {answer(kAllow)});
  program.push_back(answer(kReject));
  return program;
}

Status install_syscall_filter(const SyscallFilterOptions& options) {
  Program filter = syscall_filter_program(options);
  if (filter.empty()) {
    return Error{kCode, "install a system call filter: unknown architecture", ENOSYS};
  }
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  // Kernels before 5.16 slow down every filtered process against a weakness of processors
  // (Documentation/userspace-api/spec_ctrl.rst) that a program without JIT of foreign code has not.
  const unsigned long all_threads = SECCOMP_FILTER_FLAG_TSYNC;
  long done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                        all_threads | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
  if (done < 0 && errno == EINVAL) {  // Linux 4.16 and before do not have the flag.
    done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, all_threads, &program);
  }
  if (done < 0) return Error::from_errno(kCode, "install a system call filter");
  if (done > 0)
    return Error{kCode, "cannot install the system call filter on a thread of this process", 0};
  return Done{};
}

}  // namespace auditql
