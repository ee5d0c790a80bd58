#include "segment.h"

#include <algorithm>
#include <cstdio>

namespace auditql {

namespace {

constexpr uint64_t kSegmentMagic = 0x31474553'4c515541;  // "AUQLSEG1"

uint64_t identity_sum(const SegmentHeader& header) {
  uint64_t sum = number_hash(header.magic);
  for (const uint64_t part : {header.layout_hash, header.ordinal, header.base_eid,
                              header.heap_capacity, header.capacity}) {
    sum = fold_product(sum ^ part, 0xd6e8feb86659fd93);
  }
  return sum;
}

Error damaged(const std::string& path, const char* what) {
  return Error{"store_damaged", path + ": " + what, 0};
}

/// What is wrong with a header and the length of its file; nullptr when nothing is.
const char* defect(const SegmentHeader& header, const TableSpec& spec) {
  if (header.magic != kSegmentMagic || header.identity_sum != identity_sum(header))
    return "bad header";
  if (header.layout_hash != stored_layout_hash(spec)) return "other layout";
  if (header.capacity == 0 || header.capacity > kMaxSegmentRows) return "bad header";
  return nullptr;
}

}  // namespace

uint64_t Segment::seal_over(uint64_t base_eid, uint64_t rows, uint64_t heap_used) {
  return fold_product(number_hash(base_eid ^ rows << 40), number_hash(heap_used)) | 1;
}

Result<std::shared_ptr<Segment>> Segment::create(const TableSpec& spec, const std::string& path,
                                                 const Identity& identity) {
  const SegmentLayout layout(spec, identity.capacity);
  const std::string unfinished = path + ".new";
  auto file = MappedFile::create(unfinished, layout.heap_offset + identity.heap_capacity);
  if (!file) return file.error();
  const uint64_t fixed = layout.reserved_whole() ? layout.heap_offset : layout.arrays_offset;
  if (Status reserved = file.value()->reserve(0, page_aligned(fixed)); !reserved) {
    std::remove(unfinished.c_str());
    return reserved.error();
  }
  std::shared_ptr<Segment> segment(new Segment(spec, file.take(), identity));
  segment->write_header(stored_layout_hash(spec));
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return Error::from_errno("store_open_failed", "rename " + unfinished);
  }
  return segment;
}

void Segment::write_header(uint64_t layout_hash) {
  SegmentHeader& to = header();
  to.magic = kSegmentMagic;
  to.layout_hash = layout_hash;
  to.ordinal = identity_.ordinal;
  to.base_eid = identity_.base_eid;
  to.heap_capacity = identity_.heap_capacity;
  to.capacity = identity_.capacity;
  to.identity_sum = identity_sum(to);
  to.min_ntime.store(UINT64_MAX, std::memory_order_relaxed);
}

bool Segment::recyclable_as(const Identity& identity) const {
  return intact() && identity.capacity == layout_.capacity &&
         file_->size() == layout_.heap_offset + identity.heap_capacity;
}

Result<std::shared_ptr<Segment>> Segment::recycle(const TableSpec& spec, const Segment& evicted,
                                                  const Files& files, const Identity& identity) {
  std::shared_ptr<Segment> segment(new Segment(spec, evicted.file_, identity));
  MappedFile& file = *segment->file_;
  if (Status status = file.truncate(file.size()); !status) return status.error();
  // Everything in front of the arrays starts as zeros; stale cells are never looked at, because
  // rows without a presence bit are not, and a row's checksum holds for its eid alone.
  std::memset(file.data(), 0, segment->layout_.arrays_offset);
  segment->write_header(stored_layout_hash(spec));
  if (std::rename(files.present.c_str(), files.wanted.c_str()) != 0) {
    return Error::from_errno("store_open_failed", "rename " + files.present);
  }
  file.unlock();
  return segment;
}

Result<std::shared_ptr<Segment>> Segment::open(const TableSpec& spec, const std::string& path,
                                               MapAccess access) {
  auto file = MappedFile::open(path, access);
  if (!file) return file.error();
  if (file.value()->size() < kPageBytes) return damaged(path, "too short");
  const auto& header = *reinterpret_cast<const SegmentHeader*>(file.value()->data());
  if (const char* what = defect(header, spec)) return damaged(path, what);
  const Identity identity{header.ordinal, header.base_eid, static_cast<uint32_t>(header.capacity),
                          header.heap_capacity};
  std::shared_ptr<Segment> segment(new Segment(spec, file.take(), identity));
  uint64_t heap_bytes = identity.heap_capacity;
  if (const uint64_t seal = header.seal.load(std::memory_order_acquire); seal != 0) {
    const uint64_t rows = header.rows.load(std::memory_order_relaxed);
    heap_bytes = header.heap_used.load(std::memory_order_relaxed);
    if (seal != seal_over(identity.base_eid, rows, heap_bytes) || rows > identity.capacity) {
      return damaged(path, "bad seal");
    }
  }
  if (segment->file_->size() < segment->layout_.heap_offset + heap_bytes) {
    return damaged(path, "cut short");
  }
  return segment;
}

