#pragma once

namespace auditql {

/// Gives the calling thread the priority of one that moves records out of the kernel: when it
/// starves, the whole host waits or records are lost. Only a wish: without CAP_SYS_NICE the thread
/// keeps the process's priority.
void raise_reader_priority();

}  // namespace auditql
