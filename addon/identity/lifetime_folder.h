#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "process_table.h"

namespace auditql {

/// What happened to one process within one fold. `event_type` is a JSON array, as Elastic's quark
/// provider writes it; `event_action` is its word for it.
struct Lifetime {
  Uuid process;
  bool forked = false, exited = false, existing = false;
  uint32_t execs = 0;
  uint64_t first_ns = 0, last_ns = 0;  ///< event time of the first and last fact folded
  std::optional<int32_t> exit_status, exit_signal;

  std::string_view event_type() const;
  std::string_view event_action() const;
};

/// Folds fork, exec and exit of one process that come within `window_ns` of each other into one
/// lifetime. Single-threaded. Bounded: take() gives the oldest beyond `max_open` out early; call it
/// at least every window.
class LifetimeFolder {
 public:
  struct Options {
    uint64_t window_ns = 1'000'000'000;
    size_t max_open = 16384;
  };
  explicit LifetimeFolder(const Options& options) : options_(options) {}

  /// Takes one resolved event; facts without a known process are left out.
  void add(const ProcessEvent& event, const Identity& identity);
  void add_existing(const Identity& identity, uint64_t time_ns);
  /// Moves out what began a window ago, in order of the first fact.
  std::vector<Lifetime> take(uint64_t now_ns);
  size_t open() const { return open_.size(); }
  /// Lifetimes not begun because twice `max_open` were open, take() not having been called.
  uint64_t dropped() const { return dropped_; }

 private:
  struct Hash {
    size_t operator()(const Uuid& uuid) const;
  };
  Lifetime* open_for(const Uuid& process, uint64_t time_ns);

  Options options_;
  std::unordered_map<Uuid, Lifetime, Hash> open_;
  uint64_t dropped_ = 0;
};

}  // namespace auditql
