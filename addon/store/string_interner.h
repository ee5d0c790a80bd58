#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace auditql {

/// Finds strings that a segment's heap holds already. A cache of fixed size and not a full
/// dictionary: a string that was crowded out is stored once more, which costs room and nothing
/// else.
class StringInterner {
 public:
  /// Longer strings rarely repeat, and comparing them costs more than it saves.
  static constexpr size_t kLongest = 1024;

  StringInterner() : entries_(kSets * kWays) {}
  void clear() { entries_.assign(entries_.size(), Entry{}); }

  /// Heap offset that was remembered for the hash. The caller compares the bytes.
  std::optional<uint32_t> find(uint64_t hash) {
    Entry* set = set_of(hash);
    if (set[0].hash == hash) return set[0].offset;
    if (set[1].hash != hash) return std::nullopt;
    // What is used again moves to the front, so that strings seen once push out only each other.
    std::swap(set[0], set[1]);
    return set[0].offset;
  }
  void remember(uint64_t hash, uint32_t offset) {
    Entry* set = set_of(hash);
    Entry& entry = set[0].hash == kNone ? set[0] : set[1];
    entry = {hash, offset};
  }

 private:
  static constexpr size_t kSets = 8192, kWays = 2;
  static constexpr uint64_t kNone = 0;
  struct Entry {
    uint64_t hash = kNone;
    uint32_t offset = 0;
  };
  Entry* set_of(uint64_t hash) { return &entries_[(hash >> 32) % kSets * kWays]; }

  std::vector<Entry> entries_;
};

}  // namespace auditql
