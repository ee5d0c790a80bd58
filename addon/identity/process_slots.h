#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "../decode/event.h"
#include "process_key.h"
#include "string_pool.h"

namespace auditql {

enum class EntryLeaderKind : uint8_t {
  unknown,
  init,
  kernel_thread,
  sshd,
  ssm,
  container,
  terminal
};

/// Which pid namespace the numbers are from that the process's own fork() returns.
enum class PidNamespace : uint8_t { unknown, own, nested };

/// All that is kept of one process, live or lately ended.
struct ProcessEntry {
  ProcessKey key, parent, session_leader, entry_leader;
  uint64_t first_seen_ns = 0;  ///< event time of the first sign of it
  uint64_t started_ns = 0;     ///< wall clock, where an event gave it; 0: as the ticks say
  uint64_t alive_ns = 0;       ///< last time at which it was known to live
  uint64_t ended_ns = 0;       ///< 0 while it lives
  uint32_t exe = 0, cwd = 0, container = 0;  ///< in StringPool
  Credentials credentials;                   ///< as last seen, or the parent's
  std::array<char, 16> comm{};               ///< TASK_COMM_LEN, padded with NUL
  int32_t ppid = 0;                          ///< as last seen: changes when the parent ends
  int32_t session = 0;                       ///< pid of the session leader
  int32_t tty = 0;                           ///< device number of the controlling terminal
  int32_t ns_pid = 0;                        ///< the pid that it sees itself; 0 unknown
  uint32_t older = 0;  ///< slot of the process that had this pid before; 0 none
  EntryLeaderKind entry_leader_kind = EntryLeaderKind::unknown;
  PidNamespace pid_namespace = PidNamespace::unknown;
  uint8_t ns_depth = 0;        ///< levels of pid namespaces; 1 in ours, 0 unknown
  bool estimated = false;      ///< start taken from an event's time, since /proc had it no more
  bool start_unknown = false;  ///< the log begins in the middle of it
  bool existing = false;       ///< found by a look at /proc, not by an event of its own
  bool fork_seen = false;      ///< a fork event was matched with it
  bool end_seen = false;     ///< its end is taken in for good, not only concluded from its absence
  bool end_awaited = false;  ///< the kernel has reported its end, which is not taken in yet
  bool adopts = false;       ///< has taken orphans over (init, or PR_SET_CHILD_SUBREAPER)
  bool touched = false;      ///< used since the eviction hand passed
  bool used = false;         ///< the slot holds a process
};

struct SlotLimits {
  size_t max_live = 131072;
  size_t max_ended = 65536;
  uint64_t keep_ended_ns = 60'000'000'000;
};

/// Processes by pid, several generations per pid, within limits. References stay valid until the
/// entry is evicted or, once ended, aged out; only create() and age_out() remove entries.
class ProcessSlots {
 public:
  ProcessSlots(const SlotLimits& limits, StringPool& strings);

  /// Newest holder of the pid, live or ended; null when there is none.
  ProcessEntry* newest(int32_t pid);
  /// Newest holder of the pid that had started by `start_ticks`; null when none is kept.
  ProcessEntry* started_by(int32_t pid, uint64_t start_ticks);
  /// The process itself; null when it is no longer kept.
  ProcessEntry* find(ProcessKey key);

  /// Adds the next holder of its pid, evicting a live process where the table is full. `keep` is
  /// never the one evicted.
  ProcessEntry& create(ProcessKey key, const ProcessEntry* keep);
  void end(ProcessEntry& entry, uint64_t time_ns);
  void revive(ProcessEntry& entry);
  /// Forgets ended processes beyond the limits.
  void age_out(uint64_t now_ns);

  /// Newest live holders with first <= pid <= last, ascending.
  void collect_live(int32_t first, int32_t last, std::vector<ProcessEntry*>& out);

  size_t live() const { return live_; }
  size_t ended() const { return ended_count_; }
  uint64_t evicted() const { return evicted_; }

 private:
  static constexpr int kPageBits = 10;
  static constexpr size_t kPageSize = size_t{1} << kPageBits;
  /// Of so many pids.
  struct Page {
    std::array<uint32_t, kPageSize> newest{};  ///< slots
    uint32_t live = 0;                         ///< entries that have not ended
  };
  struct Ended {
    uint32_t slot;
    ProcessKey key;
    uint64_t time_ns;
  };

  Page& page_of(int32_t pid);
  uint32_t& head(int32_t pid);
  /// Counts an entry as live, or as live no more.
  void count_live(const ProcessEntry& entry, bool lives);
  uint32_t take_slot();
  void release(uint32_t slot);
  void evict(const ProcessEntry* keep);
  uint32_t slot_of(const ProcessEntry& entry);

  SlotLimits limits_;
  StringPool& strings_;
  std::deque<ProcessEntry> slots_{1};  ///< slot 0 means none; a deque keeps references valid
  std::vector<uint32_t> free_;
  /// pid -> newest slot; pages appear as pids are used: pids are dense, hashing would cost more.
  std::vector<std::unique_ptr<Page>> pages_;
  std::deque<Ended> ended_;
  size_t live_ = 0, ended_count_ = 0;
  uint64_t evicted_ = 0;
  uint32_t hand_ = 1;
};

}  // namespace auditql
