#include "ebpf_backend.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "../../system/privileges.h"
#include "../host_probe.h"

namespace auditql {
namespace {

constexpr const char* kKindNames[KERNEL_RECORD_KINDS] = {
    "unknown", "fork", "arguments", "exec", "exit", "socket", "unix_socket", "uring"};
/// While auditql stops, the thread that empties the queue may have ended.
constexpr int kStopWaitMs = 1000;

CounterKey ebpf_key(std::string_view metric, std::string_view reason = {}) {
  return {"capture", "ebpf", metric, reason};
}

/// Processes are numbered by the initial pid namespace (include/uapi/linux/nsfs.h).
bool is_in_initial_pid_namespace() {
  struct stat found {};
  return ::stat("/proc/self/ns/pid", &found) == 0 && found.st_ino == 0xEFFFFFFCU;
}

bool is_kernel_at_least(int major, int minor) {
  utsname name{};
  int found_major = 0, found_minor = 0;
  if (::uname(&name) != 0) return false;
  if (std::sscanf(name.release, "%d.%d", &found_major, &found_minor) != 2) return false;
  return found_major > major || (found_major == major && found_minor >= minor);
}

/// Of aarch64 this is not known: AArch32 is a matter of its processor.
bool can_run_32_bit_programs() {
#if defined(__x86_64__)
  // Only with CONFIG_COMPAT_32 (arch/x86/entry/vdso/vdso32-setup.c).
  return ::access("/proc/sys/abi/vsyscall32", F_OK) == 0;
#else
  return true;
#endif
}

Availability check_kernel() {
  if (!is_kernel_at_least(5, 11)) {
    return {false, "The kernel is older than 5.11, the first one that runs these eBPF programs",
            "use the audit backend, or a newer kernel"};
  }
  if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
    return {
        false,
        std::string("Cannot read /sys/kernel/btf/vmlinux, which describes the kernel's types: ") +
            std::strerror(errno),
        "use a kernel with CONFIG_DEBUG_INFO_BTF, and mount /sys"};
  }
  if (small_file("/sys/kernel/security/lockdown").find("[confidentiality]") != std::string::npos) {
    return {false, "The kernel is locked down for confidentiality: eBPF programs read nothing",
            "boot without lockdown=confidentiality, or use the audit backend"};
  }
  return {true, "", ""};
}

Availability check_rights() {
  if (!is_in_initial_pid_namespace()) {
    return {false, "auditql is in a pid namespace of a container: eBPF sees the host's processes",
            "run on the host, or with --pid=host"};
  }
  // CAP_SYS_ADMIN stands for both (include/linux/capability.h).
  if (missing_capabilities({"cap_sys_admin"}).empty()) return {true, "", ""};
  std::string missing;
  for (const std::string& each : missing_capabilities({"cap_bpf", "cap_perfmon"})) {
    missing += (missing.empty() ? "" : " and ") + each;
  }
  if (missing.empty()) return {true, "", ""};
  return {false, "auditql lacks " + missing,
          "run as root, or add them to AmbientCapabilities= of the systemd unit"};
}

}  // namespace

EbpfBackend::EbpfBackend(EbpfBackendOptions options, HealthRegion& health)
    : options_(std::move(options)),
      health_(health),
      seen_(health.counter(ebpf_key("seen"))),
      lost_(health.counter(ebpf_key("lost"))),
      excluded_(health.counter(ebpf_key("excluded"))),
      unreadable_(health.counter(ebpf_key("unreadable_arguments"))),
      queue_full_(health.counter(ebpf_key("dropped", "queue_full"))) {}

EbpfBackend::~EbpfBackend() { stop(); }

Availability EbpfBackend::probe() {
  if (Availability kernel = check_kernel(); !kernel.available) return kernel;
  if (Availability rights = check_rights(); !rights.available) return rights;
  if (const auto libbpf = load_libbpf(); !libbpf) {
    const std::string& message = libbpf.error().message;
    const size_t end = message.find(". ");
    return {false, message.substr(0, end), message.substr(std::min(end + 2, message.size()))};
  }
  return {true, "", ""};
}

