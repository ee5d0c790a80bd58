#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auditql {

/// Name of a controlling terminal as audit records write it, e.g. pts0, tty1, ttyS0; `major:minor`
/// for other devices; empty for device 0, which stands for none.
std::string terminal_name(int32_t device);

/// Device number of a terminal with such a name; 0 where the name does not tell.
int32_t terminal_device(std::string_view name);

}  // namespace auditql
