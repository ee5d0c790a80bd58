// identity_load [LIVE_PROCESSES] [EVENTS]: events a second through identity alone, and bytes per
// live process. Prints a JSON object per figure.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "identity/process_table.h"

using namespace auditql;

namespace {

constexpr BootClock kClock(1'700'000'000'000'000'000, 100);
constexpr uint64_t kMs = 1'000'000;

class Load {
 public:
  Load(ProcessTable& table, int32_t live) : table_(table), live_(live) {}

  /// One fork by the first process for each of the live ones, then an exec of each.
  void fill() {
    for (int32_t pid = kFirst; pid < kFirst + live_; pid++) {
      send_fork(1, 0, pid);
      send(ProcessAction::exec, pid, 1);
    }
  }

  /// What a busy host does, in turn: a call by an old process, and now and then the whole life
  /// (fork, exec, exit) of a new one.
  void run(uint64_t events) {
    int32_t next = kFirst + live_;
    for (uint64_t sent = 0; sent < events;) {
      const int32_t pid = kFirst + static_cast<int32_t>(random_() % static_cast<unsigned>(live_));
      if (random_() % 4 != 0) {
        send_socket(pid);
        sent++;
        continue;
      }
      next = next < ProcessKey::kPidLimit - 1 ? next + 1 : kFirst + live_;
      send_fork(pid, 1, next);
      send(ProcessAction::exec, next, pid);
      send(ProcessAction::exit, next, pid);
      sent += 3;
    }
  }

 private:
  static constexpr int32_t kFirst = 1000;

  ProcessEvent event(ProcessAction action, int32_t pid, int32_t ppid) {
    ProcessEvent made;
    now_ns_ += kMs / 50;
    made.header.time_ns = now_ns_;
    made.action = action;
    made.caller.pid = pid;
    made.caller.parent = ppid;
    made.caller.comm = "worker";
    exe_ = "/usr/bin/program-" + std::to_string(pid % 50);
    made.caller.exe = exe_;
    made.cwd = "/srv/data";
    made.outcome = {.known = true, .success = true, .value = 0};
    return made;
  }
  void send(ProcessAction action, int32_t pid, int32_t ppid) {
    table_.resolve(event(action, pid, ppid));
  }
  void send_fork(int32_t pid, int32_t ppid, int32_t child) {
    ProcessEvent fork = event(ProcessAction::fork, pid, ppid);
    fork.child_pid = child;
    fork.clone_flags_known = true;
    table_.resolve(fork);
  }
  void send_socket(int32_t pid) {
    const ProcessEvent like = event(ProcessAction::exec, pid, 1);
    SocketEvent socket;
    socket.header = like.header;
    socket.caller = like.caller;
    table_.resolve(socket);
  }

  ProcessTable& table_;
  int32_t live_;
  uint64_t now_ns_ = kClock.wall_ns(100'000);
  std::string exe_;
  std::mt19937 random_{1};
};

size_t heap_bytes() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

double seconds_of(const auto& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void report(const char* figure, double value) {
  std::printf("{\"figure\":\"%s\",\"value\":%.3f}\n", figure, value);
}

void measure_proc_reads() {
  auto proc = ProcDirectory::open().take();
  const int32_t self = proc->stat(1) ? 1 : 0;
  constexpr int reads = 20'000;
  const double stat = seconds_of([&] {
    for (int i = 0; i < reads; i++) (void)proc->stat(self);
  });
  const double space = seconds_of([&] {
    for (int i = 0; i < reads; i++) (void)proc->in_own_pid_namespace(self);
  });
  report("/proc stat, microseconds", stat / reads * 1e6);
  report("/proc namespace link, microseconds", space / reads * 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const int32_t live = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const uint64_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 3'000'000;
  const size_t before = heap_bytes();
  ProcessTableOptions options;
  options.boot_id = "bench";
  options.clock = kClock;
  options.assume_own_pid_namespace = true;
  auto table = std::make_unique<ProcessTable>(options);
  Load load(*table, live);
  const double filling = seconds_of([&] { load.fill(); });
  const size_t bytes = heap_bytes() - before;
  report("live processes", static_cast<double>(table->live()));
  report("bytes per live process", static_cast<double>(bytes) / static_cast<double>(table->live()));
  report("events/s, filling", 2.0 * live / filling);
  const double running = seconds_of([&] { load.run(events); });
  report("events/s, mixed", static_cast<double>(events) / running);
  measure_proc_reads();
}
