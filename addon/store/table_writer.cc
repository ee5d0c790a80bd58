#include "table_writer.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>

namespace auditql {

namespace {

/// Most bytes of text in a segment, and so in a row. The file is sparse: this is address space.
constexpr uint64_t kHeapCapacity = 64ull << 20;
/// A smaller bound could not be kept: it would not hold the pages that one row touches.
constexpr uint64_t kLeastMaxBytes = 1ull << 20;
constexpr uint64_t kSegmentsPerTable = 8;
constexpr uint64_t kLeastSegmentRows = 64;
/// A row takes less, so that segments end by rows.
constexpr uint64_t kGenerousRowBytes = 512;
/// So many rows from the future may lie before an expired one and not hold it back.
constexpr uint32_t kMostFutureRows = 4096;
constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;

/// write(2) and its kin raise SIGXFSZ at RLIMIT_FSIZE; ignored, it is the error value EFBIG.
void make_file_size_limit_an_error() {
  struct sigaction current;
  if (sigaction(SIGXFSZ, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) return;
  ::signal(SIGXFSZ, SIG_IGN);
}

bool is_disk_full(const Error& error) {
  return error.error_number == ENOSPC || error.error_number == EDQUOT ||
         error.error_number == EFBIG;
}

}  // namespace

Result<std::unique_ptr<EventTable>> EventTable::open(const TableSpec& spec, const Options& options,
                                                     HealthRegion& health) {
  make_file_size_limit_an_error();
  auto table = std::make_unique<TableWriter>(spec, options, health);
  if (Status status = table->start(); !status) return status.error();
  return std::unique_ptr<EventTable>(std::move(table));
}

TableWriter::TableWriter(const TableSpec& spec, const Options& options, HealthRegion& health)
    : spec_(spec),
      first_eid_(options.first_eid),
      directory_(options.directory + "/" + std::string(spec.name)),
      counters_(health, std::string(spec.name)),
      writer_(interner_),
      live_(directory_, counters_) {
  TableWriter::set_limits(options.limits);
}

TableWriter::~TableWriter() { live_.close(); }

Status TableWriter::start() {
  if (Status status = directory_.create_and_lock(); !status) return status;
  auto recovered = TableRecovery(spec_, directory_, counters_).run(first_eid_);
  if (!recovered) return recovered.error();
  RecoveredTable& table = recovered.value();
  open_ = !table.held.empty() && !table.held.back().segment->sealed();
  if (open_) writer_.start(table.held.back().segment, table.held.back().rows, table.open_heap_used);
  live_.restore(std::move(table.manifest), std::move(table.held));
  live_.evict_below(live_.first_eid(), DropReason::expired);  // files that a crash left behind
  enforce_limits(0);
  return Done{};
}

void TableWriter::set_limits(const TableLimits& limits) {
  max_rows_.store(limits.max_rows, std::memory_order_relaxed);
  expiry_seconds_.store(limits.expiry_seconds, std::memory_order_relaxed);
  const uint64_t bytes = limits.max_bytes == 0 ? 0 : std::max(limits.max_bytes, kLeastMaxBytes);
  max_bytes_.store(bytes, std::memory_order_relaxed);
}

uint64_t TableWriter::segment_bytes() const {
  return max_bytes() == 0 ? kHeapCapacity : max_bytes() / kSegmentsPerTable;
}

uint32_t TableWriter::segment_rows() const {
  uint64_t rows = std::max(segment_bytes() / kGenerousRowBytes, kLeastSegmentRows);
  if (max_rows() != 0) {
    rows = std::min(rows, std::max(max_rows() / kSegmentsPerTable, kLeastSegmentRows));
  }
  if (rows >= kChunkRows) rows = rows / kChunkRows * kChunkRows;
  return static_cast<uint32_t>(std::min<uint64_t>(rows, kMaxSegmentRows));
}

uint64_t TableWriter::largest_row() const {
  return max_bytes() == 0 ? kHeapCapacity - 1 : std::min(kHeapCapacity - 1, max_bytes() / 2);
}

bool TableWriter::refuse(RefuseReason reason) {
  counters_.refused(reason).add();
  return false;
}

uint64_t TableWriter::append(const Row& row) {
  const std::lock_guard lock(writing_);
  if (open_ && !writer_.segment()->intact()) quarantine(live_.held().size() - 1);
  RowPlan plan;
  if (!prepare(row, &plan)) return 0;
  enforce_limits(1);
  const uint64_t eid = live_.next_eid();
  if (const uint32_t misfits = writer_.write(row, plan)) counters_.misfit_cells.add(misfits);
  live_.publish_row();
  return eid;
}

bool TableWriter::prepare(const Row& row, RowPlan* plan) {
  for (;;) {
    if (!open_ && !begin_segment()) return false;
    *plan = writer_.plan(row);
    if (plan->heap_bytes > largest_row()) return refuse(RefuseReason::too_big);
    if (segment_is_due(*plan)) {
      end_segment();
      continue;
    }
    if (!plan->must_reserve) return true;
    if (exceeds(plan->reserve_bytes)) {
      if (!evict_some(DropReason::max_bytes)) return refuse(RefuseReason::too_big);
      continue;
    }
    const Status reserved = writer_.reserve(*plan);
    live_.set_newest_bytes(writer_.reserved_bytes());
    if (reserved) return true;
    if (!live_.free_room(DropReason::disk_full)) return refuse(RefuseReason::disk_full);
  }
}

bool TableWriter::segment_is_due(const RowPlan& plan) const {
  if (!writer_.fits(plan)) return true;
  return writer_.rows() > 0 && plan.reserve_bytes > 0 &&
         writer_.reserved_bytes() + plan.reserve_bytes > segment_bytes();
}

bool TableWriter::exceeds(uint64_t upcoming_bytes) const {
  return max_bytes() != 0 && live_.bytes() + upcoming_bytes > max_bytes();
}

bool TableWriter::evict_some(DropReason reason) {
  if (live_.free_room(reason)) return true;
  if (!open_ || writer_.rows() == 0) return false;
  end_segment();
  return live_.free_room(reason);
}

bool TableWriter::begin_segment() {
  const Segment::Identity identity{live_.end_ordinal(), live_.next_eid(), segment_rows(),
                                   kHeapCapacity};
  const SegmentLayout layout(spec_, identity.capacity);
  const uint64_t fixed = layout.reserved_whole() ? layout.heap_offset : layout.arrays_offset;
  while (!live_.has_spare() && exceeds(fixed) && live_.free_room(DropReason::max_bytes)) {
  }
  for (;;) {
    auto made = make_segment(identity);
    if (made) {
      writer_.start(made.value(), 0, 0);
      live_.push(made.take(), writer_.reserved_bytes());
      open_ = true;
      return true;
    }
    const bool full = is_disk_full(made.error());
    if (full && live_.free_room(DropReason::disk_full)) continue;
    return refuse(full ? RefuseReason::disk_full : RefuseReason::disk_error);
  }
}

Result<std::shared_ptr<Segment>> TableWriter::make_segment(const Segment::Identity& identity) {
  const std::string path = directory_.segment_path(identity.ordinal);
  if (const std::shared_ptr<Segment> spare = live_.take_spare(identity)) {
    auto recycled = Segment::recycle(spec_, *spare, {directory_.spare_path(), path}, identity);
    if (recycled) return recycled;
    std::remove(directory_.spare_path().c_str());
  }
  return Segment::create(spec_, path, identity);
}

void TableWriter::end_segment() {
  live_.set_newest_bytes(writer_.seal());
  live_.close_newest();
  open_ = false;
}

void TableWriter::enforce_limits(uint64_t upcoming_rows) {
  if (max_rows() != 0 && live_.rows() + upcoming_rows > max_rows()) {
    uint64_t surplus = live_.rows() + upcoming_rows - max_rows();
    // Holes are no rows: count off rows segment by segment.
    uint64_t below = live_.first_eid();
    for (const auto& held : live_.held()) {
      const uint64_t from = std::max(below, held.segment->base_eid());
      const uint64_t here = held.end_eid() > from ? held.end_eid() - from : 0;
      below = from + std::min(surplus, here);
      surplus -= std::min(surplus, here);
      if (surplus == 0) break;
    }
    live_.evict_below(below, DropReason::max_rows);
  }
  while (exceeds(0) && evict_some(DropReason::max_bytes)) {
  }
}

uint64_t TableWriter::first_unexpired(uint64_t cutoff_ns, uint64_t now_ns) const {
  uint64_t below = live_.first_eid();
  uint32_t from_future = 0;
  for (const auto& held : live_.held()) {
    const uint64_t base = held.segment->base_eid();
    const uint64_t first = std::max(live_.first_eid(), base);
    for (uint64_t eid = first; eid < held.end_eid(); eid++) {
      const uint64_t ntime = held.segment->ntime(static_cast<uint32_t>(eid - base));
      if (ntime < cutoff_ns) {
        below = eid + 1;
      } else if (ntime <= now_ns || ++from_future > kMostFutureRows) {
        return below;
      }
    }
  }
  return below;
}

void TableWriter::expire(uint64_t now_ns) {
  const std::lock_guard lock(writing_);
  watch_files();
  enforce_limits(0);
  const uint64_t age_ns = expiry_seconds_.load(std::memory_order_relaxed) * kNanosecondsPerSecond;
  if (age_ns == 0 || now_ns <= age_ns) return;
  live_.evict_below(first_unexpired(now_ns - age_ns, now_ns), DropReason::expired);
  if (open_ && writer_.rows() > 0 && live_.first_eid() == live_.next_eid()) {
    // Nothing of an idle table stays on disk once it expired.
    end_segment();
    while (live_.free_room(DropReason::expired)) {
    }
  }
}

void TableWriter::watch_files() {
  for (size_t at = live_.held().size(); at-- > 0;) {
    const Segment& segment = *live_.held()[at].segment;
    uint64_t bytes = segment.layout().heap_offset;
    if (!segment.sealed()) bytes += segment.heap_capacity();
    if (!segment.intact() || !segment.file().still_holds(bytes)) quarantine(at);
  }
  live_.release_pages();
  live_.mend_manifest(directory_.manifest_path(), stored_layout_hash(spec_));
}

void TableWriter::quarantine(size_t at) {
  if (at + 1 == live_.held().size()) open_ = false;
  live_.quarantine(at);
}

}  // namespace auditql
