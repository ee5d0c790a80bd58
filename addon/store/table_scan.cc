#include "table_scan.h"

#include <algorithm>

namespace auditql {

TableScan::TableScan(std::shared_ptr<const SegmentList> segments, const Snapshot& snapshot,
                     const ScanRequest& request)
    : segments_(std::move(segments)), request_(request), end_eid_(snapshot.end_eid) {
  const uint64_t oldest = segments_->empty()
                              ? snapshot.end_eid
                              : std::min(segments_->front()->base_eid(), snapshot.end_eid);
  if (oldest > snapshot.first_eid) evicted_ = oldest - snapshot.first_eid;
  request_.min_eid = std::max(request_.min_eid, snapshot.first_eid);
  if (!request_.point) return;
  for (const auto& segment : *segments_) segment->prefetch_bucket(*request_.point);
  for (const auto& segment : *segments_) segment->prefetch_newest(*request_.point);
}

bool TableScan::in_time(uint32_t row) const {
  const uint64_t ntime = segment_->ntime(row);
  return ntime >= request_.min_ntime && ntime <= request_.max_ntime;
}

bool TableScan::next() {
  for (;;) {
    if (segment_ != nullptr && step()) return true;
    if (!enter_segment()) return false;
  }
}

bool TableScan::step() {
  while (left_ > 0) {
    left_--;
    const uint32_t at = request_.descending == !request_.point.has_value() ? at_-- : at_++;
    row_ = request_.point ? matches_[at] : at;
    if (check_time_ && !in_time(row_)) continue;
    if (segment_->intact()) return true;
    damaged_ = true;
    left_ = 0;
  }
  return false;
}

bool TableScan::enter_segment() {
  for (const size_t count = segments_->size(); entered_ < count;) {
    const size_t at = request_.descending ? count - 1 - entered_ : entered_;
    entered_++;
    segment_ = (*segments_)[at].get();
    left_ = 0;
    if (!segment_->intact()) {
      damaged_ = true;
      continue;
    }
    const uint64_t base = segment_->base_eid();
    const uint32_t rows = segment_->rows_below(end_eid_);
    const uint64_t from = std::max(base, request_.min_eid) - base;
    const uint64_t last =
        request_.max_eid < base ? 0 : std::min(request_.max_eid - base, UINT64_MAX - 1) + 1;
    const uint64_t to = std::min<uint64_t>(rows, last);
    if (skip_segment(from, to)) continue;
    const SegmentHeader& header = segment_->header();
    check_time_ = header.min_ntime.load(std::memory_order_relaxed) < request_.min_ntime ||
                  header.max_ntime.load(std::memory_order_relaxed) > request_.max_ntime;
    matches_.clear();
    if (request_.point) {
      segment_->find(*request_.point, static_cast<uint32_t>(to), &matches_);
      while (!matches_.empty() && matches_.back() < from) matches_.pop_back();
      left_ = static_cast<uint32_t>(matches_.size());
      at_ = request_.descending ? 0 : left_ - 1;
    } else {
      left_ = static_cast<uint32_t>(to - from);
      at_ = static_cast<uint32_t>(request_.descending ? to - 1 : from);
    }
    return true;
  }
  segment_ = nullptr;
  return false;
}

bool TableScan::skip_segment(uint64_t from, uint64_t to) const {
  if (from >= to) return true;
  const SegmentHeader& header = segment_->header();
  const uint64_t oldest = header.min_ntime.load(std::memory_order_relaxed);
  const uint64_t newest = header.max_ntime.load(std::memory_order_relaxed);
  return newest < request_.min_ntime || oldest > request_.max_ntime;
}

StoredCell TableScan::cell(uint16_t column) const {
  const int stored = segment_->layout().stored_number(column);
  return stored < 0 ? StoredCell{} : segment_->cell(row_, static_cast<size_t>(stored));
}

}  // namespace auditql
