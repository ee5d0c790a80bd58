#pragma once

#include "event_maker.h"
#include "identity/fork_hints.h"
#include "identity/process_table.h"

namespace auditql::test {

/// One process or thread of the model.
struct WorldProcess {
  int id = 0, parent_id = 0;   ///< never repeated; parent at fork time
  int32_t pid = 0, ppid = 0;   ///< ppid changes when the parent ends
  uint64_t start_ns = 0;       ///< since boot
  uint64_t busy_until_ns = 0;  ///< inside a call that is not logged yet
  int vfork_child = 0;         ///< waits for it to exec or end
  int ns = 0;                  ///< pid namespace: 0 is ours
  int32_t ns_pid = 0;
  bool subreaper = false, thread = false, execed = false;
  int32_t tgid = 0;
};

/// A record on its way, with the truth about it.
struct WorldRecord {
  ProcessEvent event;
  uint64_t done_ns = 0;  ///< when the call returned: records are queued in this order
  int process_id = 0, parent_id = 0, child_id = 0, child_parent_id = 0;
  bool child_is_thread = false;
  uint64_t start_ticks = 0;
  bool is_made = false;  ///< the call has returned: the record changes no more
};

/// What the process connector tells, at the moment when it happens, with the truth about it.
struct WorldTold {
  ProcessAction action = ProcessAction::fork;
  ForkHint hint;  ///< of a fork
  TaskEnd end;    ///< of the end of a process
  int32_t pid = 0;
  uint64_t time_ns = 0;
  int process_id = 0, parent_id = 0;  ///< of a fork: the one that is told as its parent, and its
  int child_id = 0, child_parent_id = 0;
  uint64_t start_ticks = 0;
};

}  // namespace auditql::test
