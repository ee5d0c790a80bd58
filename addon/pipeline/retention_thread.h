#pragma once

#include <vector>

#include "../store/event_table.h"
#include "../system/stoppable_thread.h"

namespace auditql {

/// Keeps tables within their bounds on a thread of its own: rows grow old in a table that nobody
/// writes, too, and its bounds may change.
class RetentionThread {
 public:
  /// The tables must live longer.
  explicit RetentionThread(std::vector<EventTable*> tables) : tables_(std::move(tables)) {}

  /// Errors: store_open_failed.
  Status start();

 private:
  void run();

  const std::vector<EventTable*> tables_;
  StoppableThread thread_;
};

}  // namespace auditql
