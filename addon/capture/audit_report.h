#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../rules/audit_netlink.h"
#include "audit_choice.h"
#include "audit_socket.h"
#include "capture_report.h"

namespace auditql {

/// Rules of others that keep calls of the host away from auditql.
struct HidingRules {
  std::string task;               ///< `-a never,task`: new processes get no audit context
  std::vector<std::string> exit;  ///< `-a never,exit` for whole calls, before auditql's own rules
};

/// `rules` as the kernel lists them: for each call the first that matches decides
/// (audit_filter_syscall() in kernel/auditsc.c).
HidingRules hiding_rules(const std::vector<AuditRule>& rules);

/// The host's audit subsystem as auditql found it last, while it captures.
struct AuditView {
  AuditStatus status;
  std::string status_error;  ///< why the status could not be read; empty when it could
  AuditDuty duty = AuditDuty::calls;
  AuditMode mode = AuditMode::unicast;
  bool needs_owner = true;   ///< false: reading the multicast is what the configuration asks for
  std::string owner;         ///< of the stream, when it is another process: `pid 812 (auditd)`
  size_t missing_rules = 0;  ///< rules of ours that the kernel has lost and does not take again
  HidingRules hiding;
  bool has_rules = true;      ///< rules of auditql are loaded
  size_t unloaded_rules = 0;  ///< of the configuration, while another process owns the stream
  /// Calls that the owner's rules do not record, while auditql has none.
  std::vector<std::string> missing_calls;
};

/// What capture by audit sees then.
CaptureReport audit_report(const AuditView& view);

/// `pid 812 (auditd)`; the name is left out where /proc does not have it.
std::string process_name(uint32_t pid);

}  // namespace auditql
