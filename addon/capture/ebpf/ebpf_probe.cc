#include "ebpf_probe.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "../../system/unique_fd.h"
#include "libbpf.h"
#include "object.h"
#include "tracepoint.h"

namespace auditql {
namespace {

constexpr char kTypes[] = "/sys/kernel/btf/vmlinux";

HostCheck check_kernel() {
  constexpr char kName[] = "ebpf_kernel";
  utsname name{};
  int major = 0, minor = 0;
  (void)::uname(&name);
  (void)std::sscanf(name.release, "%d.%d", &major, &minor);
  const std::string found = std::string("Linux ") + name.release + ", " + name.machine;
  if (ebpf_object().empty()) {
    return {kName, false, "auditql has no eBPF programs for this machine: " + found,
            "use the audit backend; the programs exist for x86_64 and aarch64"};
  }
  const int version = major * 1000 + minor;
  if (version < 5011) {
    return {kName, false, "the kernel is older than 5.11, which the eBPF programs need: " + found,
            "use the audit backend, or a newer kernel"};
  }
  return {kName, true,
          version < 5015 ? found + ": processes and TCP only; Linux 5.15 captures all" : found, ""};
}

HostCheck check_btf() {
  constexpr char kName[] = "ebpf_btf";
  const UniqueFd file(::open(kTypes, O_RDONLY | O_CLOEXEC));
  char first = 0;
  if (file && ::read(file.get(), &first, 1) == 1) return {kName, true, kTypes, ""};
  const int cause = errno;
  return {kName, false,
          std::string("cannot read ") + kTypes +
              ", which describes the kernel's types: " + std::strerror(cause),
          "use a kernel with CONFIG_DEBUG_INFO_BTF, and mount sysfs on /sys"};
}

HostCheck check_lockdown() {
  constexpr char kName[] = "ebpf_lockdown";
  const std::string lockdown = small_file("/sys/kernel/security/lockdown");
  if (lockdown.find("[confidentiality]") == std::string::npos) {
    return {kName, true, "the kernel is not locked down for confidentiality", ""};
  }
  return {kName, false,
          "the kernel is locked down for confidentiality, so that eBPF programs cannot read its "
          "memory",
          "boot without lockdown=confidentiality, or use the audit backend"};
}

HostCheck check_libbpf() {
  constexpr char kName[] = "ebpf_libbpf";
  const auto loaded = load_libbpf();
  if (loaded) return {kName, true, "libbpf.so.1", ""};
  return {kName, false, loaded.error().message, kInstallLibbpf};
}

/// Without them the backend runs, and sees less.
HostCheck check_tracepoints() {
  constexpr char kName[] = "ebpf_tracepoints";
  const auto found = Tracepoints::open();
  if (found) return {kName, true, "tracefs", ""};
  return {kName, false,
          "with the backend ebpf, failed execs, binds, accepts and unix sockets are missing: " +
              found.error().message,
          kMountTracefs};
}

/// Sandboxes deny bpf(2) whatever the capabilities are.
HostCheck check_call() {
  constexpr char kName[] = "ebpf_call";
  bpf_attr map{};
  map.map_type = BPF_MAP_TYPE_ARRAY;
  map.key_size = sizeof(uint32_t);
  map.value_size = sizeof(uint64_t);
  map.max_entries = 1;
  const UniqueFd made(static_cast<int>(::syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map)));
  if (made) return {kName, true, "bpf(2) is allowed", ""};
  const int cause = errno;
  const bool is_denied = cause == EPERM || cause == EACCES;
  return {kName, false, std::string("cannot call bpf(2): ") + std::strerror(cause),
          is_denied ? "run as root; if auditql does, allow bpf(2) and perf_event_open(2) in "
                      "SystemCallFilter= of the systemd unit, in the seccomp profile of the "
                      "container, or in the policy of the security module"
                    : "use a kernel with CONFIG_BPF_SYSCALL, or the audit backend"};
}

Availability check_rights() {
  if (const HostCheck namespaces = probe_namespaces(); !namespaces.ok) {
    return {false, "auditql runs " + namespaces.detail, namespaces.remedy};
  }
  constexpr std::array<std::string_view, 2> kNeeded{"cap_bpf", "cap_perfmon"};
  std::string missing;
  for (const HostCheck& each : probe_capabilities()) {
    const bool is_needed = each.name == kNeeded[0] || each.name == kNeeded[1];
    if (is_needed && !each.ok) missing += (missing.empty() ? "" : " and ") + each.name;
  }
  if (missing.empty()) return {true, "", ""};
  return {false, "auditql lacks " + missing, how_to_grant(kNeeded)};
}

Availability first_failure(std::initializer_list<HostCheck (*)()> checks) {
  for (auto* check : checks) {
    HostCheck found = (*check)();
    if (!found.ok) return {false, std::move(found.detail), std::move(found.remedy)};
  }
  return {true, "", ""};
}

}  // namespace

std::vector<HostCheck> probe_ebpf() {
  return {check_kernel(), check_btf(),    check_lockdown(),
          check_call(),   check_libbpf(), check_tracepoints()};
}

Availability ebpf_availability() {
  Availability kernel = first_failure({&check_kernel, &check_btf, &check_lockdown});
  if (!kernel.available) return kernel;
  if (Availability rights = check_rights(); !rights.available) return rights;
  return first_failure({&check_call, &check_libbpf});
}

}  // namespace auditql
