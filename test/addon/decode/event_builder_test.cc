#include "check.h"
#include "collected_events.h"
#include "decode/record_type.h"
#include "decode/socket_address.h"

using namespace auditql;
using namespace auditql::test;

namespace {

std::string call(const std::string& arch_and_number, const std::string& rest) {
  return "type=SYSCALL msg=audit(1.000:1): arch=" + arch_and_number + " " + rest +
         " ppid=9 pid=10 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 "
         "tty=pts0 "
         "ses=3 comm=6576696C206E616D65 exe=\"/bin/x\" key=6578656301736563\n";
}

constexpr const char* kTitle = "type=PROCTITLE msg=audit(1.000:1): proctitle=61006263\n";

CollectingSink decode(const std::string& log) {
  DecoderFixture fixture;
  fixture.decoder.feed_log(log);
  fixture.decoder.finish();
  EXPECT(fixture.every_record_is_accounted_for());
  return std::move(fixture.sink);
}

CollectedProcess only_process(const std::string& log) {
  const CollectingSink sink = decode(log);
  EXPECT_EQ(sink.processes.size(), 1u);
  return sink.processes.empty() ? CollectedProcess{} : sink.processes[0];
}

CollectedSocket only_socket(const std::string& log) {
  const CollectingSink sink = decode(log);
  EXPECT_EQ(sink.sockets.size(), 1u);
  return sink.sockets.empty() ? CollectedSocket{} : sink.sockets[0];
}

constexpr const char* kNumbers = "success=yes exit=77 a0=1200011 a1=4000 a2=0 a3=0 items=0";

void claim_exec() {
  const std::string exec =
      call("c000003e syscall=59", "success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2");
  const std::string arguments = "type=EXECVE msg=audit(1.000:1): argc=2 a0=\"x\" a1=E4\n";
  const std::string paths =
      "type=PATH msg=audit(1.000:1): item=1 name=\"/lib/ld.so\" inode=7 dev=08:01 mode=0100755 "
      "ouid=0 "
      "ogid=0 rdev=00:00 nametype=NORMAL\n"
      "type=PATH msg=audit(1.000:1): item=0 name=2F612062 inode=5 dev=fe:1a mode=040755 ouid=3 "
      "ogid=4 "
      "rdev=00:00 nametype=NORMAL cap_fp=0\n";
  claim("an exec has exact comm, key, title, arguments and paths in order of item", [=] {
    const CollectedProcess found =
        only_process(exec + arguments + "type=CWD msg=audit(1.000:1): cwd=2F20\n" + paths + kTitle);
    EXPECT(found.event.action == ProcessAction::exec);
    EXPECT_EQ(found.comm, "evil name");
    EXPECT_EQ(found.exe, "/bin/x");
    EXPECT(found.key == std::string("exec\001sec"));
    EXPECT(found.title == std::string("a\0bc", 4));
    EXPECT_EQ(found.cwd, "/ ");
    EXPECT(found.argv == (std::vector<std::string>{"x", "\xe4"}));
    EXPECT(found.path_names == (std::vector<std::string>{"/a b", "/lib/ld.so"}));
    EXPECT_EQ(found.paths[0].device_minor, 0x1au);
    EXPECT_EQ(found.paths[0].mode, 040755u);
    EXPECT_EQ(found.event.caller.credentials.auid, 1000u);
    EXPECT(!found.event.header.partial);
    EXPECT(found.event.header.arch == Arch::x86_64);
    EXPECT_EQ(found.syscall_name, "execve");
  });
  claim("an exec whose EXECVE record is lost is partial", [=] {
    const CollectedProcess found = only_process(exec + paths + kTitle);
    EXPECT(found.event.header.partial);
    EXPECT(found.argv.empty());
  });
  claim("an exec whose PATH record is lost is partial",
        [=] { EXPECT(only_process(exec + arguments + kTitle).event.header.partial); });
  claim("a failed exec without EXECVE is whole", [] {
    const CollectedProcess found = only_process(
        call("c000003e syscall=59", "success=no exit=-2 a0=1 a1=2 a2=3 a3=4 items=0") + kTitle);
    EXPECT_EQ(found.event.outcome.error(), 2);
    EXPECT(!found.event.header.partial);
  });
}

void claim_fork_and_exit() {
  claim("clone's flags and child are read; s390 has the flags second", [] {
    const CollectedProcess found = only_process(call("c000003e syscall=56", kNumbers) + kTitle);
    EXPECT(found.event.action == ProcessAction::fork);
    EXPECT_EQ(found.event.child_pid, 77);
    EXPECT(found.event.clone_flags_known);
    EXPECT_EQ(found.event.clone_flags, 0x1200011u);
    EXPECT_EQ(only_process(call("80000016 syscall=120", kNumbers) + kTitle).event.clone_flags,
              0x4000u);
  });
  claim("fork has no flags, clone3's are not in the record, a failed fork has no child", [] {
    EXPECT(!only_process(call("c000003e syscall=57", kNumbers) + kTitle).event.clone_flags_known);
    EXPECT(!only_process(call("c000003e syscall=435", kNumbers) + kTitle).event.clone_flags_known);
    const std::string failed = "success=no exit=-11 a0=11 a1=0 a2=0 a3=0 items=0";
    EXPECT_EQ(only_process(call("c000003e syscall=57", failed) + kTitle).event.child_pid, 0);
  });
  claim("exit_group gives the low byte of its argument", [] {
    const CollectedProcess found =
        only_process(call("c000003e syscall=231", "a0=1ff a1=0 a2=0 a3=0 items=0") + kTitle);
    EXPECT(found.event.action == ProcessAction::exit);
    EXPECT_EQ(found.event.exit_status.value_or(-1), 0xff);
    EXPECT(!found.event.outcome.known);
  });
  claim("calls are decoded by their machine: 11 is execve on i386, 2 is fork there and open here",
        [] {
          EXPECT(only_process(call("40000003 syscall=11", kNumbers) + kTitle).event.action ==
                 ProcessAction::exec);
          EXPECT(only_process(call("40000003 syscall=2", kNumbers) + kTitle).event.action ==
                 ProcessAction::fork);
          EXPECT(decode(call("c000003e syscall=2", kNumbers) + kTitle).processes.empty());
          EXPECT(only_process(call("c00000b7 syscall=220", kNumbers) + kTitle).event.action ==
                 ProcessAction::fork);
        });
}

std::string sockaddr(const std::string& hex) {
  return "type=SOCKADDR msg=audit(1.000:1): saddr=" + hex + "\n";
}

void claim_sockets() {
  claim("connect, bind, listen and accept4 are told apart", [] {
    const std::string address = sockaddr("02000050A9FEA9FE0000000000000000");
    const CollectedSocket found =
        only_socket(call("c000003e syscall=42", kNumbers) + address + kTitle);
    EXPECT(found.event.action == SocketAction::connect);
    EXPECT_EQ(found.address, "169.254.169.254");
    EXPECT_EQ(found.side.port, 80);
    EXPECT_EQ(found.event.fd, 0x1200011);
    EXPECT(
        only_socket(call("c000003e syscall=49", kNumbers) + address + kTitle).event.local.family ==
        2);
    EXPECT(only_socket(call("c000003e syscall=288", kNumbers) + kTitle).event.action ==
           SocketAction::accept);
    EXPECT(only_socket(call("c000003e syscall=50", kNumbers) + kTitle).event.action ==
           SocketAction::listen);
  });
  claim("a 32-bit socketcall is decoded by its first argument, its descriptor from SOCKETCALL", [] {
    const std::string numbers = "success=yes exit=0 a0=3 a1=ffff a2=0 a3=0 items=0";
    const CollectedSocket found =
        only_socket(call("40000003 syscall=102", numbers) +
                    "type=SOCKETCALL msg=audit(1.000:1): nargs=3 a0=5 a1=ff a2=10\n" +
                    sockaddr("02000050A9FEA9FE0000000000000000") + kTitle);
    EXPECT(found.event.action == SocketAction::connect);
    EXPECT_EQ(found.event.fd, 5);
    EXPECT_EQ(found.syscall_name, "socketcall");
    EXPECT_EQ(found.address, "169.254.169.254");
  });
  const auto operation = [](const char* issue) {
    return std::string("type=URINGOP msg=audit(1.000:1): uring_op=16 ") + issue +
           " items=0 ppid=1 pid=10 uid=5 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 "
           "subj=unconfined key=(null)\n";
  };
  const std::string attempts = operation("success=no exit=-11") + operation("success=yes exit=0");
  claim("the attempts of a connect that io_uring did are one, by who called io_uring_enter", [=] {
    const std::string numbers = "success=yes exit=1 a0=3 a1=1 a2=1 a3=1 items=0";
    const CollectedSocket found = only_socket(attempts + call("c000003e syscall=426", numbers) +
                                              sockaddr("02000050A9FEA9FE0000000000000000"));
    EXPECT(found.event.action == SocketAction::connect);
    EXPECT_EQ(found.address, "169.254.169.254");
    EXPECT_EQ(found.event.fd, -1);
    EXPECT(found.event.caller.has_login);
    EXPECT(!found.comm.empty());
    EXPECT(!found.event.outcome.known);
    EXPECT(!found.event.header.partial);
  });
  claim("an address that may be of another operation is not taken", [=] {
    const std::string numbers = "success=yes exit=1 a0=3 a1=2 a2=1 a3=1 items=0";
    for (const std::string& during : {call("c000003e syscall=426", numbers), std::string()}) {
      const CollectedSocket found =
          only_socket(attempts + during + sockaddr("02000050A9FEA9FE0000000000000000"));
      EXPECT_EQ(found.event.remote.family, -1);
      EXPECT_EQ(found.event.caller.pid, 10);
      EXPECT_EQ(found.event.caller.has_login, !during.empty());
      EXPECT(found.event.header.partial);
    }
  });
  claim("a connect that worked but has no SOCKADDR is partial", [] {
    EXPECT(only_socket(call("c000003e syscall=42", kNumbers) + kTitle).event.header.partial);
  });
}

SocketAddress address_of(std::string_view raw, ByteArena& arena) {
  arena.reset(256);
  return parse_socket_address(raw, Arch::x86_64, arena);
}

void claim_addresses() {
  using namespace std::string_view_literals;
  claim("IPv6 has flow information, also above 2^31, and scope", [] {
    ByteArena arena;
    const SocketAddress found = address_of(
        "\x0a\0\x10\xe2\xff\xff\xff\xfe\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2\0\0\0"sv, arena);
    EXPECT_EQ(found.address, "fe80::1");
    EXPECT_EQ(found.flow_info, 0xfffffffeu);
    EXPECT_EQ(found.scope_id, 2u);
    EXPECT_EQ(found.port, 4322);
  });
  claim("unix paths end at their NUL, abstract names at the end of the address", [] {
    ByteArena arena;
    EXPECT_EQ(address_of("\1\0public/pickup\0\0\0"sv, arena).unix_path, "public/pickup");
    EXPECT(address_of("\1\0\0a\0b"sv, arena).unix_path == "\0a\0b"sv);
    EXPECT_EQ(address_of("\1\0"sv, arena).unix_path, "");
    EXPECT_EQ(address_of("\1\0"sv, arena).family, 1);
  });
  claim("short and unknown addresses keep what they have", [] {
    ByteArena arena;
    EXPECT_EQ(address_of("\2"sv, arena).family, -1);
    EXPECT_EQ(address_of("\2\0"sv, arena).family, 2);
    EXPECT_EQ(address_of("\2\0\0\x50"sv, arena).port, 80);
    EXPECT_EQ(address_of("\2\0\0\x50\x7f"sv, arena).address, "");
    EXPECT_EQ(address_of("\x0a\0\0\x50\0\0\0\0"sv, arena).address, "");
    EXPECT_EQ(address_of("\x77\x77zz"sv, arena).family, 0x7777);
    EXPECT_EQ(address_of(""sv, arena).family, -1);
  });
  claim("a big-endian machine's family is read in its order", [] {
    ByteArena arena;
    arena.reset(256);
    EXPECT_EQ(parse_socket_address("\0\2\0\x50\x7f\0\0\1"sv, Arch::s390x, arena).address,
              "127.0.0.1");
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_exec();
  claim_fork_and_exit();
  claim_sockets();
  claim_addresses();
  return run_claims(argc, argv);
}
