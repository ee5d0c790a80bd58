#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "raw_event.h"
#include "syscall_kind.h"

namespace auditql {

/// An operation that io_uring did for a process, as its first record tells it.
struct UringOperation {
  SyscallKind kind = SyscallKind::other;
  const Record* record = nullptr;
  Outcome outcome;  ///< known only of an issue that failed
};

/// Makes one operation of the URINGOP records of its attempts, of one event or of several. An
/// attempt that ends with -EAGAIN is followed by another. The other end is that of the issue, not
/// of the operation: a refused connect has the records of one that worked (io_issue_sqe() of
/// io_uring/io_uring.c), so that only an issue that failed tells an outcome.
class UringOperations {
 public:
  /// Beyond `max_open`, it is forgotten which operations wait for an end: theirs is then taken for
  /// another operation.
  explicit UringOperations(size_t max_open = 4096) : max_open_(max_open) {}

  /// The operations that are first heard of in the event.
  /// The pointers are into the event.
  const std::vector<UringOperation>& begun(const RawEvent& event);
  /// Those of the last event.
  const std::vector<UringOperation>& begun() const { return begun_; }

 private:
  struct Open {
    uint32_t count = 0;
    uint64_t time_ns = 0;  ///< of the newest
  };
  using Key = std::tuple<std::string, int32_t, SyscallKind>;
  void take(const RawEvent& event, const Record& record, SyscallKind kind);
  void open(Key key, uint64_t time_ns);
  bool ends_open_one(const Key& key, uint64_t time_ns);

  const size_t max_open_;
  std::map<Key, Open> open_;
  std::vector<UringOperation> begun_;
};

}  // namespace auditql
