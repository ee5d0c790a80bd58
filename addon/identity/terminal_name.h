#pragma once

#include <cstdint>
#include <string>

namespace auditql {

/// Name of a controlling terminal as audit records write it, e.g. pts0, tty1, ttyS0; `major:minor`
/// for other devices; empty for device 0, which stands for none.
std::string terminal_name(int32_t device);

}  // namespace auditql
