#include "decode/kernel_event.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr uint64_t kBoot = 1'700'000'000'000'000'000;

/// Keeps what an event says, since its views end with the call.
struct Collected : EventSink {
  struct Process {
    ProcessEvent event;
    std::vector<std::string> argv;
    std::string exe, cwd, cgroup, name, comm, tty;
    std::vector<PathItem> paths;  ///< without their names
  };
  struct Socket {
    SocketEvent event;
    std::string local, remote, path;
  };
  std::vector<Process> processes;
  std::vector<Socket> sockets;

  void on_process(const ProcessEvent& event) override {
    processes.push_back({event,
                         {event.argv.begin(), event.argv.end()},
                         std::string(event.caller.exe),
                         std::string(event.cwd),
                         std::string(event.cgroup),
                         event.paths.empty() ? "" : std::string(event.paths[0].name),
                         std::string(event.caller.comm),
                         std::string(event.caller.tty),
                         {event.paths.begin(), event.paths.end()}});
  }
  void on_socket(const SocketEvent& event) override {
    const SocketAddress& end = event.remote.family == AF_UNIX ? event.remote : event.local;
    sockets.push_back({event, std::string(event.local.address), std::string(event.remote.address),
                       std::string(end.unix_path)});
  }
};

struct Decoding {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  Collected events;
  KernelEventDecoder decoder{events, *health};

  void feed(const std::string& bytes) { decoder.on_record(bytes, kBoot); }
  uint64_t count(std::string_view metric, std::string_view reason = {}) {
    return health->counter({"decode", "ebpf", metric, reason}).get();
  }
};

template <typename Record>
std::string bytes_of(Record record, kernel_record_kind kind, const std::string& rest = "") {
  record.head.kind = kind;
  record.head.size = static_cast<uint32_t>(sizeof record + rest.size());
  record.head.time_ns = 5'000'000'000;
  return std::string(reinterpret_cast<const char*>(&record), sizeof record) + rest;
}

kernel_task a_task() {
  kernel_task task{};
  task.start_ns = 1'234'567'890;
  task.tgid = task.tid = 4711;
  task.ppid = 12;
  task.uid = 1000;
  task.euid = 0;
  task.auid = 4294967295u;
  std::strcpy(task.comm, "program");
  return task;
}

const std::string kNul(1, '\0');
/// Components as the programs write them: from the last to the first.
std::string components(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& each : names) text += each + kNul;
  return text;
}

std::string exec_bytes(kernel_exec_record record, const std::vector<std::string>& texts) {
  std::string rest;
  for (size_t i = 0; i < texts.size(); i++) {
    record.text_sizes[i] = static_cast<uint16_t>(texts[i].size());
    rest += texts[i];
  }
  return bytes_of(record, KERNEL_RECORD_EXEC, rest);
}

kernel_exec_record an_exec(const std::string& arguments, uint32_t argc) {
  kernel_exec_record record{};
  record.caller = a_task();
  record.links = 1;
  record.inode = 99;
  record.device = 8 << 20 | 1;
  record.argc = argc;
  record.arguments_size = arguments.size();
  return record;
}

std::string piece(uint64_t offset, const std::string& text, uint32_t tgid = 4711) {
  kernel_arguments_record record{};
  record.tgid = tgid;
  record.size = static_cast<uint32_t>(text.size());
  record.offset = offset;
  return bytes_of(record, KERNEL_RECORD_ARGUMENTS, text);
}

kernel_socket_record a_socket(kernel_socket_action action) {
  kernel_socket_record record{};
  record.caller = a_task();
  record.action = action;
  record.family = AF_INET;
  record.protocol = 6;
  record.fd = 7;
  record.accepted = 9;
  record.local = {{10, 0, 0, 1}, 4000, {}};
  record.remote = {{10, 0, 0, 2}, 443, {}};
  record.started_ns = 4'000'000'000;
  return record;
}

