#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "process_table.h"

namespace auditql {

/// What happened to one process within one fold. `event_type` is a JSON array, as Elastic's quark
/// provider writes it; `event_action` is its word for it.
struct Lifetime {
  Uuid process, parent, session_leader, entry_leader;
  int32_t pid = 0, parent_pid = 0;
  uint64_t start_time_ns = 0;
  bool forked = false, exited = false, existing = false;
  bool partial = false;  ///< records of one of its events were missing
  uint32_t execs = 0;
  uint64_t first_ns = 0, last_ns = 0;  ///< event time of the first and last fact folded
  uint64_t forked_ns = 0, exited_ns = 0;
  std::optional<int32_t> exit_status, exit_signal;
  BackendKind backend = BackendKind::audit;  ///< of the last fact
  Credentials credentials;
  int32_t tty = 0;
  std::string exe, comm, cwd, container;
  std::string args;  ///< of the last exec, each ended by a NUL byte
  uint32_t args_count = 0;

  std::string_view event_type() const;
  std::string_view event_action() const;
  /// From start to end; absent while it lives, and where the start is not known.
  std::optional<uint64_t> duration_ns() const;
};

/// Folds fork, exec and exit of one process that come within `window_ns` of each other into one
/// lifetime; what comes later begins the next. Single-threaded. Bounded: take() gives the oldest
/// beyond `max_open` out early; call it at least every window.
class LifetimeFolder {
 public:
  struct Options {
    uint64_t window_ns = 1'000'000'000;
    /// How much later than its time a fact may come (the ends of processes are held back).
    uint64_t late_ns = 1'000'000'000;
    size_t max_open = 16384;
    size_t max_args_bytes = size_t{64} << 20;  ///< of all open lifetimes together
  };
  explicit LifetimeFolder(const Options& options) : options_(options) {}

  /// Takes one resolved event; facts without a known process are left out.
  void add(const ProcessEvent& event, const Identity& identity);
  /// `arguments` as /proc has them.
  void add_existing(const Identity& identity, uint64_t time_ns,
                    std::span<const std::string_view> arguments = {});
  /// Moves out what no fact can be added to any more, in order of the first fact.
  std::vector<Lifetime> take(uint64_t now_ns);
  size_t open() const { return open_.size() + closed_.size(); }
  /// Lifetimes not begun because twice `max_open` were open, take() not having been called.
  uint64_t dropped() const { return dropped_; }
  /// Arguments left out because of `max_args_bytes`.
  uint64_t args_dropped() const { return args_dropped_; }

 private:
  struct Hash {
    size_t operator()(const Uuid& uuid) const;
  };
  Lifetime* open_for(const Uuid& process, uint64_t time_ns);
  void add_fork(const ProcessEvent& event, const Identity& caller);
  void set_args(Lifetime& lifetime, std::string args);
  void move_out(Lifetime& lifetime, std::vector<Lifetime>& to);

  Options options_;
  std::unordered_map<Uuid, Lifetime, Hash> open_;
  std::vector<Lifetime> closed_;  ///< followed by a later fold of the same process
  size_t args_bytes_ = 0;
  uint64_t dropped_ = 0, args_dropped_ = 0;
};

}  // namespace auditql
