#pragma once

#include <string_view>

namespace auditql {

/// The compiled programs (ELF) for this machine; empty where there are none. Made by
/// scripts/generate-ebpf.mjs.
std::string_view ebpf_object();

}  // namespace auditql
