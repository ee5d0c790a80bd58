#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../health/health_region.h"
#include "../rules/audit_rule.h"
#include "audit_choice.h"
#include "audit_config_guard.h"
#include "audit_monitor.h"
#include "audit_reader.h"
#include "audit_socket.h"
#include "backend.h"

namespace auditql {

struct AuditBackendOptions {
  std::string state_path;  ///< of the AuditStateFile, in the state directory
  AuditChoice choice = AuditChoice::unicast;
  AuditDuty duty = AuditDuty::calls;  ///< calls, or records where another backend has those
  /// Multicast: copies for `calls`, next to an owner, with rules of auditql.
  AuditMode mode = AuditMode::unicast;
  ConfiguredRules rules{};

  // A call that meets a full backlog waits for each of its records (audit_log_start()), so an
  // execve of eight records waits up to eight times this. Measured on 6.18, HZ 250, two CPUs: with
  // 8192 and 8 ms nothing is lost at 80,000 events/s from two generators, nor with four and four
  // CPU hogs beside them; the longest call while our process is stopped is 64 ms (with 60 ms:
  // 196 ms).
  uint32_t backlog_limit = 8192;  ///< records
  uint32_t backlog_wait_ms = 8;
  /// Asked for; the kernel doubles it. Takes the stream for as long as our process is not run.
  int receive_buffer_bytes = 32 << 20;
  int full_queue_wait_ms = 200;
};

/// The kernel's audit stream as a source of frames. As its owner it has rules in the kernel: those
/// of capture_rules(), or of record_rules() where another backend has the calls. Next to another
/// owner it changes nothing on the host.
class AuditBackend : public Backend {
 public:
  AuditBackend(AuditBackendOptions options, HealthRegion& health);
  ~AuditBackend() override;

  Availability probe() override;
  Status start(FrameQueue& queue) override;
  Status change_rules(const ConfiguredRules& rules) override;
  CaptureReport report() const override;
  bool is_complete() const override { return monitor_ && monitor_->is_complete(); }
  void stop() override;

 private:
  Status prepare(AuditNetlink audit);
  Status begin_reading(FrameQueue& queue);
  Result<PlannedAudit> plan(AuditNetlink& audit) const;
  Result<std::vector<AuditRule>> wanted_rules(const ConfiguredRules& rules) const;
  AuditSettings wanted_settings(std::vector<AuditRule> rules) const;

  const AuditBackendOptions options_;
  HealthRegion& health_;
  AuditPlan plan_;  ///< set by start()
  std::unique_ptr<AuditConfigGuard> config_guard_;
  std::unique_ptr<AuditReader> reader_;
  std::unique_ptr<AuditMonitor> monitor_;
};

}  // namespace auditql
