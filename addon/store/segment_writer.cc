#include "segment_writer.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "content_hash.h"
#include "utf8.h"

namespace auditql {

namespace {

constexpr uint32_t kMostMisses = 256, kRetryRows = 16;

}  // namespace

void SegmentWriter::start(std::shared_ptr<Segment> segment, uint32_t rows, uint64_t heap_used) {
  segment_ = std::move(segment);
  interner_.clear();
  last_.assign(layout().columns.size(), LastString{});
  reserved_ = {};
  rows_ = rows;
  heap_used_ = std::max<uint64_t>(heap_used, 1);  // offset 0 is the empty string
  heap_reserved_ = rows == 0 ? 0 : page_aligned(heap_used);
  reserved_bytes_ = segment_->file().disk_bytes();
  claimed_bytes_ = rows == 0 ? 0 : reserved_bytes_;
  // What was reserved before is reserved once more, which is harmless.
  chunk_begin_ = chunk_end_ = 0;
  if (rows >= kChunkRows) chunk_end_ = kChunkRows;
  small_chunks_ = false;
  if (layout().reserved_whole()) reserved_.fill(UINT64_MAX);
}

RowPlan SegmentWriter::plan(const Row& row) const {
  RowPlan plan;
  const SegmentLayout::StoredColumn* column = layout().columns.data();
  const size_t count = layout().columns.size();
  uint64_t heap_bytes = count * kLongestHeapPrefix;
  for (size_t word = 0; word * 64 < count; word++) {
    uint64_t present = 0;
    const size_t bits = std::min<size_t>(64, count - word * 64);
    for (size_t i = 0; i < bits; i++, column++) {
      const Row::Cell& cell = row.cell(column->column);
      present |= uint64_t{cell.present} << i;
      heap_bytes += cell.bytes.size();
    }
    plan.present[word] = present;
  }
  plan.heap_bytes = heap_bytes;
  plan_room(&plan);
  return plan;
}

void SegmentWriter::plan_room(RowPlan* plan) const {
  bool has_room = !chunk_begins() && heap_used_ + plan->heap_bytes <= heap_reserved_;
  for (size_t word = 0; word < kPresenceWords; word++) {
    has_room = has_room && (plan->present[word] & ~reserved_[word]) == 0;
  }
  if (!has_room) plan_reservation(plan);
}

bool SegmentWriter::fits(const RowPlan& plan) const {
  return rows_ < layout().capacity && heap_used_ + plan.heap_bytes <= segment_->heap_capacity();
}

uint32_t SegmentWriter::write(const Row& row, const RowPlan& plan) {
  RowChecksum checksum(next_eid());
  PresenceBits present = plan.present;
  uint32_t misfits = 0;
  for (size_t word = 0; word < kPresenceWords; word++) {
    for (uint64_t left = plan.present[word]; left != 0; left &= left - 1) {
      const size_t stored = word * 64 + static_cast<size_t>(std::countr_zero(left));
      if (put(stored, row.cell(layout().columns[stored].column), &checksum)) continue;
      bits_of(present, stored) &= ~bit(stored);
      misfits++;
    }
  }
  uint64_t* bits = segment_->presence() + uint64_t{rows_} * layout().presence_words;
  for (size_t word = 0; word < layout().presence_words; word++) {
    bits[word] = present[word];
    checksum.add_presence(word, present[word]);
  }
  for (const auto& index : layout().indexes) {
    if ((bits_of(present, index.stored) & bit(index.stored)) != 0) link(index.stored);
  }
  note_ntime();
  // Last, so that a row whose checksum holds after a crash is in the indexes as well.
  __atomic_store_n(segment_->checksums() + rows_, checksum.value(), __ATOMIC_RELEASE);
  rows_++;
  return misfits;
}

bool SegmentWriter::put(size_t stored, const Row::Cell& cell, RowChecksum* checksum) {
  switch (layout().columns[stored].storage) {
    case Storage::text:
      put_text(stored, cell.bytes, checksum);
      return true;
    case Storage::uuid:
      return put_uuid(stored, cell.bytes, checksum);
    default:
      return put_number(stored, cell.number, checksum);
  }
}

bool SegmentWriter::put_number(size_t stored, uint64_t number, RowChecksum* checksum) {
  const uint8_t width = layout().columns[stored].width;
  uint8_t* cells = segment_->cells(stored);
  switch (width) {
    case 1:
      if (number > UINT8_MAX) return false;
      cells[rows_] = static_cast<uint8_t>(number);
      break;
    case 2:
      if (number > UINT16_MAX) return false;
      reinterpret_cast<uint16_t*>(cells)[rows_] = static_cast<uint16_t>(number);
      break;
    case 4:
      if (number > UINT32_MAX) return false;
      reinterpret_cast<uint32_t*>(cells)[rows_] = static_cast<uint32_t>(number);
      break;
    default:
      reinterpret_cast<uint64_t*>(cells)[rows_] = number;
  }
  checksum->add(stored, number);
  return true;
}

bool SegmentWriter::put_uuid(size_t stored, std::string_view bytes, RowChecksum* checksum) {
  if (bytes.size() != 16) return false;
  std::memcpy(segment_->cells(stored) + uint64_t{rows_} * 16, bytes.data(), 16);
  checksum->add(stored, load_u64(bytes.data()));
  checksum->add(stored, load_u64(bytes.data() + 8), 1);
  return true;
}

void SegmentWriter::put_text(size_t stored, std::string_view bytes, RowChecksum* checksum) {
  LastString& last = last_[stored];
  if (!last.valid || last.bytes != bytes) {
    const StoredText text = store_text(bytes, &last);
    last = {text.hash, bytes_at(text.offset, bytes.size()), text.offset, true, last.misses};
  }
  reinterpret_cast<uint32_t*>(segment_->cells(stored))[rows_] = last.offset;
  checksum->add(stored, last.hash);
}

SegmentWriter::StoredText SegmentWriter::store_text(std::string_view bytes, LastString* last) {
  const uint64_t hash = content_hash(bytes);
  if (bytes.empty()) return {0, hash};
  // A column of strings that never repeat, as arguments do, would only crowd out the others; now
  // and then it is tried again.
  const bool repeats = last->misses < kMostMisses || rows_ % kRetryRows == 0;
  const bool interned = repeats && bytes.size() <= StringInterner::kLongest;
  if (interned) {
    if (const auto offset = interner_.find(hash)) {
      const auto held = segment_->heap_string_at(*offset);
      if (held && held->bytes == bytes) {
        last->misses = 0;
        return {*offset, hash};
      }
    }
  }
  last->misses++;
  const auto offset = static_cast<uint32_t>(heap_used_);
  heap_used_ += put_heap_string(segment_->heap() + heap_used_, bytes, is_utf8(bytes));
  if (interned) interner_.remember(hash, offset);
  return {offset, hash};
}

std::string_view SegmentWriter::bytes_at(uint32_t offset, size_t length) const {
  // heap_string_at() would read the length back from a file that others may have damaged.
  uint64_t prefix = static_cast<uint64_t>(length) << 1;
  size_t prefix_bytes = 1;
  for (; prefix >= 0x80; prefix >>= 7) prefix_bytes++;
  return {reinterpret_cast<const char*>(segment_->heap() + offset + prefix_bytes), length};
}

void SegmentWriter::link(size_t stored) {
  const auto index = static_cast<size_t>(layout().columns[stored].index);
  uint16_t* bucket = segment_->buckets(index) + segment_->bucket_of(rows_, stored);
  const uint16_t newest = *bucket;
  segment_->previous(index)[rows_] = newest;
  __atomic_store_n(bucket, static_cast<uint16_t>(rows_ + 1), __ATOMIC_RELEASE);
  if (newest != 0) return;
  auto& used = segment_->header().used_buckets[index];
  used.store(used.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
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
  header.heap_used.store(heap_used_, std::memory_order_relaxed);
  header.seal.store(Segment::seal_over(segment_->base_eid(), rows_, heap_used_),
                    std::memory_order_release);
  // Failing to cut the heap's unused end costs room that disk_bytes() then counts.
  (void)file.truncate(layout().heap_offset + page_aligned(heap_used_));
  give_back(rows_);
  return file.disk_bytes();
}

}  // namespace auditql
