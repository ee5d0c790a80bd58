#include "serial_gaps.h"

#include <algorithm>

namespace auditql {

uint64_t SerialGaps::add(uint32_t serial) {
  if (!is_begun_) {
    is_begun_ = true;
    base_ = top_ = serial;
  }
  // Serials wrap at 2^32: what lies behind by less than half of that is late, not far ahead.
  const uint32_t ahead = serial - base_;
  if (ahead > UINT32_MAX / 2) return 0;
  const uint64_t missing = ahead >= kWindow ? advance_to(serial - kWindow + 1) : 0;
  seen_.set(serial % kWindow);
  if (static_cast<int32_t>(serial + 1 - top_) > 0) top_ = serial + 1;
  return missing;
}

uint64_t SerialGaps::finish() { return is_begun_ ? advance_to(top_) : 0; }

uint64_t SerialGaps::advance_to(uint32_t base) {
  const uint32_t passed = base - base_;
  uint64_t present = 0;
  for (uint32_t i = 0; i < std::min(passed, kWindow); i++) {
    const uint32_t slot = (base_ + i) % kWindow;
    present += seen_[slot] ? 1 : 0;
    seen_.reset(slot);
  }
  base_ = base;
  if (static_cast<int32_t>(base_ - top_) > 0) top_ = base_;
  return passed - present;
}

std::optional<uint32_t> record_serial(std::string_view body) {
  constexpr std::string_view kStart = "audit(";
  if (!body.starts_with(kStart)) return std::nullopt;
  const size_t colon = body.find(':', kStart.size());
  if (colon == std::string_view::npos) return std::nullopt;
  uint32_t serial = 0;
  size_t at = colon + 1;
  while (at < body.size() && body[at] >= '0' && body[at] <= '9') {
    serial = serial * 10 + static_cast<uint32_t>(body[at] - '0');
    at++;
  }
  if (at == colon + 1) return std::nullopt;
  return serial;
}

}  // namespace auditql
