#include "table_recovery.h"

#include <algorithm>
#include <cstdio>

namespace auditql {

Result<RecoveredTable> TableRecovery::run(uint64_t first_eid) {
  directory_.remove_unfinished();
  if (Status status = read_manifest(); !status) return status.error();
  const std::vector<uint64_t> ordinals = directory_.segments();
  if (!has_manifest_ && !eids_uncertain_) found_.first_eid = found_.next_eid = first_eid;
  for (const uint64_t ordinal : ordinals) {
    if (has_manifest_ && ordinal < found_.first_ordinal) {
      std::remove(directory_.segment_path(ordinal).c_str());
      continue;
    }
    if (Status status = load(ordinal, ordinal == ordinals.back()); !status) return status.error();
    found_.end_ordinal = std::max(found_.end_ordinal, ordinal + 1);
  }
  const ManifestNumbers numbers = settle_numbers();
  if (!table_.manifest) {
    auto created = Manifest::create(directory_.manifest_path(), stored_layout_hash(spec_), numbers);
    if (!created) return created.error();
    table_.manifest = created.take();
  }
  table_.manifest->set_numbers(numbers);
  return std::move(table_);
}

Status TableRecovery::read_manifest() {
  const std::string path = directory_.manifest_path();
  auto opened = Manifest::open(path, MapAccess::write);
  if (!opened) {
    if (opened.error().error_number == ENOENT) {
      eids_uncertain_ = !directory_.segments().empty();
      return Done{};
    }
    if (opened.error().code != "store_damaged") return opened.error();
    eids_uncertain_ = true;
    set_damaged_aside(path);
    return Done{};
  }
  has_manifest_ = true;
  Manifest& manifest = *opened.value();
  found_ = manifest.numbers();
  if (manifest.page().layout_hash != stored_layout_hash(spec_)) {
    set_table_aside(manifest);
    return Done{};
  }
  power_was_lost_ = !manifest.written_in_this_boot() && manifest.page().closed.load() == 0;
  manifest.mark_open();
  table_.manifest = opened.take();
  return Done{};
}

void TableRecovery::set_table_aside(Manifest& manifest) {
  manifest.page().retired.store(1, std::memory_order_release);
  for (const uint64_t ordinal : directory_.segments()) {
    found_.end_ordinal = std::max(found_.end_ordinal, ordinal + 1);
    (void)directory_.set_aside(directory_.segment_path(ordinal), "old");
  }
  (void)directory_.set_aside(directory_.manifest_path(), "old");
  found_.first_ordinal = found_.end_ordinal;
  found_.first_eid = found_.next_eid;
  found_.holes = 0;
  counters_.layout_changes.add();
}

void TableRecovery::set_damaged_aside(const std::string& path) {
  counters_.damaged_files.add();
  // Where the file cannot be moved it is removed: a new one of its name must find the place free.
  if (Status status = directory_.set_aside(path, "damaged"); !status) std::remove(path.c_str());
}

uint32_t TableRecovery::promised_rows(const Segment& segment, bool last) const {
  if (segment.sealed()) return segment.rows_below(UINT64_MAX);
  return last && has_manifest_ ? segment.rows_below(found_.next_eid) : 0;
}

Status TableRecovery::load(uint64_t ordinal, bool last) {
  const std::string path = directory_.segment_path(ordinal);
  auto opened = Segment::open(spec_, path, MapAccess::write);
  if (!opened) {
    if (opened.error().code != "store_damaged") return opened.error();
    eids_uncertain_ = eids_uncertain_ || (last && !has_manifest_);
    set_damaged_aside(path);
    return Done{};
  }
  const std::shared_ptr<Segment>& segment = opened.value();
  const uint32_t promised = promised_rows(*segment, last);
  const CheckedRows checked =
      check_rows(*segment, segment->sealed() ? promised : segment->layout().capacity);
  const bool overlaps = !table_.held.empty() && segment->base_eid() < table_.held.back().end_eid();
  const bool complete = checked.rows >= promised || power_was_lost_;
  if (!complete || overlaps || segment->ordinal() != ordinal || !segment->intact()) {
    set_damaged_aside(path);
    return Done{};
  }
  accept(segment, checked, last);
  return Done{};
}

void TableRecovery::accept(const std::shared_ptr<Segment>& segment, const CheckedRows& checked,
                           bool last) {
  SegmentHeader& header = segment->header();
  if (header.min_ntime.load() != checked.min_ntime) header.min_ntime.store(checked.min_ntime);
  if (header.max_ntime.load() != checked.max_ntime) header.max_ntime.store(checked.max_ntime);
  const bool cut = segment->sealed() && checked.rows < segment->rows_below(UINT64_MAX);
  // A row in flight at a crash may be linked already, and pages may be missing after a power loss.
  if (!mend_indexes(*segment, checked.rows)) counters_.rebuilt_indexes.add();
  const uint64_t end = segment->base_eid() + checked.rows;
  const bool full = checked.rows == segment->layout().capacity;
  const bool goes_on = last && !segment->sealed() && !full && end >= found_.next_eid;
  if (cut || (!goes_on && !segment->sealed())) {
    ender_.start(segment, checked.rows, checked.heap_end);
    ender_.seal();
  }
  if (goes_on) table_.open_heap_used = checked.heap_end;
  if (!goes_on) segment->file().release_pages();
  table_.held.push_back({segment, checked.rows, segment->file().disk_bytes()});
}

ManifestNumbers TableRecovery::settle_numbers() {
  ManifestNumbers numbers = found_;
  auto& held = table_.held;
  if (!held.empty()) numbers.next_eid = std::max(numbers.next_eid, held.back().end_eid());
  if (eids_uncertain_) {
    numbers.next_eid += kMaxSegmentRows;
    // An open segment could not go on behind the gap.
    if (!held.empty() && !held.back().segment->sealed()) {
      ender_.start(held.back().segment, held.back().rows, table_.open_heap_used);
      held.back().bytes = ender_.seal();
    }
  }
  if (!has_manifest_)
    numbers.first_eid = held.empty() ? numbers.next_eid : held.front().segment->base_eid();
  uint64_t kept = 0;
  for (const auto& each : held) {
    const uint64_t from = std::max(numbers.first_eid, each.segment->base_eid());
    if (each.end_eid() > from) kept += each.end_eid() - from;
  }
  const uint64_t expected = found_.next_eid - found_.first_eid - found_.holes;
  if (has_manifest_ && expected > kept) counters_.dropped(DropReason::damaged).add(expected - kept);
  // The range starts with a row that exists.
  const uint64_t start = held.empty() ? numbers.next_eid : held.front().segment->base_eid();
  numbers.first_eid = std::max(numbers.first_eid, start);
  numbers.first_ordinal = held.empty() ? numbers.end_ordinal : held.front().segment->ordinal();
  numbers.holes = numbers.next_eid - numbers.first_eid - kept;
  return numbers;
}

}  // namespace auditql
