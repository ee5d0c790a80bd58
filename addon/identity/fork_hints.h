#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace auditql {

/// What the kernel itself said of a new task. Numbers are of the initial pid namespace.
struct ForkHint {
  int32_t pid = 0, tgid = 0;
  int32_t parent_tgid = 0;  ///< of the real parent: the caller's parent for threads, CLONE_PARENT
  uint64_t time_ns = 0;     ///< wall clock

  bool is_thread() const { return pid != tgid; }
};

/// A call that made a task with the number `pid`, in the initial pid namespace.
struct ForkCall {
  int32_t pid = 0;
  uint64_t call_ns = 0;   ///< time of the call
  uint64_t until_ns = 0;  ///< the task was made by then
};

/// Knows what the kernel reported about a fork. Called on the decoding thread.
class ForkHintSource {
 public:
  virtual ~ForkHintSource() = default;
  /// Absent when nothing is known of it.
  virtual std::optional<ForkHint> hint_of(const ForkCall& call) = 0;
};

/// The newest hints, one per pid modulo the capacity: newer ones overwrite older ones. They say of
/// forks seen elsewhere what their records leave out (clone3(2) passes its flags in memory).
class ForkHints {
 public:
  /// A power of two.
  explicit ForkHints(size_t capacity = size_t{1} << 16) : hints_(capacity) {}

  void add(const ForkHint& hint);
  /// Notes are incomplete from here on: messages were lost.
  void forget();
  /// Absent when none is noted.
  std::optional<ForkHint> find(const ForkCall& call) const;

 private:
  std::vector<ForkHint> hints_;
};

}  // namespace auditql
