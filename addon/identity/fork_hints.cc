#include "fork_hints.h"

#include <algorithm>

namespace auditql {
namespace {

/// A call's time is that of its entry by a clock that moves once per jiffy, so it is early, never
/// late; conversions between clocks are good to well under this.
constexpr uint64_t kSlackNs = 5'000'000;

}  // namespace

void ForkHints::add(const ForkHint& hint) {
  if (hint.pid <= 0) return;
  hints_[static_cast<size_t>(hint.pid) & (hints_.size() - 1)] = hint;
}

void ForkHints::forget() { std::fill(hints_.begin(), hints_.end(), ForkHint{}); }

std::optional<ForkHint> ForkHints::find(const ForkCall& call) const {
  if (call.pid <= 0) return std::nullopt;
  const ForkHint& hint = hints_[static_cast<size_t>(call.pid) & (hints_.size() - 1)];
  const bool in_time = hint.time_ns + kSlackNs >= call.call_ns && hint.time_ns <= call.until_ns;
  return hint.pid == call.pid && in_time ? std::optional(hint) : std::nullopt;
}

}  // namespace auditql
