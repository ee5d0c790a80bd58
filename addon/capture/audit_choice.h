#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../rules/audit_netlink.h"
#include "../system/result.h"
#include "audit_socket.h"
#include "backend.h"

namespace auditql {

/// What the audit stream is read for.
enum class AuditDuty : uint8_t {
  calls,        ///< processes and sockets, by rules of auditql
  owner_calls,  ///< the same, by the rules of the process that owns the stream
  records,      ///< records of user space and security modules; another backend has the calls
};

/// `auditql.capture.audit`.
enum class AuditChoice : uint8_t {
  automatic,  ///< own the stream while no other process wants it, else read copies
  unicast,    ///< own the stream, and keep it when another process asks for it
  multicast,  ///< never own the stream
  off,        ///< do not read it
};

/// Nothing for a text that is not a value of the setting.
std::optional<AuditChoice> audit_choice(std::string_view text);

/// How the stream is read.
struct AuditPlan {
  AuditDuty duty = AuditDuty::calls;
  AuditMode mode = AuditMode::unicast;
};

/// What is asked for, and what the host has.
struct AuditCase {
  AuditChoice choice = AuditChoice::unicast;
  AuditDuty duty = AuditDuty::calls;  ///< calls or records
  AuditStatus status;
  std::vector<AuditRule> rules;  ///< loaded, in the kernel's order
};

/// A plan, or why there is none and what to do about it.
struct PlannedAudit {
  Availability availability;
  AuditPlan plan;
};

PlannedAudit plan_audit(const AuditCase& found);

/// Whether no living process owns the stream, and owning it neither fails nor risks the host.
bool may_own_stream(const AuditStatus& status);

/// Names of the calls that `loaded` does not record for every process, of those that
/// capture_rules() asks for; a name comes once. Conditions on the process in `never` rules are the
/// owner's exclusions, and do not count.
std::vector<std::string> missing_calls(const std::vector<AuditRule>& loaded);

}  // namespace auditql
