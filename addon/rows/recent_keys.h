#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace auditql {

/// What was asked for lately, bounded: of two generations the older goes when the younger is full.
/// A question is asked again after `ask_again_ns`, for its answer may have been dropped by then.
template <typename Key, typename Hash = std::hash<Key>>
class RecentKeys {
 public:
  RecentKeys(size_t capacity, uint64_t ask_again_ns)
      : per_generation_(capacity / 2), ask_again_ns_(ask_again_ns) {}

  /// True when the question is not to be asked at this moment.
  bool contains(const Key& key, uint64_t now_ns) {
    const auto young = young_.find(key);
    if (young != young_.end()) return now_ns < young->second + ask_again_ns_;
    const auto old = old_.find(key);
    if (old == old_.end() || now_ns >= old->second + ask_again_ns_) return false;
    insert(key, old->second);
    return true;
  }

  void insert(const Key& key, uint64_t now_ns) {
    if (young_.size() >= per_generation_) {
      old_ = std::exchange(young_, {});
      young_.reserve(per_generation_);
    }
    young_[key] = now_ns;
  }

 private:
  size_t per_generation_;
  uint64_t ask_again_ns_;
  std::unordered_map<Key, uint64_t, Hash> young_, old_;
};

}  // namespace auditql
