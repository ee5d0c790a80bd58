#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "result.h"

namespace auditql {

/// Keeps only the named capabilities (`cap_sys_ptrace`, …; capabilities(7)) in the permitted and
/// effective sets, empties the inheritable, ambient and bounding sets where allowed, and sets
/// no_new_privs (prctl(2)), in every thread of this process. Errors: privileges_failed.
Status drop_privileges(const std::vector<std::string>& keep);

/// Bounds the address space (RLIMIT_AS, setrlimit(2)) of this process, in bytes.
Status limit_address_space(uint64_t bytes);

}  // namespace auditql
