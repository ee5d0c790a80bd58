#include "ebpf_backend.h"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "../../system/clocks.h"
#include "ebpf_probe.h"
#include "self_test.h"

namespace auditql {
namespace {

constexpr const char* kKindNames[KERNEL_RECORD_KINDS] = {
    "unknown", "fork", "arguments", "exec", "exit", "socket", "unix_socket", "uring"};
/// A connection that is open is told of at most a fifth of its period late.
constexpr int kWalksPerPeriod = 5;
/// While auditql stops, the thread that empties the queue may have ended.
constexpr int kStopWaitMs = 1000;

CounterKey ebpf_key(std::string_view metric, std::string_view reason = {}) {
  return {"capture", "ebpf", metric, reason};
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

}  // namespace

EbpfBackend::EbpfBackend(EbpfBackendOptions options, HealthRegion& health)
    : options_(std::move(options)),
      health_(health),
      seen_(health.counter(ebpf_key("seen"))),
      lost_(health.counter(ebpf_key("lost"))),
      missed_(health.counter(ebpf_key("dropped", "program_busy"))),
      excluded_(health.counter(ebpf_key("excluded"))),
      own_(health.counter(ebpf_key("excluded", "own"))),
      unreadable_(health.counter(ebpf_key("unreadable_arguments"))),
      queue_full_(health.counter(ebpf_key("dropped", "queue_full"))) {}

EbpfBackend::~EbpfBackend() { stop(); }

Availability EbpfBackend::probe() { return ebpf_availability(); }

Status EbpfBackend::start(FrameQueue& queue) {
  queue_ = &queue;
  Status started = load();
  if (started) started = start_reader();
  if (!started) {
    reader_.reset();
    programs_.reset();
  }
  return started;
}

Status EbpfBackend::load() {
  ProgramOptions options;
  options.ring_bytes = options_.ring_bytes;
  options.max_connections = options_.max_connections;
  options.own_tgid = static_cast<uint32_t>(::getpid());
  options.open_connection_ms = options_.open_connection_ms;
  options.exit_by_live_count = options_.exit_by_live_count;
  auto programs = LoadedPrograms::load(options);
  if (!programs) return programs.error();
  programs_ = programs.take();
  missing_ = programs_->missing();
  // Only after start() does a thread empty the queue.
  stopping_ = true;
  stop_wait_ms_ = 0;
  SelfTest test(*programs_, [this](std::string_view record) { push(record); });
  if (Status passed = test.run(); !passed) return passed;
  if (!options_.exclusions.empty()) programs_->exclude(options_.exclusions);
  return Done{};
}

Status EbpfBackend::start_reader() {
  stopping_ = false;
  stop_wait_ms_ = kStopWaitMs;
  reader_ = std::make_unique<RingReader>(
      programs_->libbpf(), programs_->ring_fd(), options_.gather_ms,
      options_.open_connection_ms / kWalksPerPeriod,
      RingReader::Steps{[this](std::string_view record) { push(record); },
                        [this] {
                          queue_->notify();
                          read_counts();
                          read_missed();
                        },
                        [this] { programs_->tell_open_connections(); }});
  return reader_->start();
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
    report.problems.push_back(
        {"ebpf_program_missing", each.part + ": " + each.reason, each.remedy});
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
  missed_.set(programs_->missed());
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
  uint64_t excluded = 0, own = 0, unreadable = 0, lost = 0;
  const std::vector<kernel_counts> counts = programs_->counts();
  for (size_t cpu = 0; cpu < counts.size(); cpu++) {
    excluded += counts[cpu].excluded;
    own += counts[cpu].own;
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
  own_.set(own);
  unreadable_.set(unreadable);
}

/// Once a second, because it takes a call per program.
void EbpfBackend::read_missed() {
  constexpr uint64_t kEveryNs = 1'000'000'000;
  const uint64_t now = monotonic_ns();
  if (now - missed_read_ns_ < kEveryNs) return;
  missed_read_ns_ = now;
  missed_.set(programs_->missed());
}

}  // namespace auditql
