// Needs root, and an audit subsystem that no other daemon owns: make -C addon live
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "audit_host.h"
#include "capture/audit_backend.h"
#include "capture/capture_rules.h"
#include "check.h"
#include "eventually.h"
#include "rules/rule_compiler.h"

using namespace auditql;
using namespace auditql::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

std::string state_folder;
std::string state_path() { return state_folder + "/audit-status"; }

struct Capture {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  FrameQueue queue{size_t{64} << 20};
  AuditBackend backend;
  RecordCounter counter{queue};

  explicit Capture(AuditBackendOptions options = {.state_path = state_path()})
      : backend(options, *health) {}

  uint64_t metric(std::string_view name, std::string_view reason = {}) {
    return health->counter({"capture", "audit", name, reason}).get();
  }
  bool start() {
    const Status started = backend.start(queue);
    if (!started) fail(__FILE__, __LINE__, started.error().message);
    return started.ok();
  }
};

uint32_t kernel_lost() { return AuditNetlink::open().take().status().value().lost; }

size_t own_rules() {
  size_t count = 0;
  for (const AuditRule& each : AuditNetlink::open().take().rules().take()) {
    count += each.has_key(kRuleKey) ? 1 : 0;
  }
  return count;
}

/// How long this thread has waited for a processor (/proc/PID/schedstat, second number).
class ProcessorWait {
 public:
  /// In ms; 0 where the kernel does not count it.
  double now_ms() const {
    char text[64] = {};
    unsigned long long ran_ns = 0, waited_ns = 0;
    if (::pread(file_.get(), text, sizeof text - 1, 0) <= 0) return 0;
    (void)std::sscanf(text, "%llu %llu", &ran_ns, &waited_ns);
    return static_cast<double>(waited_ns) / 1e6;
  }

 private:
  UniqueFd file_{::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)};
};

/// UDP connects on loopback: one syscall, one event. The longest that a call was held up, in ms: what
/// other programs on a busy host took of it is not the audit subsystem's doing.
double connect_for(int duration_ms, uint64_t* calls) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto end = steady_clock::now() + milliseconds(duration_ms);
  const ProcessorWait processor;
  constexpr uint64_t kCallsPerReading = 32;
  double longest_ms = 0, waited_ms = 0;
  for (auto before = steady_clock::now(); before < end; before = steady_clock::now()) {
    if (*calls % kCallsPerReading == 0) {
      waited_ms = processor.now_ms();
      before = steady_clock::now();
    }
    (void)::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
    const std::chrono::duration<double, std::milli> took = steady_clock::now() - before;
    ++*calls;
    if (took.count() <= longest_ms) continue;
    longest_ms = std::max(longest_ms, took.count() - (processor.now_ms() - waited_ms));
  }
  ::close(fd);
  return longest_ms;
}

void run_shell(const std::string& command) { EXPECT(!output_of(command + "; echo").empty()); }

