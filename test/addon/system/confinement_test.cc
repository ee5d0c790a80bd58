#include "system/confinement.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr AccountNumber kAccount = 65520;
const std::vector<std::string> kCapabilities = {"cap_dac_read_search", "cap_sys_ptrace"};

/// Runs `body` in a child process that is confined; true when it returned true.
bool in_confined_child(const ConfinementOptions& options, const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto kept = confine_process(options);
    ::_exit(kept.ok() && kept.value().empty() && body() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool in_confined_child(const std::function<bool()>& body) {
  return in_confined_child({kCapabilities, kAccount, false}, body);
}

[[maybe_unused]] std::string status_line(const std::string& thread, const std::string& name) {
  std::ifstream status("/proc/self/task/" + thread + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return {};
}

struct Attempt {
  const char* name;
  long number;
  long arguments[6];
  int error = EPERM;
};

const char* const kPath = "/tmp";

/// Each would do something, or fail with another error, in a process of the superuser.
const Attempt kAttempts[] = {
    {"ptrace", SYS_ptrace, {16 /* PTRACE_ATTACH */, 1}},
    {"process_vm_readv", SYS_process_vm_readv, {1}},
    {"process_vm_writev", SYS_process_vm_writev, {1}},
    {"pidfd_open", SYS_pidfd_open, {1, 0}},
    {"pidfd_getfd", SYS_pidfd_getfd, {0, 0, 0}},
    {"kcmp", SYS_kcmp, {1, 1, 0, 0, 0}},
    {"execve", SYS_execve, {reinterpret_cast<long>(kPath), 0, 0}},
    {"execveat", SYS_execveat, {AT_FDCWD, reinterpret_cast<long>(kPath), 0, 0, 0}},
    {"a new process", SYS_clone, {SIGCHLD, 0, 0, 0, 0}},
    {"clone3", SYS_clone3, {0, 0}, ENOSYS},
    {"mount", SYS_mount, {0, reinterpret_cast<long>(kPath), 0, MS_REMOUNT, 0}},
    {"umount2", SYS_umount2, {reinterpret_cast<long>("/nowhere"), 0}},
    {"open_tree", SYS_open_tree, {AT_FDCWD, reinterpret_cast<long>(kPath), 0}},
    {"fsopen", SYS_fsopen, {reinterpret_cast<long>("tmpfs"), 0}},
    {"move_mount", SYS_move_mount, {-1, 0, -1, 0, 0}},
    {"pivot_root", SYS_pivot_root, {reinterpret_cast<long>(kPath), reinterpret_cast<long>(kPath)}},
    {"chroot", SYS_chroot, {reinterpret_cast<long>("/")}},
    {"unshare", SYS_unshare, {CLONE_NEWUSER}},
    {"setns", SYS_setns, {-1, 0}},
    {"bpf", SYS_bpf, {0, 0, 0}},
    {"perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
    {"kexec_load", SYS_kexec_load, {0, 0, 0, 0}},
    {"kexec_file_load", SYS_kexec_file_load, {-1, -1, 0, 0, 0}},
    {"init_module", SYS_init_module, {0, 0, 0}},
    {"finit_module", SYS_finit_module, {-1, 0, 0}},
    {"delete_module", SYS_delete_module, {reinterpret_cast<long>("none"), 0}},
    {"keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0}},
    {"add_key", SYS_add_key, {0, 0, 0, 0, 0}},
    {"request_key", SYS_request_key, {0, 0, 0, 0}},
    {"io_uring_setup", SYS_io_uring_setup, {1, 0}},
    {"userfaultfd", SYS_userfaultfd, {0}},
    {"open_by_handle_at", SYS_open_by_handle_at, {AT_FDCWD, 0, 0}},
    {"openat2", SYS_openat2, {AT_FDCWD, 0, 0, 0}, ENOSYS},
    {"memfd_create", SYS_memfd_create, {reinterpret_cast<long>("x"), 0}},
    {"seccomp", SYS_seccomp, {0, 0, 0}},
    {"reboot", SYS_reboot, {0, 0, 0, 0}},
    {"swapon", SYS_swapon, {reinterpret_cast<long>(kPath), 0}},
    {"sethostname", SYS_sethostname, {reinterpret_cast<long>("x"), 1}},
    {"settimeofday", SYS_settimeofday, {0, 0}},
    {"setresuid", SYS_setresuid, {0, 0, 0}},
    {"setgroups", SYS_setgroups, {0, 0}},
    {"capset", SYS_capset, {0, 0}},
    {"personality", SYS_personality, {0xffffffff}},
    {"kill of another process", SYS_kill, {1, 0}},
    {"kill of all processes", SYS_kill, {-1, 0}},
    {"pidfd_send_signal", SYS_pidfd_send_signal, {0, 0, 0, 0}},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, {1, 0, 0}},
    {"prlimit64 of another process", SYS_prlimit64, {1, 0, 0, 0}},
    {"unlinkat", SYS_unlinkat, {AT_FDCWD, reinterpret_cast<long>("/nowhere"), 0}},
    {"mkdirat", SYS_mkdirat, {AT_FDCWD, reinterpret_cast<long>(kPath), 0700}},
    {"mknodat", SYS_mknodat, {AT_FDCWD, reinterpret_cast<long>(kPath), S_IFIFO, 0}},
    {"renameat2",
     SYS_renameat2,
     {AT_FDCWD, reinterpret_cast<long>("/nowhere"), AT_FDCWD, reinterpret_cast<long>(kPath), 0}},
    {"linkat",
     SYS_linkat,
     {AT_FDCWD, reinterpret_cast<long>("/nowhere"), AT_FDCWD, reinterpret_cast<long>(kPath), 0}},
    {"symlinkat",
     SYS_symlinkat,
     {reinterpret_cast<long>("x"), AT_FDCWD, reinterpret_cast<long>(kPath)}},
    {"fchmodat", SYS_fchmodat, {AT_FDCWD, reinterpret_cast<long>("/nowhere"), 0700}},
    {"fchownat", SYS_fchownat, {AT_FDCWD, reinterpret_cast<long>("/nowhere"), 0, 0, 0}},
    {"truncate", SYS_truncate, {reinterpret_cast<long>("/nowhere"), 0}},
    {"setxattr", SYS_setxattr, {reinterpret_cast<long>("/nowhere"), 0, 0, 0, 0}},
    {"utimensat", SYS_utimensat, {AT_FDCWD, reinterpret_cast<long>("/nowhere"), 0, 0}},
    {"open for writing",
     SYS_openat,
     {AT_FDCWD, reinterpret_cast<long>("/dev/null"), O_WRONLY},
     EACCES},
    {"open for both", SYS_openat, {AT_FDCWD, reinterpret_cast<long>("/dev/null"), O_RDWR}, EACCES},
    {"open with mode 3", SYS_openat, {AT_FDCWD, reinterpret_cast<long>("/dev/null"), 3}, EACCES},
    {"open that creates", SYS_openat, {AT_FDCWD, reinterpret_cast<long>(kPath), O_CREAT}, EACCES},
    {"open that empties", SYS_openat, {AT_FDCWD, reinterpret_cast<long>(kPath), O_TRUNC}, EACCES},
    {"open of a nameless file",
     SYS_openat,
     {AT_FDCWD, reinterpret_cast<long>(kPath), O_TMPFILE | O_RDWR, 0600},
     EACCES},
    {"a TCP socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"a TCP socket over IPv6", SYS_socket, {AF_INET6, SOCK_STREAM, 0}},
    {"a UDP socket", SYS_socket, {AF_INET, SOCK_DGRAM, 0}},
    {"a raw socket", SYS_socket, {AF_INET, SOCK_RAW, 1}},
    {"a packet socket", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
    {"audit netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 9}},
    {"a vsock", SYS_socket, {40, SOCK_STREAM, 0}},
    {"AF_ALG", SYS_socket, {38, SOCK_SEQPACKET, 0}},
    {"listen", SYS_listen, {0, 1}},
    {"accept4", SYS_accept4, {0, 0, 0, 0}},
    {"TIOCSTI", SYS_ioctl, {0, 0x5412, reinterpret_cast<long>("x")}},
    {"PR_SET_DUMPABLE", SYS_prctl, {PR_SET_DUMPABLE, 1, 0, 0, 0}},
    {"PR_SET_PTRACER", SYS_prctl, {0x59616d61, -1, 0, 0, 0}},
    {"a call that is newer than auditql", 5000, {}, ENOSYS},
};

bool is_refused(const Attempt& attempt) {
  const auto& a = attempt.arguments;
  errno = 0;
  const long done = ::syscall(attempt.number, a[0], a[1], a[2], a[3], a[4], a[5]);
  const bool refused = done == -1 && errno == attempt.error;
  if (!refused) std::fprintf(stderr, "%s: %ld, errno %d\n", attempt.name, done, errno);
  return refused;
}

bool opens_socket(int family, int type) {
  const int fd = ::socket(family, type | SOCK_CLOEXEC, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __SANITIZE_THREAD__
  std::puts("skipped: confinement (a thread of the sanitizer takes no signal)");
#else
  claim("every attempt that no table makes is rejected", [] {
    EXPECT(in_confined_child([] {
      bool all = true;
      for (const Attempt& attempt : kAttempts) all = is_refused(attempt) && all;
      return all;
    }));
  });

  claim("without confinement the same attempts are not rejected: they fail otherwise, or succeed",
        [] {
          // Only those that change nothing.
          const pid_t child = ::fork();
          if (child == 0) {
            const bool opens =
                ::open("/dev/null", O_WRONLY) >= 0 && opens_socket(AF_INET, SOCK_STREAM);
            const bool finds = ::kill(::getppid(), 0) == 0;
            errno = 0;
            ::syscall(SYS_unlinkat, AT_FDCWD, "/nowhere", 0);
            ::_exit(opens && finds && errno == ENOENT ? 0 : 1);
          }
          int status = 0;
          ::waitpid(child, &status, 0);
          EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        });

  claim("what tables do still works", [] {
    EXPECT(in_confined_child([] {
      std::atomic<bool> ran{false};
      std::thread([&] { ran = true; }).join();
      const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
      char byte = 0;
      return ran && fd >= 0 && ::read(fd, &byte, 1) == 1 && opens_socket(AF_UNIX, SOCK_STREAM) &&
             opens_socket(AF_NETLINK, SOCK_RAW) && ::kill(::getpid(), 0) == 0 &&
             ::prctl(PR_SET_NAME, "x", 0, 0, 0) == 0 && !std::filesystem::is_empty("/proc/self/fd");
    }));
  });

  claim("TCP and UDP are allowed where they are asked for, raw sockets are not", [] {
    EXPECT(in_confined_child({kCapabilities, kAccount, true}, [] {
      return opens_socket(AF_INET, SOCK_STREAM) && opens_socket(AF_INET6, SOCK_DGRAM) &&
             !opens_socket(AF_INET, SOCK_RAW) && !opens_socket(AF_PACKET, SOCK_RAW);
    }));
  });

  claim("every thread changes its account, keeps the capabilities, and is filtered", [] {
    if (::geteuid() != 0)
      return std::puts("skipped: the account (only root can change it)"), void();
    const pid_t child = ::fork();
    if (child == 0) {
      std::atomic<bool> end{false};
      std::thread other([&] {
        while (!end) ::usleep(1000);
      });
      bool all = confine_process({kCapabilities, kAccount, false}).ok();
      for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        const std::string thread = entry.path().filename();
        all = all && status_line(thread, "Uid") == "65520\t65520\t65520\t65520";
        all = all && status_line(thread, "Gid") == "65520\t65520\t65520\t65520";
        all = all && (status_line(thread, "Groups") == "" || status_line(thread, "Groups") == " ");
        for (const char* set : {"CapEff", "CapPrm", "CapBnd"}) {
          all = all && status_line(thread, set) == "0000000000080004";
        }
        for (const char* set : {"CapInh", "CapAmb"}) {
          all = all && status_line(thread, set) == "0000000000000000";
        }
        all = all && status_line(thread, "NoNewPrivs") == "1";
        all = all && status_line(thread, "Seccomp") == "2";
      }
      all = all && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
      end = true;
      other.join();
      ::_exit(all ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  });

  claim("where the account cannot change, the reason is told and the rest is done", [] {
    if (::geteuid() != 0)
      return std::puts("skipped: the reason (only root has an account)"), void();
    const pid_t child = ::fork();
    if (child == 0) {
      const bool dropped =
          drop_privileges({"cap_dac_read_search", "cap_sys_ptrace", "cap_kill"}).ok();
      const auto kept = confine_process({kCapabilities, kAccount, false});
      const bool told =
          kept.ok() && kept.value().size() == 1 &&
          kept.value()[0] == "query workers run as uid 0: the daemon lacks cap_setuid, cap_setgid";
      ::_exit(dropped && told && ::getuid() == 0 && ::syscall(SYS_bpf, 0, 0, 0) == -1 &&
                      errno == EPERM
                  ? 0
                  : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  });
#endif

  return run_claims(argc, argv);
}
