#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../rules/audit_netlink.h"
#include "../system/result.h"

namespace auditql {

/// What was changed on the host and by whom, kept on disk while the change lasts, so that it can
/// be undone after a crash.
struct AuditStateFile {
  std::string boot_id;     ///< a state file of an earlier boot says nothing about this one
  uint32_t pid = 0;        ///< process that made the change
  uint64_t pid_start = 0;  ///< its start time in /proc/PID/stat: pids are reused
  AuditStatus found;       ///< before the change: enabled, failure, pid, backlog_*
  AuditStatus set;         ///< after the change
  /// Rules that the kernel took without our key, as `struct audit_rule_data`.
  std::vector<std::string> keyless_rules;

  /// For a change that this process is about to make.
  static AuditStateFile of_this_process();
  /// Whether the process that wrote it still runs.
  bool writer_lives() const;

  std::string to_text() const;
  static Result<AuditStateFile> parse(const std::string& text);

  /// Durable when it returns: a temporary file, fsync(2), rename(2), mode 0600.
  Status write(const std::string& path) const;
  /// Nothing where there is no file; an Error where it cannot be read.
  static Result<std::optional<AuditStateFile>> read(const std::string& path);
};

/// /proc/sys/kernel/random/boot_id.
std::string current_boot_id();

}  // namespace auditql
