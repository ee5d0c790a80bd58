#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "result.h"

namespace auditql {

/// An account of a number of its own, as user and group, without other groups.
using AccountNumber = uint32_t;

/// Keeps only the named capabilities (`cap_sys_ptrace`, …; capabilities(7)) in the permitted and
/// effective sets, empties the inheritable, ambient and bounding sets where allowed, and sets
/// no_new_privs (prctl(2)), in every thread of this process. With an account, the process is that
/// one's afterwards and keeps those capabilities. Errors: privileges_failed.
Status drop_privileges(const std::vector<std::string>& keep,
                       std::optional<AccountNumber> account = std::nullopt);

/// Those of the named capabilities that this thread does not have in its effective set.
std::vector<std::string> missing_capabilities(const std::vector<std::string>& names);

/// Bounds the address space (RLIMIT_AS, setrlimit(2)) of this process, in bytes.
Status limit_address_space(uint64_t bytes);

}  // namespace auditql
