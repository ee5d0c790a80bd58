#include "host_probe.h"

#include <linux/capability.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "../system/unique_fd.h"
#include "ebpf/ebpf_probe.h"

namespace auditql {
namespace {

struct Capability {
  int bit;
  const char* name;
  const char* purpose;
  bool is_in_sys_admin = false;  ///< CAP_SYS_ADMIN stands for it (include/linux/capability.h)
};

constexpr Capability kCapabilities[] = {
    {CAP_AUDIT_CONTROL, "cap_audit_control", "to set audit rules and to own the audit stream"},
    {CAP_AUDIT_READ, "cap_audit_read", "to read the audit stream alongside another owner"},
    {CAP_NET_ADMIN, "cap_net_admin",
     "for large socket buffers, the process connector, and datagrams with the backend ebpf"},
    {CAP_BPF, "cap_bpf", "for the backend ebpf", true},
    {CAP_PERFMON, "cap_perfmon", "for the backend ebpf", true},
    {CAP_SYS_PTRACE, "cap_sys_ptrace", "to read /proc of other users' processes"},
    {CAP_DAC_READ_SEARCH, "cap_dac_read_search", "to read and hash files of other users"},
};

uint64_t effective_capabilities() {
  std::istringstream status(small_file("/proc/self/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("CapEff:")) return std::strtoull(line.c_str() + 7, nullptr, 16);
  }
  return 0;
}

bool is_granted(const Capability& capability, uint64_t effective) {
  const auto has = [effective](int bit) { return (effective >> bit & 1) != 0; };
  return has(capability.bit) || (capability.is_in_sys_admin && has(CAP_SYS_ADMIN));
}

/// Namespaces that processes start in have fixed numbers (include/uapi/linux/nsfs.h).
bool is_initial_namespace(const char* path, ino_t initial) {
  struct stat found {};
  return ::stat(path, &found) == 0 && found.st_ino == initial;
}

}  // namespace

HostCheck probe_namespaces() {
  const bool is_user = is_initial_namespace("/proc/self/ns/user", 0xEFFFFFFDU);
  const bool is_pid = is_initial_namespace("/proc/self/ns/pid", 0xEFFFFFFCU);
  if (is_user && is_pid) return {"namespaces", true, "the host's user and pid namespaces", ""};
  const std::string kind = is_user ? "pid" : is_pid ? "user" : "user and pid";
  return {"namespaces", false, "in a " + kind + " namespace of a container",
          "run on the host, or with --pid=host and without a user namespace: the kernel gives "
          "audit and process events to the initial namespaces only"};
}

std::string small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
  return text;
}

std::vector<HostCheck> probe_capabilities() {
  const uint64_t effective = effective_capabilities();
  std::vector<HostCheck> checks;
  for (const Capability& each : kCapabilities) {
    if (is_granted(each, effective)) {
      checks.push_back({each.name, true, "present", ""});
      continue;
    }
    checks.push_back({each.name, false, std::string("missing, required ") + each.purpose,
                      std::string("run as root, or add ") + each.name +
                          " to AmbientCapabilities= of the systemd unit"});
  }
  return checks;
}

std::string how_to_grant(std::span<const std::string_view> names) {
  const uint64_t effective = effective_capabilities();
  std::string unit, shell;
  for (const Capability& each : kCapabilities) {
    const bool wanted = std::find(names.begin(), names.end(), each.name) != names.end();
    if (!wanted || is_granted(each, effective)) continue;
    std::string upper(each.name);
    std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
    unit += (unit.empty() ? "" : " ") + upper;
    // setpriv(1) leaves out the prefix.
    shell += (shell.empty() ? "+" : ",+") + std::string(each.name).substr(4);
  }
  if (unit.empty()) return "run as root in the host's own namespaces";
  return "Missing: " + unit +
         ". Run as root, or grant it: in a systemd unit with AmbientCapabilities=" + unit +
         ", in a shell with setpriv --reuid USER --init-groups --inh-caps " + shell +
         " --ambient-caps " + shell + " auditql daemon";
}

HostCheck probe_proc_connector() {
  constexpr char kName[] = "proc_connector";
  const HostCheck namespaces = probe_namespaces();
  // Elsewhere the kernel takes the subscription and sends nothing (cn_proc_mcast_ctl()).
  if (!namespaces.ok) return {kName, false, namespaces.detail, namespaces.remedy};
  UniqueFd fd(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR));
  if (!fd) {
    return {kName, false, std::string("no process connector: ") + std::strerror(errno),
            "use a kernel with CONFIG_PROC_EVENTS"};
  }
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  const bool can_join =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const bool can_listen = (effective_capabilities() >> CAP_NET_ADMIN & 1) != 0;
  if (can_join && can_listen) return {kName, true, "usable", ""};
  return {kName, false, "not permitted: requires CAP_NET_ADMIN",
          how_to_grant(std::array<std::string_view, 1>{"cap_net_admin"})};
}

std::vector<HostCheck> probe_kernel() {
  std::vector<HostCheck> checks;
  checks.push_back(probe_namespaces());
  checks.push_back(probe_proc_connector());
  return checks;
}

std::vector<HostCheck> probe_host() {
  std::vector<HostCheck> checks = probe_capabilities();
  for (auto* part : {&probe_audit, &probe_kernel, &probe_ebpf}) {
    for (HostCheck& each : (*part)()) checks.push_back(std::move(each));
  }
  checks.push_back(probe_backends());
  return checks;
}

}  // namespace auditql
