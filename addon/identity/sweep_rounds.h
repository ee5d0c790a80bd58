#pragma once

#include <cstdint>
#include <deque>

namespace auditql {

/// When the last whole sweeps over /proc began and ended, ns since 1970. Events may be a few
/// seconds late, so a question can be about an earlier sweep.
class SweepRounds {
 public:
  void begin(uint64_t now_ns) { current_.began_ns = now_ns; }
  void end(uint64_t now_ns) {
    current_.ended_ns = now_ns;
    rounds_.push_back(current_);
    if (rounds_.size() > kMaxRounds) rounds_.pop_front();
  }

  /// When the newest sweep began that was over by `time_ns`; 0 without one.
  uint64_t began_before(uint64_t time_ns) const {
    for (auto round = rounds_.rbegin(); round != rounds_.rend(); ++round) {
      if (round->ended_ns <= time_ns) return round->began_ns;
    }
    return 0;
  }

 private:
  static constexpr size_t kMaxRounds = 64;
  struct Round {
    uint64_t began_ns = 0, ended_ns = 0;
  };
  Round current_;
  std::deque<Round> rounds_;
};

}  // namespace auditql
