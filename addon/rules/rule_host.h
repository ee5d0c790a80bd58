#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace auditql {

/// What a rule's meaning depends on besides its text: the host it is for.
struct RuleHost {
  RuleHost();  ///< this host

  uint32_t arch;  ///< AUDIT_ARCH_* that b64 and b32 are relative to
  std::function<bool(const std::string& path)> is_directory;
  std::function<std::optional<uint32_t>(const std::string& user)> uid_of;
  std::function<std::optional<uint32_t>(const std::string& group)> gid_of;
};

}  // namespace auditql