Status EbpfBackend::start(FrameQueue& queue) {
  ProgramOptions options;
  options.ring_bytes = options_.ring_bytes;
  options.max_connections = options_.max_connections;
  options.own_tgid = static_cast<uint32_t>(::getpid());
  options.exclusions = options_.exclusions;
  auto programs = LoadedPrograms::load(options);
  if (!programs) return programs.error();
  programs_ = programs.take();
  missing_ = programs_->missing();
  queue_ = &queue;
  stopping_ = false;
  stop_wait_ms_ = kStopWaitMs;
  reader_ = std::make_unique<RingReader>(
      programs_->libbpf(), programs_->ring_fd(), options_.gather_ms,
      RingReader::Steps{[this](std::string_view record) { push(record); },
                        [this] {
                          queue_->notify();
                          read_counts();
                        }});
  Status started = reader_->start();
  if (!started) {
    reader_.reset();
    programs_.reset();
  }
  return started;
}

void EbpfBackend::change_exclusions(const std::vector<Exclusion>& exclusions) {
  if (programs_ != nullptr) programs_->exclude(kernel_exclusions(exclusions));
}

CaptureReport EbpfBackend::report() const {
  CaptureReport report;
  report.sees = {.processes = Sight::on, .sockets = Sight::on};
  for (const MissingPrograms& each : missing_) {
    // Failed execs are told by programs of calls.
    const bool is_of_execs = each.part.find("exec") != std::string::npos;
    if (is_of_execs || each.part == "calls") report.sees.processes = Sight::limited;
    if (!is_of_execs) report.sees.sockets = Sight::limited;
    report.problems.push_back({"ebpf_program_missing", each.part + ": " + each.reason,
                               "use a newer kernel, or the audit backend"});
  }
  if (can_run_32_bit_programs()) {
    report.sees.processes = report.sees.sockets = Sight::limited;
    report.problems.push_back(
        {"no_32_bit_calls",
         "calls of 32-bit programs have no tracepoints: their failed execs, binds, accepts, unix "
         "sockets and connected datagrams are not seen",
         "use the audit backend where 32-bit programs matter"});
  }
  return report;
}

void EbpfBackend::stop() {
  if (reader_ == nullptr) return;
  stopping_ = true;
  reader_->stop();
  queue_->notify();
  read_counts();
  reader_.reset();
  programs_.reset();
}

/// A full queue makes the reader wait, and so the ring, which counts what it loses then.
void EbpfBackend::push(std::string_view record) {
  kernel_record head;
  if (record.size() < sizeof head) return;
  std::memcpy(&head, record.data(), sizeof head);
  seen_.add_alone();
  while (!queue_->push(FrameKind::kernel_event, head.kind, record)) {
    if (stopping_ && stop_wait_ms_-- <= 0) return queue_full_.add();
    queue_->notify();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void EbpfBackend::read_counts() {
  uint64_t excluded = 0, unreadable = 0, lost = 0;
  const std::vector<kernel_counts> counts = programs_->counts();
  for (size_t cpu = 0; cpu < counts.size(); cpu++) {
    excluded += counts[cpu].excluded;
    unreadable += counts[cpu].unreadable;
    for (int kind = 0; kind < KERNEL_RECORD_KINDS; kind++) {
      lost += counts[cpu].lost[kind];
      if (counts[cpu].lost[kind] == 0) continue;
      const std::string name = std::string(kKindNames[kind]) + "_cpu" + std::to_string(cpu);
      const auto [found, is_new] = lost_of_.try_emplace(name);
      if (is_new) found->second = health_.counter(ebpf_key("dropped", name));
      found->second.set(counts[cpu].lost[kind]);
    }
  }
  lost_.set(lost);
  excluded_.set(excluded);
  unreadable_.set(unreadable);
}

}  // namespace auditql
