#include "confinement.h"

#include <unistd.h>

#include "syscall_filter.h"

namespace auditql {

namespace {

/// To change the account; for the daemon, which has the same, to end a worker of another account;
/// and to open the event store as that account.
const std::vector<std::string> kNeededToChange = {"cap_setuid", "cap_setgid", "cap_kill",
                                                  "cap_dac_read_search"};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Drops capabilities and, where it can, the superuser's account. Adds why it could not.
Status leave_superuser(const ConfinementOptions& options, std::vector<std::string>& kept) {
  if (::geteuid() != 0 || !options.account) return drop_privileges(options.capabilities);
  const auto missing = missing_capabilities(kNeededToChange);
  if (missing.empty()) {
    const Status changed = drop_privileges(options.capabilities, options.account);
    if (changed.ok()) return changed;
    kept.push_back("query workers run as uid 0: " + changed.error().message);
  } else {
    kept.push_back("query workers run as uid 0: the daemon lacks " + joined(missing));
  }
  return drop_privileges(options.capabilities);
}

}  // namespace

Result<std::vector<std::string>> confine_process(const ConfinementOptions& options) {
  std::vector<std::string> kept;
  const Status left = leave_superuser(options, kept);
  if (!left.ok()) return left.error();
  const Status filtered = install_syscall_filter({options.allow_network});
  if (!filtered.ok()) {
    kept.push_back("query workers run without a system call filter: " + filtered.error().message);
  }
  return kept;
}

}  // namespace auditql
