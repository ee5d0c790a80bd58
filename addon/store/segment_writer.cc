#include "segment_writer.h"

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "../bytes/content_hash.h"

namespace auditql {

namespace {

/// Calls `visit` with the number of each column that is in both sets.
template <typename Visit>
void for_each_common(const PresenceBits& one, const PresenceBits& other, const Visit& visit) {
  for (size_t word = 0; word < kPresenceWords; word++) {
    for (uint64_t left = one[word] & other[word]; left != 0; left &= left - 1) {
      visit(word * 64 + static_cast<size_t>(std::countr_zero(left)));
    }
  }
}

}  // namespace

void SegmentWriter::start(std::shared_ptr<Segment> segment, uint32_t rows, uint64_t heap_used) {
  segment_ = std::move(segment);
  rows_ = rows;
  heap_.start(*segment_, heap_used);
  space_.start(*segment_, end());
  targets_.clear();
  for (size_t stored = 0; stored < layout().columns.size(); stored++) {
    targets_.push_back({segment_->cells(stored), layout().columns[stored].column});
  }
  links_.clear();
  for (size_t i = 0; i < layout().indexes.size(); i++) {
    const uint16_t stored = layout().indexes[i].stored;
    links_.push_back({segment_->buckets(i), segment_->previous(i), stored,
                      layout().columns[stored].storage == Storage::uuid});
  }
}

RowPlan SegmentWriter::plan(const Row& row) const {
  RowPlan plan;
  plan.present = layout().stored_bits(row.columns_set());
  for_each_common(plan.present, layout().texts, [&](size_t stored) {
    plan.heap_bytes += row.cell(targets_[stored].column).bytes.size() + kLongestHeapPrefix;
  });
  space_.plan(&plan, end());
  return plan;
}

bool SegmentWriter::fits(const RowPlan& plan) const {
  return rows_ < layout().capacity && heap_.used() + plan.heap_bytes <= segment_->heap_capacity();
}

uint32_t SegmentWriter::write(const Row& row, const RowPlan& plan) {
  // Sums commute, so that columns are taken by their kind and not in their order.
  Pending pending{row, plan.present, RowChecksum(next_eid())};
  find_buckets(pending);
  put_numbers<uint8_t>(pending, layout().of_1_byte);
  put_numbers<uint16_t>(pending, layout().of_2_bytes);
  put_numbers<uint32_t>(pending, layout().of_4_bytes);
  put_numbers<uint64_t>(pending, layout().of_8_bytes);
  put_uuids(pending);
  put_texts(pending);
  uint64_t* bits = segment_->presence() + uint64_t{rows_} * layout().presence_words;
  for (size_t word = 0; word < layout().presence_words; word++) {
    bits[word] = pending.present[word];
    pending.checksum.add_presence(word, pending.present[word]);
  }
  link_indexes(pending);
  note_ntime();
  // Last, so that a row whose checksum holds after a crash is in the indexes as well.
  __atomic_store_n(segment_->checksums() + rows_, pending.checksum.value(), __ATOMIC_RELEASE);
  rows_++;
  return pending.misfits;
}

template <typename Number>
void SegmentWriter::put_numbers(Pending& pending, const PresenceBits& columns) const {
  // In variables, because the compiler must expect that a byte-wide cell lies over the members.
  const Target* const targets = targets_.data();
  const uint32_t at = rows_;
  const Row& row = pending.row;
  RowChecksum checksum = pending.checksum;
  for_each_common(pending.present, columns, [&](size_t stored) {
    const uint64_t number = row.cell(targets[stored].column).number;
    if (number > std::numeric_limits<Number>::max()) return leave_out(pending, stored);
    reinterpret_cast<Number*>(targets[stored].cells)[at] = static_cast<Number>(number);
    checksum.add(stored, number);
  });
  pending.checksum = checksum;
}

void SegmentWriter::put_uuids(Pending& pending) const {
  for_each_common(pending.present, layout().uuids, [&](size_t stored) {
    const std::string_view bytes = pending.row.cell(targets_[stored].column).bytes;
    if (bytes.size() != 16) return leave_out(pending, stored);
    std::memcpy(targets_[stored].cells + uint64_t{rows_} * 16, bytes.data(), 16);
    pending.checksum.add(stored, load_u64(bytes.data()));
    pending.checksum.add(stored, load_u64(bytes.data() + 8), 1);
  });
}

void SegmentWriter::put_texts(Pending& pending) {
  for_each_common(pending.present, layout().texts, [&](size_t stored) {
    const Target& target = targets_[stored];
    const HeapWriter::Text text = heap_.put(stored, pending.row.cell(target.column).bytes);
    reinterpret_cast<uint32_t*>(target.cells)[rows_] = text.offset;
    pending.checksum.add(stored, text.hash);
  });
}

void SegmentWriter::leave_out(Pending& pending, size_t stored) {
  bits_of(pending.present, stored) &= ~bit(stored);
  pending.misfits++;
}

/// Well before link_indexes(): buckets are scattered, and come from memory while cells are written.
void SegmentWriter::find_buckets(Pending& pending) const {
  for (size_t i = 0; i < links_.size(); i++) {
    const Link& link = links_[i];
    if ((pending.present[link.stored / 64] & bit(link.stored)) == 0) continue;
    const Row::Cell& cell = pending.row.cell(targets_[link.stored].column);
    // One that is too short is left out later.
    if (link.of_uuids && cell.bytes.size() != 16) continue;
    pending.buckets[i] = link.buckets + (link.of_uuids ? segment_->bucket_of_uuid(cell.bytes.data())
                                                       : segment_->bucket_of_number(cell.number));
    __builtin_prefetch(pending.buckets[i], 1);
  }
}

void SegmentWriter::link_indexes(const Pending& pending) {
  for (size_t i = 0; i < links_.size(); i++) {
    const Link& link = links_[i];
    if ((pending.present[link.stored / 64] & bit(link.stored)) == 0) continue;
    const uint16_t newest = *pending.buckets[i];
    link.previous[rows_] = newest;
    __atomic_store_n(pending.buckets[i], static_cast<uint16_t>(rows_ + 1), __ATOMIC_RELEASE);
    if (newest != 0) continue;
    auto& used = segment_->header().used_buckets[i];
    used.store(used.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

void SegmentWriter::note_ntime() {
  const uint64_t ntime = segment_->ntime(rows_);
  SegmentHeader& header = segment_->header();
  if (ntime < header.min_ntime.load(std::memory_order_relaxed)) {
    header.min_ntime.store(ntime, std::memory_order_relaxed);
  }
  if (ntime > header.max_ntime.load(std::memory_order_relaxed)) {
    header.max_ntime.store(ntime, std::memory_order_relaxed);
  }
}

uint64_t SegmentWriter::seal() {
  SegmentHeader& header = segment_->header();
  MappedFile& file = segment_->file();
  header.rows.store(rows_, std::memory_order_relaxed);
  header.heap_used.store(heap_.used(), std::memory_order_relaxed);
  header.seal.store(Segment::seal_over(segment_->base_eid(), rows_, heap_.used()),
                    std::memory_order_release);
  // Failing to cut the heap's unused end costs room that disk_bytes() then counts.
  (void)file.truncate(layout().heap_offset + page_aligned(heap_.used()));
  space_.give_back(rows_);
  return file.disk_bytes();
}

}  // namespace auditql
