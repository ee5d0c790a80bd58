#include "segment_reader.h"

#include <algorithm>
#include <cmath>

namespace auditql {

Result<std::unique_ptr<TableReader>> TableReader::open(const TableSpec& spec,
                                                       const std::string& directory) {
  auto reader = std::make_unique<SegmentReader>(spec, directory);
  if (Status status = reader->find_manifest(); !status) return status.error();
  return std::unique_ptr<TableReader>(std::move(reader));
}

SegmentReader::SegmentReader(const TableSpec& spec, const std::string& directory)
    : spec_(spec), directory_(directory + "/" + std::string(spec.name)) {}

Status SegmentReader::find_manifest() {
  if (manifest_ && manifest_->intact() && manifest_->page().retired.load() == 0) return Done{};
  manifest_.reset();
  release();
  auto opened = Manifest::open(directory_.manifest_path(), MapAccess::read);
  if (!opened) {
    if (opened.error().error_number == ENOENT) return Done{};
    return opened.error();
  }
  if (opened.value()->page().layout_hash != stored_layout_hash(spec_)) {
    return Error{"store_open_failed", "the table on disk has other columns; restart the daemon", 0};
  }
  manifest_ = opened.take();
  return Done{};
}

Snapshot SegmentReader::snapshot() {
  // A manifest that cannot be read makes the table empty; open() gave the reason.
  if (!find_manifest() || !manifest_) return {};
  ManifestNumbers numbers;
  // The rows are read after their files were mapped: what was evicted meanwhile is below first_eid.
  // Once more when a segment was begun in between.
  do {
    numbers = manifest_->numbers();
    map_segments(numbers);
    const uint64_t mapped_end = numbers.end_ordinal;
    numbers = manifest_->numbers();
    if (numbers.end_ordinal == mapped_end) break;
  } while (manifest_->intact());
  if (!manifest_->intact() || numbers.next_eid < numbers.first_eid) return {};
  const uint64_t span = numbers.next_eid - numbers.first_eid;
  return {numbers.first_eid, numbers.next_eid, span - rows_mapped(numbers)};
}

void SegmentReader::map_segments(const ManifestNumbers& numbers) {
  auto mapped = std::make_shared<SegmentList>();
  auto before = segments_->begin();
  for (uint64_t ordinal = numbers.first_ordinal; ordinal < numbers.end_ordinal; ordinal++) {
    while (before != segments_->end() && (*before)->ordinal() < ordinal) ++before;
    const bool is_mapped = before != segments_->end() && (*before)->ordinal() == ordinal;
    if (is_mapped && (*before)->intact()) {
      mapped->push_back(*before);
      continue;
    }
    auto opened = Segment::open(spec_, directory_.segment_path(ordinal), MapAccess::read);
    // Evicted meanwhile, or moved aside because it was damaged: its rows are not in the snapshot.
    if (!opened || opened.value()->ordinal() != ordinal) continue;
    mapped->push_back(opened.take());
  }
  segments_ = std::move(mapped);
}

uint64_t SegmentReader::rows_mapped(const ManifestNumbers& numbers) const {
  uint64_t rows = 0;
  for (const auto& segment : *segments_) {
    const uint64_t from = std::max(numbers.first_eid, segment->base_eid());
    const uint64_t end = segment->base_eid() + segment->rows_below(numbers.next_eid);
    if (end > from) rows += end - from;
  }
  return std::min(rows, numbers.next_eid - numbers.first_eid);
}

std::unique_ptr<Scan> SegmentReader::scan(const Snapshot& snapshot, const ScanRequest& request) {
  return std::make_unique<TableScan>(segments_, snapshot, request);
}

double SegmentReader::rows_per_key(uint16_t column) const {
  double rows = 0, keys = 0;
  for (const auto& segment : *segments_) {
    const SegmentLayout& layout = segment->layout();
    const int stored = layout.stored_number(column);
    if (stored < 0 || layout.columns[static_cast<size_t>(stored)].index < 0) return 0;
    const auto index = static_cast<size_t>(layout.columns[static_cast<size_t>(stored)].index);
    // Linear counting (Whang et al. 1990): distinct keys from the share of buckets in use.
    const double buckets = layout.buckets;
    const double used = segment->header().used_buckets[index].load(std::memory_order_relaxed);
    keys += -buckets * std::log(1 - std::min(used, buckets - 1) / buckets);
    rows += segment->rows_below(manifest_->numbers().next_eid);
  }
  return keys < 1 ? 1 : std::max(1.0, rows / keys);
}

void SegmentReader::release() { segments_ = std::make_shared<SegmentList>(); }

}  // namespace auditql
