#include "heap_writer.h"

#include <algorithm>
#include <optional>

#include "../bytes/utf8.h"

namespace auditql {

namespace {

constexpr uint32_t kMostMisses = 256, kRetry = 16;

}  // namespace

void HeapWriter::start(const Segment& segment, uint64_t used) {
  segment_ = &segment;
  used_ = std::max<uint64_t>(used, 1);  // offset 0 is the empty string
  interner_.clear();
  columns_.assign(segment.layout().columns.size(), Column{});
}

void HeapWriter::find_or_store(std::string_view bytes, Column* column, Recent* recent) {
  recent->size = bytes.size();
  if (bytes.size() <= EndBytes::kMost) recent->ends = end_bytes(bytes.data(), bytes.size());
  const uint64_t hash = content_hash(bytes);
  recent->text.hash = hash;
  // A column of texts that never repeat, as arguments do, would only crowd out the others; now and
  // then it is tried again.
  const bool repeats = column->misses < kMostMisses || column->misses % kRetry == 0;
  const bool interned = repeats && bytes.size() <= StringInterner::kLongest;
  if (interned) {
    if (const auto offset = interner_.find(hash)) {
      const auto held = segment_->heap_string_at(*offset);
      if (held && held->bytes == bytes) {
        column->misses = 0;
        recent->bytes = held->bytes.data();
        recent->text.offset = *offset;
        return;
      }
    }
  }
  column->misses++;
  recent->text.offset = static_cast<uint32_t>(used_);
  used_ += put_heap_string(segment_->heap() + used_, bytes, is_utf8(bytes));
  recent->bytes = reinterpret_cast<const char*>(segment_->heap() + used_) - bytes.size();
  if (interned) interner_.remember(hash, recent->text.offset);
}

}  // namespace auditql
