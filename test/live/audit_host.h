#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "capture/frame_queue.h"
#include "capture/serial_gaps.h"
#include "rules/audit_netlink.h"

namespace auditql::test {

/// What a command prints, both streams.
inline std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> buffer;
  size_t n;
  while ((n = ::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) text.append(buffer.data(), n);
  ::pclose(pipe);
  return text;
}

/// `auditctl -s` without the lines that only ever grow.
inline std::string status_text() {
  std::istringstream lines(output_of("auditctl -s"));
  std::string line, kept;
  while (std::getline(lines, line)) {
    if (line.starts_with("lost ") || line.starts_with("backlog ") ||
        line.starts_with("backlog_wait_time_actual ")) {
      continue;
    }
    kept += line + "\n";
  }
  return kept;
}

inline std::string rules_text() { return output_of("auditctl -l"); }

/// The host's audit status and rules, put back when the test ends however it ends.
class AuditHost {
 public:
  AuditHost() {
    AuditNetlink audit = AuditNetlink::open().take();
    found_ = audit.status().take();
    rules_ = audit.rules().take();
  }

  void restore() {
    AuditNetlink audit = AuditNetlink::open().take();
    for (const AuditRule& each : audit.rules().take()) {
      bool is_found = false;
      for (const AuditRule& old : rules_) is_found = is_found || old == each;
      if (!is_found) (void)audit.delete_rule(each);
    }
    constexpr uint32_t kMask = AUDIT_STATUS_ENABLED | AUDIT_STATUS_FAILURE |
                               AUDIT_STATUS_BACKLOG_LIMIT | AUDIT_STATUS_BACKLOG_WAIT_TIME;
    (void)audit.set_status(kMask, found_);
    if (found_.pid == 0) (void)audit.set_status(AUDIT_STATUS_PID, AuditStatus());
  }

 private:
  AuditStatus found_;
  std::vector<AuditRule> rules_;
};

/// Runs `body` in a child process; its exit status.
inline int in_child(const std::function<int()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int result = body();
    std::fflush(nullptr);
    ::_exit(result);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

/// Drains a queue and counts SYSCALL records by pid, and every record by type.
class RecordCounter {
 public:
  explicit RecordCounter(FrameQueue& queue) : queue_(queue) {
    thread_ = std::thread([this] {
      while (!stopping_) {
        drain();
        queue_.wait(10);
      }
      drain();
    });
  }
  ~RecordCounter() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    thread_.join();
  }

  uint64_t syscalls_of(pid_t pid) {
    const std::lock_guard lock(mutex_);
    return by_pid_[pid];
  }
  uint64_t of_type(uint16_t type) {
    const std::lock_guard lock(mutex_);
    return by_type_[type];
  }
  std::set<uint64_t> own_serials() {
    const std::lock_guard lock(mutex_);
    return own_serials_;
  }
  std::map<uint64_t, uint32_t> serials() {
    const std::lock_guard lock(mutex_);
    return serials_;
  }

 private:
  void drain() {
    const std::lock_guard lock(mutex_);
    queue_.drain(SIZE_MAX, [this](const Frame& frame) { count(frame); });
  }

  void count(const Frame& frame) {
    by_type_[frame.type]++;
    const uint64_t serial = record_serial(frame.bytes).value_or(0);
    serials_[serial]++;
    // A change of the audit configuration makes a SYSCALL record without our key.
    const bool is_ours = frame.bytes.find("key=\"auditql\"") != std::string_view::npos;
    if (frame.type != AUDIT_SYSCALL || !is_ours) return;
    own_serials_.insert(serial);
    const size_t at = frame.bytes.find(" pid=");
    if (at == std::string_view::npos) return;
    by_pid_[static_cast<pid_t>(std::strtol(frame.bytes.data() + at + 5, nullptr, 10))]++;
  }

  FrameQueue& queue_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<pid_t, uint64_t> by_pid_;
  std::map<uint16_t, uint64_t> by_type_;
  std::map<uint64_t, uint32_t> serials_;  ///< records by serial
  std::set<uint64_t> own_serials_;        ///< of SYSCALL records with our key
  std::thread thread_;
};

}  // namespace auditql::test
