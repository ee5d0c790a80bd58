#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auditql {

/// An account as NSS knows it (passwd(5)), of a directory service as well as of /etc/passwd.
struct Account {
  std::string name;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string description;
  std::string home;
  std::string shell;
};

/// Every account that getpwent(3) enumerates, at most 1,000,000; directory services may be set
/// not to enumerate theirs. For one thread of the process.
std::vector<Account> all_accounts();
std::optional<Account> account_of(uint32_t uid);
std::optional<Account> account_named(const std::string& name);

}  // namespace auditql
