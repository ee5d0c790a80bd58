#include "uring_operations.h"

#include <cerrno>
#include <utility>

#include "field_value.h"
#include "record_type.h"
#include "syscall_record.h"

namespace auditql {
namespace {

/// Longer than a connect can take (tcp_syn_retries of ip(7): at most 924 s).
constexpr uint64_t kLongestNs = uint64_t{1000} * 1'000'000'000;
/// IOU_ISSUE_SKIP_COMPLETE of io_uring/io_uring.h: the operation goes on by itself.
constexpr int64_t kGoesOn = -529;

}  // namespace

const std::vector<UringOperation>& UringOperations::begun(const RawEvent& event) {
  begun_.clear();
  for (const Record& record : event.records) {
    if (record.type != record_type::uringop) continue;
    const auto number = find_field(record.body, "uring_op");
    if (!number) continue;
    const SyscallKind kind = uring_kind(parse_unsigned(*number).value_or(0));
    if (kind != SyscallKind::other) take(event, record, kind);
  }
  return begun_;
}

void UringOperations::take(const RawEvent& event, const Record& record, SyscallKind kind) {
  const SyscallRecord fields = parse_syscall(record.body);
  Key key{event.id.node, fields.pid, kind};
  const Outcome& issue = fields.outcome;
  if (issue.known && issue.value == -EAGAIN) {
    open(std::move(key), event.id.time_ns);
    return begun_.push_back({kind, &record, {}});
  }
  if (ends_open_one(key, event.id.time_ns)) return;
  const bool has_failed = issue.known && issue.value < 0 && issue.value != kGoesOn;
  begun_.push_back({kind, &record, has_failed ? issue : Outcome{}});
}

void UringOperations::open(Key key, uint64_t time_ns) {
  if (open_.size() >= max_open_ && !open_.contains(key)) open_.clear();
  Open& open = open_[std::move(key)];
  open.count++;
  open.time_ns = time_ns;
}

bool UringOperations::ends_open_one(const Key& key, uint64_t time_ns) {
  const auto found = open_.find(key);
  if (found == open_.end()) return false;
  Open& open = found->second;
  const bool is_too_old = open.time_ns + kLongestNs < time_ns;
  open.count = is_too_old ? 0 : open.count - 1;
  if (open.count == 0) open_.erase(found);
  return !is_too_old;
}

}  // namespace auditql
