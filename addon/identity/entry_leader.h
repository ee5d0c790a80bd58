#pragma once

#include "process_slots.h"

namespace auditql {

/// Sets entry_leader and entry_leader_kind of `entry`: through which door its ancestry came into
/// the host (init, sshd, a terminal, a container, SSM), as Elastic's quark decides it
/// (entry_leader_compute() in quark.c). `parent` is null when not known.
void assign_entry_leader(ProcessEntry& entry, const ProcessEntry* parent,
                         const StringPool& strings);

}  // namespace auditql
