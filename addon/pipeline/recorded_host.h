#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../decode/raw_event.h"
#include "../identity/process_table.h"
#include "../rows/kept_event.h"
#include "../rows/lifetime_rows.h"

namespace auditql {

/// A fork whose child may be a thread: clone3(2) passes its flags in memory.
struct OpenFork {
  KeptEvent fork;
  KeptIdentity caller;
};

/// One host of recorded logs: its processes, boot by boot, and what is folded of them. Nothing of
/// it is looked up anywhere, and its only clock is that of its records. Decoding thread only.
class RecordedHost {
 public:
  struct Options {
    std::string node;  ///< `node=` of its records; empty where they have none
    EventTable* process_lifetimes = nullptr;
    HealthRegion* health = nullptr;
    size_t max_open_forks = 1024;
  };
  explicit RecordedHost(Options options);

  /// To be called with each event before anything else is asked: a boot ends all processes.
  void begin_event(const RawEvent& event);
  /// The processes of the boot that the event is of.
  ProcessTable& processes() { return *processes_; }
  LifetimeFolder& lifetimes() { return lifetimes_.folder(); }
  /// Processes that are kept.
  size_t size() const;
  /// Stores the lifetimes that are over at that time.
  void fold(uint64_t time_ns);
  void finish() { lifetimes_.finish(); }

  /// Keeps a fork until its child gives a sign of itself. Gives back one that is kept no longer.
  std::vector<OpenFork> await_child(const ProcessEvent& fork, const Identity& caller);
  /// The fork that made the process, if it is kept; its caller then has the child.
  std::vector<OpenFork> take_fork_of(const Identity& child);
  /// All that are kept.
  std::vector<OpenFork> take_forks();

 private:
  struct Boot {
    uint64_t began_ns = 0;
    std::unique_ptr<ProcessTable> processes;
  };
  void boot(uint64_t time_ns);
  bool is_boot(const RawEvent& event) const;

  Options options_;
  LifetimeRows lifetimes_;
  Boot now_, before_;
  ProcessTable* processes_ = nullptr;
  BootClock clock_{0, 100};
  uint32_t boots_ = 0;
  uint64_t newest_ns_ = 0;
  uint32_t newest_serial_ = 0;
  uint64_t next_fold_ns_ = 0;
  std::list<OpenFork> forks_;  ///< oldest first
  std::unordered_map<int32_t, std::list<OpenFork>::iterator> fork_of_child_;
};

}  // namespace auditql
