// bare_ring_reader: auditql's eBPF programs with its loader and the thread that empties their ring;
// the records are thrown away, until SIGTERM. Then it prints a JSON object: records seen and lost.
#include <signal.h>
#include <unistd.h>

#include <cstdint>

#include "bare_reader.h"
#include "capture/ebpf/ebpf_backend.h"
#include "capture/ebpf/loaded_programs.h"
#include "capture/ebpf/ring_reader.h"

using namespace auditql;

int main() {
  const sigset_t signals = ending_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const EbpfBackendOptions defaults;
  ProgramOptions options;
  options.ring_bytes = defaults.ring_bytes;
  options.max_connections = defaults.max_connections;
  options.own_tgid = static_cast<uint32_t>(::getpid());
  auto loaded = LoadedPrograms::load(options);
  if (!loaded) return print_failure(loaded.error());
  const auto programs = loaded.take();
  uint64_t seen = 0, lost = 0;
  RingReader reader(programs->libbpf(), programs->ring_fd(), defaults.gather_ms,
                    defaults.open_connection_ms,
                    {[&seen](std::string_view) { seen++; }, [] {}, [] {}});
  if (Status started = reader.start(); !started) return print_failure(started.error());
  std::printf("{\"ready\":1}\n");
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&signals, &signal);
  reader.stop();
  for (const kernel_counts& each : programs->counts()) {
    for (const uint64_t of_kind : each.lost) lost += of_kind;
  }
  std::printf("{\"seen\":%llu,\"lost\":%llu}\n", static_cast<unsigned long long>(seen),
              static_cast<unsigned long long>(lost));
  return 0;
}
