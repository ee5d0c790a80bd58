#include "thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace auditql {

namespace {

// auditd's own default (priority_boost).
constexpr int kReaderNice = -4;

}  // namespace

void raise_reader_priority() {
  // On Linux a thread has a nice value of its own (setpriority(2)).
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kReaderNice);
}

}  // namespace auditql
