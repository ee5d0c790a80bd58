// Needs root and a kernel with BTF: make -C addon live
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "ebpf_live.h"
#include "in_child.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr const char* kWorker = "work as a worker of ours";

/// A connection from that address, accepted and ended, and datagrams to it.
int use_address(uint32_t host) {
  sockaddr_in other = loopback(0);
  other.sin_addr.s_addr = htonl(host);
  const int listener = listening_socket(4);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(with_address(::bind, client, other), 0);
  EXPECT_EQ(with_address(::connect, client, loopback(port_of(listener))), 0);
  const int accepted = ::accept(listener, nullptr, nullptr);
  EXPECT(accepted >= 0);
  ::close(client);
  ::close(accepted);
  other.sin_port = htons(9);
  const int sender = ::socket(AF_INET, SOCK_DGRAM, 0);
  (void)::sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&other), sizeof other);
  EXPECT_EQ(with_address(::connect, sender, other), 0);
  return 0;
}

/// Before Linux 6.16, programs of cgroups cannot look exclusions up: the data plane excludes
/// datagrams there.
bool is_excluded_later(const SeenSocket& seen) {
  utsname kernel{};
  int major = 0, minor = 0;
  if (::uname(&kernel) != 0) return false;
  if (std::sscanf(kernel.release, "%d.%d", &major, &minor) != 2) return false;
  return seen.action == SocketAction::send && (major < 6 || (major == 6 && minor < 16));
}

void claim_exclusions() {
  const auto run = [](const char* command) {
    return in_process([command] {
      ::execl("/bin/sh", "sh", "-c", command, nullptr);
      return 1;
    });
  };
  claim("what a program, a user, a parent or a tree is excluded by is not told", [run] {
    KernelExclusion exe, parent, uid, tree, both;
    exe.exe = "/usr/bin/true";
    parent.parent = "/usr/bin/env";
    uid.uid = 12345;
    tree.tree = "/usr/bin/nice";
    both.exe = "/usr/bin/false";
    both.uid = 54321;
    EbpfCapture capture({.exclusions = {exe, parent, uid, tree, both}});
    if (!capture.start()) return;
    expect_no_other_problem(capture);
    (void)run("/bin/true; /bin/false; nice sh -c '/bin/echo in the tree >/dev/null'");
    (void)in_process([] {
      if (::setuid(12345) != 0) return 1;
      ::execl("/bin/uname", "uname", "-n", nullptr);
      return 1;
    });
    capture.stop();
    std::string seen;
    for (const SeenProcess& each : capture.processes) {
      if (each.action == ProcessAction::exec && each.error == 0) seen += each.exe + " ";
    }
    EXPECT(seen.find("/usr/bin/false ") != std::string::npos);
    EXPECT(seen.find("/usr/bin/dash ") != std::string::npos);
    EXPECT(seen.find("/usr/bin/true ") == std::string::npos);
    EXPECT(seen.find("/usr/bin/nice ") == std::string::npos);
    EXPECT(seen.find("/usr/bin/echo ") == std::string::npos);
    EXPECT(seen.find("/usr/bin/uname ") == std::string::npos);
    EXPECT(capture.health->counter({"capture", "ebpf", "excluded"}).get() > 0);
  });

  claim("changed exclusions hold from then on, for processes that run too", [run] {
    Exclusion before, after;
    before.exe = "/usr/bin/true";
    after.exe = "/usr/bin/false";
    const std::vector<Exclusion> first{before};
    EbpfCapture capture({.exclusions = kernel_exclusions(first)});
    if (!capture.start()) return;
    (void)run("/bin/true; /bin/false; :");
    capture.backend.change_exclusions({after});
    (void)run("/bin/true; /bin/false; :");
    capture.backend.change_exclusions({});
    (void)run("/bin/false; :");
    capture.stop();
    std::string seen;
    for (const SeenProcess& each : capture.processes) {
      if (each.action != ProcessAction::exec || each.error != 0) continue;
      if (each.exe == "/usr/bin/true") seen += 't';
      if (each.exe == "/usr/bin/false") seen += 'f';
    }
    EXPECT_EQ(seen, "ftf");
  });

  claim("connections to an excluded address are not told", [] {
    KernelExclusion address;
    address.address = std::array<uint8_t, 16>{127, 0, 0, 2};
    EbpfCapture capture({.exclusions = {address}});
    if (!capture.start()) return;
    const pid_t pid = in_process([] {
      for (const uint32_t host : {INADDR_LOOPBACK, INADDR_LOOPBACK + 1}) {
        sockaddr_in to = loopback(9);
        to.sin_addr.s_addr = htonl(host);
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        (void)with_address(::connect, fd, to);
      }
      return 0;
    });
    const pid_t others = in_process([] { return use_address(INADDR_LOOPBACK + 1); });
    capture.stop();
    const auto seen = capture.sockets_of(pid);
    EXPECT_EQ(seen.size(), size_t{1});
    EXPECT(!seen.empty() && seen[0].remote == "127.0.0.1:9");
    for (const SeenSocket& each : capture.sockets_of(others)) {
      EXPECT(each.action == SocketAction::bind || each.action == SocketAction::listen ||
             is_excluded_later(each) || each.remote.starts_with("127.0.0.1:"));
    }
    for (const SeenSocket& each : capture.sockets) {
      EXPECT(is_excluded_later(each) || !each.remote.starts_with("127.0.0.2:"));
    }
  });

  claim("own events are left out, those of own workers too", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    (void)with_address(::connect, fd, loopback(9));
    ::close(fd);
    const pid_t worker = in_process([] {
      ::execl("/proc/self/exe", "worker", kWorker, nullptr);
      return 1;
    });
    const pid_t other = in_process([] {
      ::execl("/bin/true", "true", kWorker, nullptr);
      return 1;
    });
    capture.stop();
    EXPECT(capture.sockets_of(::getpid()).empty());
    EXPECT(capture.find(::getpid(), ProcessAction::fork) == nullptr);
    EXPECT(capture.sockets_of(worker).empty());
    EXPECT(capture.find(worker, ProcessAction::exec) == nullptr);
    EXPECT(capture.find(worker, ProcessAction::exit) == nullptr);
    EXPECT(capture.find(other, ProcessAction::exec) != nullptr);
    EXPECT(capture.find(other, ProcessAction::exit) != nullptr);
    // Two connects, two forks, an exec and an exit at least.
    EXPECT(capture.health->counter({"capture", "ebpf", "excluded", "own"}).get() >= 6);
  });
}

/// What a worker of ours does.
int do_work() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  return with_address(::connect, fd, loopback(9)) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == kWorker) return do_work();
  return run_ebpf_claims(argc, argv, [] { claim_exclusions(); });
}
