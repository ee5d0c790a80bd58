#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "identity/procfs.h"
#include "world_record.h"

namespace auditql::test {

/// /proc of a made-up kernel.
class WorldProcfs : public ProcFs {
 public:
  static constexpr uint64_t kMs = 1'000'000;
  using Process = WorldProcess;

  std::optional<ProcStat> stat(int32_t pid) override {
    const auto found = processes_.find(pid);
    if (found == processes_.end()) return std::nullopt;
    const Process& p = found->second;
    ProcStat stat;
    stat.pid = pid;
    stat.state = 'S';
    stat.ppid = p.ppid;
    stat.session = 1;
    stat.threads = 1;
    stat.start_ticks = ticks_of(p);
    return stat;
  }
  std::optional<ProcStatus> status(int32_t pid) override {
    const auto found = processes_.find(pid);
    if (found == processes_.end()) return std::nullopt;
    const Process& p = found->second;
    ProcStatus status;
    status.tgid = p.tgid;
    status.ppid = p.ppid;
    status.ns_pid = p.ns_pid;
    status.ns_depth = p.ns == 0 ? 1 : 2;
    return status;
  }
  std::optional<ProcDetails> details(int32_t) override { return ProcDetails{}; }
  std::optional<std::string> cgroup(int32_t) override { return std::nullopt; }
  std::optional<bool> in_own_pid_namespace(int32_t pid) override {
    const auto found = processes_.find(pid);
    if (found == processes_.end()) return std::nullopt;
    return found->second.ns == 0;
  }
  std::optional<bool> forks_into_own_pid_namespace(int32_t pid) override {
    return in_own_pid_namespace(pid);
  }
  std::vector<int32_t> children(int32_t pid) override {
    std::map<uint64_t, int32_t> in_order;
    for (const auto& [child, p] : processes_) {
      if (p.ppid == pid && !p.thread)
        in_order[p.start_ns * 4096 + static_cast<uint64_t>(child)] = child;
    }
    std::vector<int32_t> pids;
    for (const auto& [time, child] : in_order) pids.push_back(child);
    return pids;
  }
  bool list(size_t, std::vector<int32_t>& pids) override {
    for (const auto& [pid, p] : processes_) {
      if (!p.thread) pids.push_back(pid);
    }
    return false;
  }

 protected:
  static uint64_t ticks_of(const Process& p) { return p.start_ns / (10 * kMs); }

  std::map<int32_t, Process> processes_;
};

}  // namespace auditql::test