void starting_and_stopping() {
  claim("a normal stop leaves status and rules as they were, foreign rules included", [] {
    run_shell("auditctl -w /tmp/auditql-live-foreign -p wa -k foreign");
    const std::string status = status_text(), rules = rules_text();
    {
      Capture capture;
      if (!capture.start()) return;
      std::printf("while capturing:\n%s%s", output_of("auditctl -s").c_str(), rules_text().c_str());
      EXPECT(status_text() != status);
      EXPECT(rules_text().find(rules.substr(0, rules.size() - 1)) == 0);
      capture.backend.stop();
      capture.backend.stop();
    }
    EXPECT_EQ(status_text(), status);
    EXPECT_EQ(rules_text(), rules);
    EXPECT(!std::filesystem::exists(state_path()));
    EXPECT(restore_after_crash(state_path()).value() == CrashRestore::nothing_to_do);
    run_shell("auditctl -W /tmp/auditql-live-foreign -p wa -k foreign");
  });

  claim("after kill -9 the next start undoes, doubles no rule, and keeps the first status", [] {
    const std::string status = status_text(), rules = rules_text();
    const int killed = in_child([] {
      Capture capture;
      if (!capture.start()) return 1;
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    EXPECT(WIFSIGNALED(killed));
    const size_t left_behind = own_rules();
    EXPECT(left_behind > 0);
    Capture capture;
    if (!capture.start()) return;
    EXPECT_EQ(own_rules(), left_behind);
    capture.backend.stop();
    EXPECT_EQ(status_text(), status);
    EXPECT_EQ(rules_text(), rules);
  });

  claim("restore_after_crash alone undoes a kill -9", [] {
    const std::string status = status_text(), rules = rules_text();
    (void)in_child([] {
      Capture capture;
      if (!capture.start()) return 1;
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    EXPECT(restore_after_crash(state_path()).value() == CrashRestore::restored);
    EXPECT_EQ(status_text(), status);
    EXPECT_EQ(rules_text(), rules);
  });

  claim("a second capture with the same state directory is refused", [] {
    Capture capture;
    if (!capture.start()) return;
    const int refused = in_child([] {
      const Result<CrashRestore> restored = restore_after_crash(state_path());
      return !restored.ok() && restored.error().code == "audit_in_use" ? 7 : 1;
    });
    EXPECT_EQ(WEXITSTATUS(refused), 7);
  });
}

void delivery() {
  claim("1000 quick forks arrive, each once, and the kernel loses nothing", [] {
    const uint32_t lost = kernel_lost();
    Capture capture;
    if (!capture.start()) return;
    std::set<pid_t> forked;
    // Calls of our own thread group are left out, so another process forks.
    int pids[2];
    EXPECT_EQ(::pipe(pids), 0);
    (void)in_child([&] {
      for (int i = 0; i < 1000; i++) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(0);
        EXPECT_EQ(::write(pids[1], &child, sizeof child), ssize_t{sizeof child});
        ::waitpid(child, nullptr, 0);
      }
      return 0;
    });
    ::close(pids[1]);
    pid_t child;
    while (::read(pids[0], &child, sizeof child) == sizeof child) forked.insert(child);
    ::close(pids[0]);
    capture.backend.stop();
    capture.counter.stop();
    EXPECT_EQ(forked.size(), size_t{1000});
    size_t exits = 0;
    for (const pid_t each : forked) exits += capture.counter.syscalls_of(each) == 1 ? 1 : 0;
    EXPECT_EQ(exits, forked.size());
    EXPECT_EQ(capture.counter.of_type(AUDIT_SYSCALL), capture.counter.of_type(AUDIT_EOE));
    EXPECT_EQ(kernel_lost(), lost);
    EXPECT_EQ(capture.metric("dropped", "kernel_lost"), uint64_t{0});
    EXPECT_EQ(capture.counter.syscalls_of(::getpid()), uint64_t{0});
  });

  claim("of a host at full rate each call arrives, or the kernel counts a loss and so do we", [] {
    const uint32_t lost = kernel_lost();
    Capture capture;
    if (!capture.start()) return;
    int numbers[2];
    EXPECT_EQ(::pipe(numbers), 0);
    (void)in_child([&] {
      uint64_t calls = 0;
      const double longest_ms = connect_for(2000, &calls);
      std::printf("full rate: %.0f calls/s, longest call %.1f ms\n", static_cast<double>(calls) / 2,
                  longest_ms);
      const pid_t self = ::getpid();
      (void)!::write(numbers[1], &calls, sizeof calls);
      (void)!::write(numbers[1], &self, sizeof self);
      return 0;
    });
    uint64_t calls = 0;
    pid_t generator = 0;
    (void)!::read(numbers[0], &calls, sizeof calls);
    (void)!::read(numbers[0], &generator, sizeof generator);
    capture.backend.stop();
    capture.counter.stop();
    // Where other work keeps the reader from a processor there may be some.
    const uint64_t newly_lost = kernel_lost() - lost;
    std::printf("full rate: %llu records lost\n", static_cast<unsigned long long>(newly_lost));
    // ... and its exit_group.
    const uint64_t made = calls + 1, seen = capture.counter.syscalls_of(generator);
    EXPECT(seen <= made && seen + newly_lost >= made);
    EXPECT_EQ(capture.metric("dropped", "kernel_lost"), newly_lost);
    EXPECT_EQ(capture.metric("dropped", "queue_full"), uint64_t{0});
  });
}

/// A child that captures until its stdin-like pipe closes, then prints what it got of `generator`.
pid_t capturing_child(int ready, int finish) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  Capture capture;
  if (!capture.start()) ::_exit(1);
  (void)!::write(ready, "r", 1);
  pid_t generator = 0;
  (void)!::read(finish, &generator, sizeof generator);
  capture.backend.stop();
  capture.counter.stop();
  uint64_t missing = 0, last = 0;
  for (const auto& [serial, records] : capture.counter.serials()) {
    if (last != 0) missing += serial - last - 1;
    last = serial;
  }
  std::printf(
      "after the stop: %llu events of the generator, %llu records lost in the kernel, "
      "%llu serials missing\n",
      static_cast<unsigned long long>(capture.counter.syscalls_of(generator)),
      static_cast<unsigned long long>(capture.metric("dropped", "kernel_lost")),
      static_cast<unsigned long long>(missing));
  const bool is_counted = capture.metric("dropped", "serial_gap") == missing;
  std::fflush(nullptr);
  ::_exit(is_counted ? 0 : 2);
}

void stopped_reader() {
  claim("while our process is stopped no call waits 100 ms, and what is lost is counted", [] {
    int ready[2], finish[2];
    EXPECT(::pipe(ready) == 0 && ::pipe(finish) == 0);
    std::fflush(nullptr);
    const pid_t child = capturing_child(ready[1], finish[0]);
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), ssize_t{1});
    ::kill(child, SIGSTOP);
    uint64_t calls = 0;
    const double longest_ms = connect_for(8000, &calls);
    ::kill(child, SIGCONT);
    std::printf("stopped reader: %llu calls in 8 s, longest %.1f ms\n",
                static_cast<unsigned long long>(calls), longest_ms);
    EXPECT(longest_ms < 100);
    std::this_thread::sleep_for(milliseconds(500));
    const pid_t self = ::getpid();
    (void)!::write(finish[1], &self, sizeof self);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  });
}

