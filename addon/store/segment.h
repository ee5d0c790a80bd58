#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../bytes/content_hash.h"
#include "mapped_file.h"
#include "segment_layout.h"
#include "string_heap.h"
#include "table_reader.h"

namespace auditql {

/// First page of a segment file.
struct SegmentHeader {
  uint64_t magic;
  uint64_t layout_hash;  ///< stored_layout_hash()
  uint64_t ordinal;
  uint64_t base_eid;  ///< eid of row 0
  uint64_t heap_capacity;
  uint64_t capacity;
  uint64_t identity_sum;                       ///< over all above
  std::atomic<uint64_t> min_ntime, max_ntime;  ///< over the rows published, and maybe more
  std::atomic<uint32_t> used_buckets[kMaxIndexes];
  std::atomic<uint64_t> rows;       ///< meaningful once sealed
  std::atomic<uint64_t> heap_used;  ///< meaningful once sealed
  std::atomic<uint64_t> seal;       ///< over rows and heap_used; 0 while rows may follow
};
static_assert(sizeof(SegmentHeader) <= kPageBytes);

/// One segment file: rows base_eid, base_eid + 1, … in columns. Immutable once sealed.
/// Reading is safe in any process while one appends, for rows that the writer published.
class Segment {
 public:
  struct Identity {
    uint64_t ordinal;
    uint64_t base_eid;
    uint32_t capacity;
    uint64_t heap_capacity;
  };

  struct Files {
    std::string present, wanted;  ///< paths
  };

  /// Creates the file under a temporary name and moves it to `path` once its header stands.
  static Result<std::shared_ptr<Segment>> create(const TableSpec& spec, const std::string& path,
                                                 const Identity& identity);
  /// Makes a new segment of the file of an evicted one that nobody else maps: its pages are in
  /// memory and its room on disk is taken, which is most of what a new file costs.
  static Result<std::shared_ptr<Segment>> recycle(const TableSpec& spec, const Segment& evicted,
                                                  const Files& files, const Identity& identity);
  /// Errors: store_open_failed (errno ENOENT: no such file), store_damaged.
  static Result<std::shared_ptr<Segment>> open(const TableSpec& spec, const std::string& path,
                                               MapAccess access);

  uint64_t ordinal() const { return identity_.ordinal; }
  uint64_t base_eid() const { return identity_.base_eid; }
  uint64_t heap_capacity() const { return identity_.heap_capacity; }
  const SegmentLayout& layout() const { return layout_; }
  MappedFile& file() const { return *file_; }
  SegmentHeader& header() const { return *reinterpret_cast<SegmentHeader*>(file_->data()); }
  /// False once the file was cut short or overwritten from its start.
  bool intact() const;
  /// Whether the file may become a segment of that many rows.
  bool recyclable_as(const Identity& identity) const;
  bool sealed() const { return header().seal.load(std::memory_order_acquire) != 0; }
  /// Rows of a sealed segment; of an open one those below `next_eid`.
  uint32_t rows_below(uint64_t next_eid) const;

  /// 0 where the column is NULL.
  uint64_t ntime(uint32_t row) const;
  bool present(uint32_t row, size_t stored) const {
    const uint64_t word = presence()[uint64_t{row} * layout_.presence_words + stored / 64];
    return (word >> (stored % 64) & 1) != 0;
  }
  StoredCell cell(uint32_t row, size_t stored) const;
  std::optional<HeapString> heap_string_at(uint64_t offset) const;
  /// Appends to `found` the rows below `limit` that hold the point, newest first. False when the
  /// column has no index.
  bool find(const ScanRequest::Point& point, uint32_t limit, std::vector<uint16_t>* found) const;

  /// Have the processor fetch what find() looks at first and next, for several segments at a time.
  void prefetch_bucket(const ScanRequest::Point& point) const;
  void prefetch_newest(const ScanRequest::Point& point) const;

  uint8_t* cells(size_t stored) const { return at(layout_.columns[stored].offset); }
  uint64_t* presence() const { return reinterpret_cast<uint64_t*>(at(layout_.presence_offset)); }
  uint32_t* checksums() const { return reinterpret_cast<uint32_t*>(at(layout_.checksum_offset)); }
  uint16_t* buckets(size_t index) const {
    return reinterpret_cast<uint16_t*>(at(layout_.indexes[index].buckets_offset));
  }
  uint16_t* previous(size_t index) const {
    return reinterpret_cast<uint16_t*>(at(layout_.indexes[index].previous_offset));
  }
  uint8_t* heap() const { return at(layout_.heap_offset); }
  /// Bucket of a cell's value in the hash index of its column.
  uint32_t bucket_of(uint32_t row, size_t stored) const;
  uint32_t bucket_of_number(uint64_t number) const {
    return static_cast<uint32_t>(number_hash(number)) & (layout_.buckets - 1);
  }
  uint32_t bucket_of_uuid(const void* sixteen_bytes) const {
    return static_cast<uint32_t>(uuid_hash(sixteen_bytes)) & (layout_.buckets - 1);
  }

  static uint64_t seal_over(uint64_t base_eid, uint64_t rows, uint64_t heap_used);

 private:
  /// Number of the index on the point's column, -1 without.
  int index_of(const ScanRequest::Point& point) const;
  uint32_t bucket_of_point(const ScanRequest::Point& point) const;
  Segment(const TableSpec& spec, std::shared_ptr<MappedFile> file, const Identity& identity)
      : file_(std::move(file)), identity_(identity), layout_(spec, identity.capacity) {}
  uint8_t* at(uint64_t offset) const { return file_->data() + offset; }
  void write_header(uint64_t layout_hash);

  std::shared_ptr<MappedFile> file_;
  Identity identity_;
  SegmentLayout layout_;
};

}  // namespace auditql
