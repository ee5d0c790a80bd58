#include "task_counts.h"

namespace auditql {

void TaskCounts::started(int32_t pid, int32_t tgid) {
  if (pid != tgid) {
    if (const auto found = counts_.find(tgid); found != counts_.end()) found->second++;
    return;
  }
  if (counts_.size() >= options_.max_processes && !counts_.contains(tgid)) {
    options_.left_out.add();
    return;
  }
  counts_[tgid] = 1;
}

LastTask TaskCounts::ended(int32_t tgid) {
  const auto found = counts_.find(tgid);
  if (found == counts_.end()) return LastTask::unknown;
  if (--found->second > 0) return LastTask::no;
  counts_.erase(found);
  return LastTask::yes;
}

}  // namespace auditql