/// Registers itself as owner until the pipe closes.
int rival_owner(int ready, int finish) {
  AuditNetlink audit = AuditNetlink::open().take();
  UniqueFd socket = open_record_socket(AuditMode::unicast, 1 << 20).take();
  const bool is_owner = become_owner(socket, audit).ok();
  (void)!::write(ready, is_owner ? "y" : "n", 1);
  char byte;
  (void)!::read(finish, &byte, 1);
  return is_owner ? 0 : 1;
}

void owner_role() {
  claim("another owner is noticed, read beside by multicast, and the role taken back", [] {
    Capture capture;
    if (!capture.start()) return;
    int ready[2], finish[2];
    EXPECT(::pipe(ready) == 0 && ::pipe(finish) == 0);
    // Only the owner can give the role up; then another process is quicker than we are.
    AuditNetlink audit = AuditNetlink::open().take();
    std::fflush(nullptr);
    const pid_t rival = ::fork();
    if (rival == 0) {
      char byte;
      (void)!::read(finish[0], &byte, 1);
      ::_exit(rival_owner(ready[1], finish[0]));
    }
    EXPECT(audit.set_status(AUDIT_STATUS_PID, AuditStatus()).ok());
    (void)!::write(finish[1], "g", 1);
    char is_owner = 0;
    (void)!::read(ready[0], &is_owner, 1);
    if (is_owner != 'y') std::printf("the backend took the role back before the rival\n");
    const auto lost_at = steady_clock::now();
    EXPECT(eventually([&] { return capture.metric("owner_lost") == 1; }));
    const std::chrono::duration<double> noticed = steady_clock::now() - lost_at;
    std::printf("loss of the owner role noticed after %.1f s\n", noticed.count());
    const uint64_t before = capture.metric("seen");
    EXPECT(eventually([&] {
      (void)output_of("true");
      return capture.metric("seen") > before;
    }));
    (void)!::write(finish[1], "f", 1);
    ::waitpid(rival, nullptr, 0);
    EXPECT(eventually([&] { return capture.metric("owner_taken_back") == 1; }));
    EXPECT_EQ(capture.metric("is_owner"), uint64_t{1});
    const uint64_t after = capture.metric("seen");
    EXPECT(eventually([&] {
      (void)output_of("true");
      return capture.metric("seen") > after;
    }));
  });

  claim("unicast is refused while another process owns the stream; multicast works", [] {
    int ready[2], finish[2];
    EXPECT(::pipe(ready) == 0 && ::pipe(finish) == 0);
    std::fflush(nullptr);
    const pid_t rival = ::fork();
    if (rival == 0) ::_exit(rival_owner(ready[1], finish[0]));
    char byte;
    (void)!::read(ready[0], &byte, 1);
    Capture unicast;
    const Availability available = unicast.backend.probe();
    EXPECT(!available.available);
    std::printf("refused: %s; %s\n", available.reason.c_str(), available.remedy.c_str());
    EXPECT(!unicast.backend.start(unicast.queue).ok());
    const std::string status = status_text();
    Capture beside({.state_path = state_path(), .mode = AuditMode::multicast});
    if (beside.start()) {
      const uint64_t before = beside.metric("seen");
      EXPECT(eventually([&] {
        (void)output_of("true");
        return beside.metric("seen") > before;
      }));
      beside.backend.stop();
    }
    EXPECT_EQ(status_text(), status);
    (void)!::write(finish[1], "f", 1);
    ::waitpid(rival, nullptr, 0);
  });

  claim("rules that somebody deletes come back", [] {
    Capture capture;
    if (!capture.start()) return;
    const size_t rules = own_rules();
    run_shell("auditctl -D");
    EXPECT_EQ(own_rules(), size_t{0});
    EXPECT(eventually([&] { return own_rules() == rules; }));
    EXPECT_EQ(capture.metric("rules_restored"), uint64_t{rules});
  });
}

