#pragma once

#include <functional>
#include <string>

#include "result.h"

namespace auditql {

/// Makes sure that this process ends after a signal that asks it to, whatever its other threads do,
/// and that `last_act` has run before. There is one per process, from arm() to the process's end.
class StopGuard {
 public:
  struct Options {
    /// From the first of SIGTERM, SIGINT and SIGQUIT to the forced end.
    int limit_ms = 0;
    /// From the second one.
    int impatient_ms = 0;
    /// From end_soon().
    int exit_ms = 0;
    /// Exit status of a forced end.
    int status = 0;
    /// Written to standard error at a forced end, as far as it takes it without waiting.
    std::string message;
    /// Undoes what must not outlive the process. Called on the guard's own thread before a forced
    /// end, and before abort(3) ends the process; may be called twice.
    std::function<void()> last_act;
  };

  /// Call it once, when the program's own handlers of these signals are installed: they are called
  /// as before. Later ones would replace the guard's.
  static Status arm(Options options);
  /// The program has done what it does at its end: when it has not exited within `exit_ms` (a
  /// thread that waits for a disk keeps exit(3) waiting), the guard ends it with this status.
  /// To be called by the thread that takes signals: it takes no more of them.
  static void end_soon(int status);
};

}  // namespace auditql
