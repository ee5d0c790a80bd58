#pragma once

#include <optional>
#include <vector>

#include "event.h"
#include "execve_arguments.h"
#include "field_value.h"
#include "raw_event.h"
#include "syscall_kind.h"
#include "syscall_record.h"
#include "uring_operations.h"

namespace auditql {

/// What became of a raw event.
enum class BuildResult : uint8_t {
  built,          ///< handed to the sink
  built_partial,  ///< handed to the sink; the builder found that records are missing
  not_typed,      ///< no typed event is made of such records
};

/// Makes typed events of raw ones. A new kind is one more case of SyscallKind (or of the first
/// record's type) and one more function here.
class EventBuilder {
 public:
  EventBuilder(EventSink& sink, BackendKind backend) : sink_(sink), backend_(backend) {}
  BuildResult build(const RawEvent& event);

 private:
  /// Bodies of the records that say more about the call.
  struct Parts {
    std::string_view cwd, sockaddr, socketcall, title;
  };

  struct Call {
    SyscallRecord fields;
    SyscallKind kind = SyscallKind::other;
    bool is_socketcall = false;  ///< made through socketcall(2)
    bool is_uring = false;       ///< done by io_uring: no machine, number or arguments
    /// io_uring: the SYSCALL record of the event, which says who the caller is; absent for work of
    /// a kernel thread.
    std::optional<SyscallRecord> during = std::nullopt;
    /// io_uring: records of the event that say more may belong to another operation.
    bool shares_records = false;
  };

  static std::optional<Call> find_call(const RawEvent& event);
  bool build_call(const RawEvent& event, const Call& call, const Parts& parts);
  static bool submits_one(const Call& call);
  bool build_operations(const RawEvent& event, const std::optional<Call>& during,
                        const Parts& parts);
  Caller caller_of(const Call& made);
  bool may_be_check(const RawEvent& event, const Call& made) const;
  static int64_t descriptor_of(const Call& call, const Parts& parts);
  Parts sort_records(const RawEvent& event);
  EventHeader header_of(const RawEvent& event, const SyscallRecord& call);
  Caller caller_of(const SyscallRecord& call);
  std::string_view text_of(std::string_view value);
  std::string_view only_text(std::string_view body);
  SocketAddress address_of(const Parts& parts, Arch arch);
  /// Both say whether records are missing.
  bool build_process(const RawEvent& event, const Call& made, const Parts& parts);
  bool build_socket(const RawEvent& event, const Call& made, const Parts& parts);

  EventSink& sink_;
  BackendKind backend_;
  ByteArena arena_;
  size_t arena_bytes_ = 0;  ///< what the event's records need once
  ExecveArguments arguments_;
  std::vector<PathItem> paths_;
  UringOperations operations_;
};

}  // namespace auditql
