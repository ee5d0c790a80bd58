#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../system/result.h"

namespace auditql {

/// One number of the health table, shared by every process that maps the region.
/// Safe from any thread. A Counter stays valid as long as the region it came from.
class Counter {
 public:
  Counter() = default;
  explicit Counter(std::atomic<uint64_t>* cell) : cell_(cell) {}

  void add(uint64_t n = 1) const { cell_->fetch_add(n, std::memory_order_relaxed); }
  /// For counters that one thread alone changes: several times as fast.
  void add_alone(uint64_t n = 1) const { set(get() + n); }
  void set(uint64_t n) const { cell_->store(n, std::memory_order_relaxed); }
  uint64_t get() const { return cell_->load(std::memory_order_relaxed); }

 private:
  static std::atomic<uint64_t>& discarded();
  std::atomic<uint64_t>* cell_ = &discarded();
};

/// Identity of a counter: `{"store", "process_events", "dropped", "expired"}`.
/// stage: capture | decode | identity | store | schedule | log | serve | sql | enrich.
/// name: backend, table, query or logger. metric: seen, stored, dropped, lag_ms, queue_depth, ...
/// reason: why rows were dropped, else empty.
struct CounterKey {
  std::string_view stage;
  std::string_view name;
  std::string_view metric;
  std::string_view reason = {};
};

struct HealthRow {
  std::string stage, name, metric, reason;
  uint64_t value;
};

/// A fixed number of named counters in one mapped file: the table `auditql_health`.
/// One process writes, any number map it read-only. Bounded: when every slot is taken, new keys
/// share the last slot `{"health", "region", "dropped", "slots_full"}`, which counts their updates.
class HealthRegion {
 public:
  static constexpr uint32_t kSlots = 4096;

  /// Creates (or empties) the file with mode 0600 and maps it writable.
  static Result<std::unique_ptr<HealthRegion>> create(const std::string& path);
  /// Maps an existing file read-only; fails where the layout version differs.
  static Result<std::unique_ptr<HealthRegion>> open_read_only(const std::string& path);
  /// A region in anonymous memory, for tests and replays.
  static std::unique_ptr<HealthRegion> in_memory();

  ~HealthRegion();
  HealthRegion(const HealthRegion&) = delete;
  HealthRegion& operator=(const HealthRegion&) = delete;

  /// Finds or registers a counter. Safe from any thread of the writing process.
  Counter counter(const CounterKey& key);
  /// Every registered counter, in order of registration.
  std::vector<HealthRow> rows() const;

 private:
  struct Layout;
  HealthRegion(Layout* layout, size_t bytes) : layout_(layout), bytes_(bytes) {}
  static Result<std::unique_ptr<HealthRegion>> map(int fd, bool writable);

  Layout* layout_;
  size_t bytes_;
};

}  // namespace auditql