void claim_processes() {
  claim("a fork tells the child, its start and whose child it is", [] {
    Decoding decoding;
    kernel_fork_record record{};
    record.caller = a_task();
    record.child_tgid = 5000;
    record.child_parent = 4711;
    record.child_start_ns = 50'000'000'000;
    decoding.feed(bytes_of(record, KERNEL_RECORD_FORK));
    record.child_parent = 12;
    decoding.feed(bytes_of(record, KERNEL_RECORD_FORK));
    EXPECT_EQ(decoding.events.processes.size(), size_t{2});
    const ProcessEvent& fork = decoding.events.processes[0].event;
    EXPECT(fork.action == ProcessAction::fork && fork.header.backend == BackendKind::ebpf);
    EXPECT_EQ(fork.header.time_ns, kBoot + 5'000'000'000);
    EXPECT_EQ(fork.caller.pid, 4711);
    EXPECT_EQ(fork.child_pid, 5000);
    EXPECT_EQ(fork.start_time_ticks, uint64_t{5000});
    EXPECT_EQ(fork.clone_flags, uint64_t{0});
    EXPECT_EQ(decoding.events.processes[1].event.clone_flags, uint64_t{0x8000});
  });

  claim("an exec tells its file, directory and arguments", [] {
    Decoding decoding;
    const std::string arguments = "sh" + kNul + kNul + "a b" + kNul;
    decoding.feed(exec_bytes(an_exec(arguments, 3),
                             {"./x" + kNul, components({"dash", "bin", "usr"}), components({"tmp"}),
                              components({"a.service", "system.slice"}), arguments}));
    EXPECT_EQ(decoding.events.processes.size(), size_t{1});
    const Collected::Process& exec = decoding.events.processes[0];
    EXPECT_EQ(exec.exe, "/usr/bin/dash");
    EXPECT_EQ(exec.cwd, "/tmp");
    EXPECT_EQ(exec.cgroup, "/system.slice/a.service");
    EXPECT(exec.argv == std::vector<std::string>({"sh", "", "a b"}));
    EXPECT(!exec.event.header.partial && exec.event.outcome.success);
    EXPECT_EQ(exec.paths[0].inode, uint64_t{99});
    EXPECT_EQ(exec.paths[0].device_major, 8u);
    EXPECT_EQ(exec.event.start_time_ticks, uint64_t{123});
    EXPECT_EQ(exec.comm, "program");
    EXPECT_EQ(exec.tty, "(none)");
    EXPECT_EQ(exec.event.caller.credentials.uid, 1000u);
    EXPECT_EQ(exec.event.caller.credentials.euid, 0u);
  });

  claim("a deleted file shows so, and a path that is cut has no beginning", [] {
    Decoding decoding;
    kernel_exec_record record = an_exec("", 0);
    record.links = 0;
    record.head.flags = KERNEL_CWD_CUT;
    decoding.feed(
        exec_bytes(record, {"", components({"memfd:x"}), components({"b", "a"}), "", ""}));
    const Collected::Process& exec = decoding.events.processes[0];
    EXPECT_EQ(exec.exe, "/memfd:x (deleted)");
    EXPECT_EQ(exec.cwd, "a/b");
    EXPECT(exec.event.header.partial);
  });

  claim("a failed exec tells its errno and what was asked for", [] {
    Decoding decoding;
    kernel_exec_record record = an_exec("x" + kNul, 1);
    record.error = ENOENT;
    record.is_execveat = 1;
    decoding.feed(exec_bytes(record, {"/none" + kNul, "", "", "", "x" + kNul}));
    const Collected::Process& exec = decoding.events.processes[0];
    EXPECT_EQ(exec.event.outcome.error(), ENOENT);
    EXPECT_EQ(exec.name, "/none");
    EXPECT_EQ(exec.exe, "");
    EXPECT_EQ(exec.event.header.syscall_name, "execveat");
  });

  claim("an end tells code or signal", [] {
    Decoding decoding;
    kernel_exit_record record{};
    record.caller = a_task();
    record.wait_status = 3 << 8;
    decoding.feed(bytes_of(record, KERNEL_RECORD_EXIT));
    record.caller.start_ns += 10'000'000;
    record.wait_status = 0x80 | 11;
    decoding.feed(bytes_of(record, KERNEL_RECORD_EXIT));
    EXPECT(decoding.events.processes[0].event.exit_status == 3);
    EXPECT(decoding.events.processes[1].event.exit_signal == 11);
  });

  claim("a process ends once, where each of two threads is taken for the last", [] {
    Decoding decoding;
    kernel_exit_record record{};
    record.caller = a_task();
    for (const uint32_t tgid : {4711U, 4712U, 4711U}) {
      record.caller.tgid = tgid;
      decoding.feed(bytes_of(record, KERNEL_RECORD_EXIT));
    }
    EXPECT_EQ(decoding.events.processes.size(), size_t{2});
    EXPECT_EQ(decoding.count("ignored", "repeated_end"), uint64_t{1});
  });

  claim("the end of a process is found without decoding, and in no other record", [] {
    kernel_exit_record record{};
    record.caller = a_task();
    const std::string bytes = bytes_of(record, KERNEL_RECORD_EXIT);
    const auto ended = ended_process(bytes);
    EXPECT(ended && ended->pid == 4711 && ended->start_ticks == 123);
    EXPECT(!ended_process(bytes.substr(0, bytes.size() - 1)));
    EXPECT(!ended_process(""));
    EXPECT(!ended_process(exec_bytes(an_exec("", 0), {"", "", "", "", ""})));
  });
}

void claim_long_arguments() {
  const std::string first(8192, 'a');
  const auto exec = [first](size_t size) {
    kernel_exec_record record = an_exec("", 1);
    record.arguments_size = size;
    return exec_bytes(record, {"", components({"x"}), "", "", first});
  };
  claim("arguments that came before their exec are joined to it", [exec, first] {
    Decoding decoding;
    decoding.feed(piece(8192, std::string(16384, 'b')));
    decoding.feed(piece(8192, "other" + kNul, 4712));
    decoding.feed(piece(8192 + 16384, "c" + kNul));
    decoding.feed(exec(8192 + 16384 + 2));
    const Collected::Process& found = decoding.events.processes[0];
    EXPECT(found.argv == std::vector<std::string>({first + std::string(16384, 'b') + "c"}));
    EXPECT(!found.event.header.partial);
    decoding.feed(exec(8192 + 2));  // its pieces were lost
    EXPECT(decoding.events.processes[1].event.header.partial);
    EXPECT_EQ(decoding.events.processes[1].argv[0].size(), first.size());
  });

  claim("a missing piece ends the arguments there", [exec] {
    Decoding decoding;
    decoding.feed(piece(8192, std::string(16384, 'b')));
    decoding.feed(piece(8192 + 2 * 16384, "c" + kNul));
    decoding.feed(exec(8192 + 2 * 16384 + 2));
    EXPECT(decoding.events.processes[0].event.header.partial);
    EXPECT_EQ(decoding.events.processes[0].argv[0].size(), size_t{8192 + 16384});
  });

  claim("pieces without an exec are bounded in number and bytes", [] {
    Decoding decoding;
    for (uint32_t pid = 0; pid < 1000; pid++) decoding.feed(piece(8192, "x" + kNul, pid));
    EXPECT_EQ(decoding.count("evicted_arguments"), uint64_t{1000 - 64});
    for (uint64_t i = 0; i < 2000; i++) {
      decoding.feed(piece(8192 + i * 16384, std::string(16384, 'y'), 5));
    }
    EXPECT_EQ(decoding.count("dropped", "malformed"), uint64_t{0});
  });
}

void claim_sockets() {
  claim("a connection tells both ends, outcome and duration", [] {
    Decoding decoding;
    kernel_socket_record record = a_socket(KERNEL_SOCKET_CONNECT);
    record.head.flags = KERNEL_VIA_URING;
    decoding.feed(bytes_of(record, KERNEL_RECORD_SOCKET));
    record.error = ECONNREFUSED;
    decoding.feed(bytes_of(record, KERNEL_RECORD_SOCKET));
    const Collected::Socket& worked = decoding.events.sockets[0];
    EXPECT_EQ(worked.local, "10.0.0.1");
    EXPECT_EQ(worked.remote, "10.0.0.2");
    EXPECT_EQ(worked.event.remote.port, uint16_t{443});
    EXPECT_EQ(worked.event.facts->duration_ns, uint64_t{1'000'000'000});
    EXPECT(worked.event.outcome.success && worked.event.is_uring);
    EXPECT_EQ(decoding.events.sockets[1].event.outcome.error(), ECONNREFUSED);
  });

  claim("an accept gives the descriptor, a datagram no outcome, a lone end no caller", [] {
    Decoding decoding;
    decoding.feed(bytes_of(a_socket(KERNEL_SOCKET_ACCEPT), KERNEL_RECORD_SOCKET));
    kernel_socket_record record = a_socket(KERNEL_SOCKET_SEND);
    record.is_unknown = 1;
    decoding.feed(bytes_of(record, KERNEL_RECORD_SOCKET));
    record = a_socket(KERNEL_SOCKET_CLOSE);
    record.head.flags = KERNEL_OWNER_UNKNOWN;
    record.caller = {};
    decoding.feed(bytes_of(record, KERNEL_RECORD_SOCKET));
    EXPECT_EQ(decoding.events.sockets[0].event.outcome.value, int64_t{9});
    EXPECT(!decoding.events.sockets[1].event.outcome.known);
    const SocketEvent& end = decoding.events.sockets[2].event;
    EXPECT(end.header.partial && end.caller.pid == 0 && !end.caller.has_login);
  });

  claim("a connect to no address ends the association", [] {
    Decoding decoding;
    kernel_socket_record record = a_socket(KERNEL_SOCKET_CONNECT);
    record.remote = {};
    decoding.feed(bytes_of(record, KERNEL_RECORD_SOCKET));
    EXPECT_EQ(decoding.events.sockets[0].event.remote.family, int32_t{AF_UNSPEC});
  });

  claim("IPv6 and abstract unix names are told as they are", [] {
    Decoding decoding;
    kernel_socket_record record = a_socket(KERNEL_SOCKET_CONNECT);
    record.family = AF_INET6;
    record.remote = {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 53, {}};
    decoding.feed(bytes_of(record, KERNEL_RECORD_SOCKET));
    EXPECT_EQ(decoding.events.sockets[0].remote, "2001:db8::1");
    kernel_unix_record unix_record{};
    unix_record.action = KERNEL_SOCKET_CONNECT;
    unix_record.peer_pid = 77;
    unix_record.path_size = 4;
    std::memcpy(unix_record.path, "\0abc", 4);
    decoding.feed(bytes_of(unix_record, KERNEL_RECORD_UNIX_SOCKET));
    EXPECT(decoding.events.sockets[1].path == std::string("\0abc", 4));
    EXPECT_EQ(decoding.events.sockets[1].event.facts->peer_pid, 77);
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_processes();
  claim_long_arguments();
  claim_sockets();

  claim("records that are cut short or say what cannot be are counted, and nothing else", [] {
    kernel_exec_record broken = an_exec("", 0);
    broken.text_sizes[0] = 60'000;
    kernel_unix_record long_path{};
    long_path.action = KERNEL_SOCKET_BIND;
    long_path.path_size = 255;
    kernel_socket_record strange = a_socket(KERNEL_SOCKET_CONNECT);
    strange.action = 99;
    const std::vector<std::string> records = {
        bytes_of(kernel_fork_record{}, KERNEL_RECORD_FORK).substr(0, 100),
        bytes_of(broken, KERNEL_RECORD_EXEC),
        bytes_of(long_path, KERNEL_RECORD_UNIX_SOCKET),
        bytes_of(strange, KERNEL_RECORD_SOCKET),
        bytes_of(kernel_exit_record{}, KERNEL_RECORD_FORK).substr(0, 15),
        "",
    };
    Decoding decoding;
    for (const std::string& each : records) decoding.feed(each);
    EXPECT_EQ(decoding.count("dropped", "malformed"), uint64_t{records.size()});
    EXPECT(decoding.events.processes.empty() && decoding.events.sockets.empty());
    decoding.feed(bytes_of(kernel_uring_record{}, KERNEL_RECORD_URING));
    EXPECT_EQ(decoding.count("ignored", "unnamed"), uint64_t{1});
    EXPECT_EQ(decoding.count("seen"), uint64_t{records.size() + 1});
  });
  return run_claims(argc, argv);
}
