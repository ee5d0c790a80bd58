#include "retention_thread.h"

#include "../system/clocks.h"

namespace auditql {

namespace {

constexpr int kKeeperPauseMs = 5000;

}  // namespace

Status RetentionThread::start() {
  const Status started = thread_.start("aq-tables", [this] { run(); });
  if (started) return Done{};
  return Error{"store_open_failed", started.error().message, started.error().error_number};
}

void RetentionThread::run() {
  for (thread_.wait(-1, kKeeperPauseMs); !thread_.is_stopping(); thread_.wait(-1, kKeeperPauseMs)) {
    for (EventTable* table : tables_) table->expire(wall_clock_ns());
  }
}

}  // namespace auditql
