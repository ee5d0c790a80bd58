#pragma once

#include "../rules/audit_netlink.h"
#include "audit_state_file.h"

namespace auditql {

// What puts the host's auditing back to what a state file found. Each may be called again.

/// Deletes every rule with our key, and those that the state file names. A rule that is not there
/// is no error.
Status delete_own_rules(AuditNetlink& audit, const AuditStateFile& state);

/// A value is put back only where it is still the one we set: what an administrator changed
/// meanwhile stays.
Status put_status_back(AuditNetlink& audit, const AuditStateFile& state);

/// Ends the owner role that the process of the state file has, also when that is dead: the kernel
/// then finds out that nobody answers (audit_replace() in kernel/audit.c). Another process that
/// took the role since and lives makes it refuse with EACCES, and keeps it.
Status release_owner(AuditNetlink& audit, const AuditStateFile& state);

/// All three, by a process that still has the role.
Status undo_audit_changes(AuditNetlink& audit, const AuditStateFile& state);

}  // namespace auditql
