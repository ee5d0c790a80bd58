#include "fork_notes.h"

#include <algorithm>

namespace auditql {
namespace {

/// A call's time is that of its entry by a clock that moves once per jiffy, so it is early, never
/// late; conversions between clocks are good to well under this.
constexpr uint64_t kSlackNs = 5'000'000;

}  // namespace

void ForkNotes::add(const ForkNote& note) {
  if (note.pid <= 0) return;
  notes_[static_cast<size_t>(note.pid) & (notes_.size() - 1)] = note;
}

void ForkNotes::forget() { std::fill(notes_.begin(), notes_.end(), ForkNote{}); }

std::optional<ForkNote> ForkNotes::find(const ForkCall& call) const {
  if (call.pid <= 0) return std::nullopt;
  const ForkNote& note = notes_[static_cast<size_t>(call.pid) & (notes_.size() - 1)];
  const bool in_time = note.time_ns + kSlackNs >= call.call_ns && note.time_ns <= call.until_ns;
  return note.pid == call.pid && in_time ? std::optional(note) : std::nullopt;
}

}  // namespace auditql
