#pragma once

#include <optional>
#include <string>
#include <vector>

#include "privileges.h"
#include "result.h"

namespace auditql {

struct ConfinementOptions {
  /// Capabilities that the process keeps.
  std::vector<std::string> capabilities;
  /// Account that a process of the superuser changes to.
  std::optional<AccountNumber> account;
  bool allow_network = false;
};

/// Takes from this process, for good, all that query workers do not need: the superuser's account,
/// capabilities, and system calls that no table uses. What the host does not allow to be taken (no
/// CAP_SETUID in a container, a kernel without seccomp) is one sentence each; the rest is taken all
/// the same. Errors: privileges_failed, when capabilities stay.
Result<std::vector<std::string>> confine_process(const ConfinementOptions& options);

}  // namespace auditql
