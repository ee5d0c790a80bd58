#include "record_overlap.h"

#include <functional>

namespace auditql {

void RecordOverlap::begin(uint64_t now_ns) {
  if (is_expected()) end_ns_ = now_ns + kPatienceNs;
}

bool RecordOverlap::is_repeated(uint16_t type, std::string_view body, uint64_t now_ns) {
  if (!is_expected()) return false;
  const uint64_t hash = std::hash<std::string_view>()(body) ^ type;
  if (end_ns_ == 0) {
    if (read_.size() < kMost) read_[hash]++;
    return false;
  }
  const auto found = read_.find(hash);
  const bool is_repeated = found != read_.end();
  if (is_repeated && --found->second == 0) read_.erase(found);
  if (read_.empty() || now_ns > end_ns_) {
    read_.clear();
    end_ns_ = 0;
    is_expected_.store(false);
  }
  return is_repeated;
}

}  // namespace auditql