bool Segment::intact() const { return !file_->damaged() && header().magic == kSegmentMagic; }

uint32_t Segment::rows_below(uint64_t next_eid) const {
  const uint64_t published = next_eid > base_eid() ? next_eid - base_eid() : 0;
  const uint64_t most = sealed() ? header().rows.load(std::memory_order_relaxed) : layout_.capacity;
  const uint64_t rows = std::min({published, most, uint64_t{layout_.capacity}});
  return static_cast<uint32_t>(rows);
}

uint64_t Segment::ntime(uint32_t row) const {
  if (!present(row, layout_.ntime)) return 0;
  return reinterpret_cast<const uint64_t*>(cells(layout_.ntime))[row];
}

std::optional<HeapString> Segment::heap_string_at(uint64_t offset) const {
  return heap_string(heap(), file_->size() - layout_.heap_offset, offset);
}

StoredCell Segment::cell(uint32_t row, size_t stored) const {
  if (!present(row, stored)) return {};
  // A scan reads many columns in turn, more than the processor follows of itself.
  constexpr uint64_t kAhead = 256;
  const SegmentLayout::StoredColumn& column = layout_.columns[stored];
  const uint8_t* cell = at(column.offset) + uint64_t{row} * column.width;
  __builtin_prefetch(cell + kAhead);
  if (column.storage == Storage::uuid) {
    return {StoredCell::Kind::uuid, true, 0, {reinterpret_cast<const char*>(cell), 16}};
  }
  const uint64_t number = load_number(cell, column.width);
  if (column.storage != Storage::text) {
    return {StoredCell::Kind::number, true, static_cast<int64_t>(number), {}};
  }
  const std::optional<HeapString> text = heap_string_at(number);
  if (!text) {
    file_->mark_damaged();
    return {};
  }
  return {StoredCell::Kind::bytes, text->utf8, 0, text->bytes};
}

uint32_t Segment::bucket_of(uint32_t row, size_t stored) const {
  const uint8_t width = layout_.columns[stored].width;
  const uint8_t* cell = cells(stored) + uint64_t{row} * width;
  return width == 16 ? bucket_of_uuid(cell) : bucket_of_number(load_number(cell, width));
}

int Segment::index_of(const ScanRequest::Point& point) const {
  const int stored = layout_.stored_number(point.column);
  return stored < 0 ? -1 : layout_.columns[static_cast<size_t>(stored)].index;
}

uint32_t Segment::bucket_of_point(const ScanRequest::Point& point) const {
  const auto stored = static_cast<size_t>(layout_.stored_number(point.column));
  return layout_.columns[stored].width == 16 ? bucket_of_uuid(point.uuid.data())
                                             : bucket_of_number(point.number);
}

void Segment::prefetch_bucket(const ScanRequest::Point& point) const {
  const int index = index_of(point);
  if (index < 0) return;
  __builtin_prefetch(buckets(static_cast<size_t>(index)) + bucket_of_point(point));
}

void Segment::prefetch_newest(const ScanRequest::Point& point) const {
  const int indexed = index_of(point);
  if (indexed < 0) return;
  const auto index = static_cast<size_t>(indexed);
  const uint32_t newest =
      __atomic_load_n(buckets(index) + bucket_of_point(point), __ATOMIC_RELAXED);
  if (newest == 0) return;
  const size_t stored = layout_.indexes[index].stored;
  __builtin_prefetch(cells(stored) + uint64_t{newest - 1} * layout_.columns[stored].width);
  __builtin_prefetch(previous(index) + newest - 1);
}

bool Segment::find(const ScanRequest::Point& point, uint32_t limit,
                   std::vector<uint16_t>* found) const {
  const int indexed = index_of(point);
  if (indexed < 0) return false;
  const auto index = static_cast<size_t>(indexed);
  const size_t stored = layout_.indexes[index].stored;
  const uint8_t width = layout_.columns[stored].width;
  // No cell of this width can hold the number.
  if (width < 8 && point.number >> (8 * width) != 0) return true;
  const uint8_t* values = cells(stored);
  const auto holds_point = [&](uint32_t row) {
    const uint8_t* cell = values + uint64_t{row} * width;
    return width == 16 ? std::memcmp(cell, point.uuid.data(), 16) == 0
                       : load_number(cell, width) == point.number;
  };
  uint32_t next = __atomic_load_n(buckets(index) + bucket_of_point(point), __ATOMIC_ACQUIRE);
  // Chains lead to ever older rows; the bound ends them even where damage made them loop.
  for (uint32_t bound = layout_.capacity; next != 0 && next <= bound;) {
    const uint32_t row = next - 1;
    bound = row;
    if (row < limit && holds_point(row)) found->push_back(static_cast<uint16_t>(row));
    next = previous(index)[row];
  }
  return true;
}

}  // namespace auditql
