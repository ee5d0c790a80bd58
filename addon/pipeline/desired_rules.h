#pragma once

#include <vector>

#include "../capture/capture_rules.h"
#include "../capture/exclusion.h"

namespace auditql {

/// What the rules in the kernel are made of, whichever part of the configuration it comes from.
struct DesiredRules {
  ConfiguredRules configured = {};
  std::vector<Exclusion> exclusions = {};  ///< must be sound, see check_exclusion()
  std::vector<AuditRule> files = {};       ///< for process_file_events

  Result<ConfiguredRules> all() const;
};

}  // namespace auditql