/// auditd with the host's configuration but a log of its own, in the foreground.
pid_t start_auditd() {
  std::filesystem::create_directory(state_folder + "/log");
  std::ifstream host("/etc/audit/auditd.conf");
  std::ofstream config(state_folder + "/auditd.conf");
  for (std::string line; std::getline(host, line);) {
    if (line.starts_with("log_file")) line = "log_file = " + state_folder + "/log/audit.log";
    if (line.starts_with("log_group")) line = "log_group = root";
    if (line.starts_with("log_format")) line = "log_format = RAW";
    config << line << "\n";
  }
  config.close();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::execlp("auditd", "auditd", "-n", "-c", state_folder.c_str(), nullptr);
  ::_exit(127);
}

/// Serials of the SYSCALL records with our key in auditd's log.
std::set<uint64_t> logged_serials() {
  std::set<uint64_t> serials;
  std::ifstream log(state_folder + "/log/audit.log");
  for (std::string line; std::getline(log, line);) {
    const size_t message = line.find("audit(");
    if (!line.starts_with("type=SYSCALL") || line.find("key=\"auditql\"") == std::string::npos) {
      continue;
    }
    serials.insert(record_serial(std::string_view(line).substr(message)).value_or(0));
  }
  return serials;
}

void beside_auditd() {
  claim("beside a running auditd the multicast brings the events of its log, serial by serial", [] {
    if (output_of("command -v auditd").empty()) {
      std::printf("skipped: no auditd\n");
      return;
    }
    std::fflush(nullptr);
    const pid_t auditd = start_auditd();
    const bool is_owner = eventually([&] {
      return AuditNetlink::open().take().status().value().pid == static_cast<uint32_t>(auditd);
    });
    EXPECT(is_owner);
    Capture capture({.state_path = state_path(), .mode = AuditMode::multicast});
    if (is_owner && capture.start()) {
      run_shell("for i in $(seq 300); do /bin/true; done");
      capture.backend.stop();
    }
    ::kill(auditd, SIGTERM);
    ::waitpid(auditd, nullptr, 0);
    capture.counter.stop();
    const std::set<uint64_t> logged = logged_serials(), read = capture.counter.own_serials();
    std::printf("beside auditd: %zu events in its log, %zu by multicast\n", logged.size(),
                read.size());
    EXPECT(read.size() > 600);
    EXPECT(read == logged);
  });
}

int run(int argc, char** argv) {
  starting_and_stopping();
  delivery();
  stopped_reader();
  owner_role();
  beside_auditd();
  return run_claims(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  Result<AuditNetlink> audit = AuditNetlink::open();
  const bool is_usable = ::geteuid() == 0 && audit && audit.value().status().ok();
  if (!is_usable) {
    std::printf("skipped: needs root and an audit subsystem\n");
    return 0;
  }
  if (const AuditStatus found = audit.value().status().value(); found.enabled == 2 || found.pid) {
    std::printf("skipped: audit rules are locked, or pid %u owns the stream\n", found.pid);
    return 0;
  }
  char folder[] = "/tmp/auditql-live-XXXXXX";
  state_folder = ::mkdtemp(folder);
  AuditHost host;
  // The tests run in a child, so that the host is put back also when they crash.
  const int status = in_child([&] { return run(argc, argv); });
  host.restore();
  std::filesystem::remove_all(state_folder);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
