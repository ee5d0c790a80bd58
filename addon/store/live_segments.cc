#include "live_segments.h"

#include <algorithm>
#include <cstdio>

namespace auditql {

void LiveSegments::restore(std::shared_ptr<Manifest> manifest, std::deque<Held> held) {
  manifest_ = std::move(manifest);
  held_ = std::move(held);
  const ManifestNumbers numbers = manifest_->numbers();
  first_eid_ = numbers.first_eid;
  next_eid_ = numbers.next_eid;
  end_ordinal_ = numbers.end_ordinal;
  holes_ = numbers.holes;
  newest_is_open_ = !held_.empty() && !held_.back().segment->sealed();
  for (const Held& each : held_) bytes_ += each.bytes;
  counters_.bytes.set(bytes_);
  counters_.rows.set(rows());
  counters_.first_eid.set(numbers.first_eid);
  counters_.next_eid.set(numbers.next_eid);
}

void LiveSegments::push(std::shared_ptr<Segment> segment, uint64_t bytes) {
  end_ordinal_ = segment->ordinal() + 1;
  {
    const std::lock_guard lock(mutex_);
    held_.push_back({std::move(segment), 0, bytes});
  }
  newest_is_open_ = true;
  bytes_ += bytes;
  counters_.bytes.set(bytes_);
  manifest_->page().end_ordinal.store(end_ordinal_, std::memory_order_release);
  skip_hole_at_start();
}

void LiveSegments::set_newest_bytes(uint64_t bytes) {
  bytes_ += bytes - held_.back().bytes;
  held_.back().bytes = bytes;
  counters_.bytes.set(bytes_);
}

void LiveSegments::publish_row() {
  held_.back().rows++;
  const uint64_t next = next_eid_.load(std::memory_order_relaxed) + 1;
  next_eid_.store(next, std::memory_order_release);
  manifest_->page().next_eid.store(next, std::memory_order_release);
  counters_.stored.add_alone();
  counters_.rows.set(rows());
  counters_.next_eid.set(next);
}

void LiveSegments::count_dropped(uint64_t from, uint64_t to, DropReason reason) {
  if (to <= from) return;
  counters_.dropped(reason).add_alone(to - from);
  const uint64_t unread_from = std::max(from, read_below_.load(std::memory_order_relaxed));
  if (to > unread_from) counters_.unread(reason).add_alone(to - unread_from);
}

void LiveSegments::set_first(uint64_t eid) {
  first_eid_.store(eid, std::memory_order_release);
  manifest_->page().first_eid.store(eid, std::memory_order_release);
  counters_.first_eid.set(eid);
  counters_.rows.set(rows());
}

void LiveSegments::skip_hole_at_start() {
  const uint64_t first = first_eid();
  const uint64_t start = held_.empty() ? next_eid() : held_.front().segment->base_eid();
  if (first < start) {
    holes_ -= std::min(holes_, start - first);
    manifest_->page().holes.store(holes_, std::memory_order_release);
    set_first(start);
  }
  manifest_->page().first_ordinal.store(
      held_.empty() ? end_ordinal_ : held_.front().segment->ordinal(), std::memory_order_release);
}

void LiveSegments::forget(size_t at) {
  const auto entry = held_.begin() + static_cast<std::ptrdiff_t>(at);
  bytes_ -= entry->bytes;
  counters_.bytes.set(bytes_);
  if (at + 1 == held_.size()) newest_is_open_ = false;
  const std::lock_guard lock(mutex_);
  held_.erase(entry);
}

void LiveSegments::evict_below(uint64_t eid, DropReason reason) {
  while (!held_.empty()) {
    const Held& oldest = held_.front();
    const uint64_t first = first_eid();
    const uint64_t to = std::min(eid, oldest.end_eid());
    if (to > first) {
      count_dropped(first, to, reason);
      set_first(to);
    }
    const bool is_open = held_.size() == 1 && newest_is_open_;
    if (is_open || first_eid() < oldest.end_eid()) return;
    retire_oldest();
  }
}

void LiveSegments::retire_oldest() {
  const Held oldest = held_.front();
  const std::string path = directory_.segment_path(oldest.segment->ordinal());
  forget(0);
  // Readers look at the first eid after they mapped the files: it has moved by now.
  skip_hole_at_start();
  const bool wanted =
      !spare_ && oldest.segment->intact() && oldest.segment->file().lock_exclusive();
  if (!wanted || std::rename(path.c_str(), directory_.spare_path().c_str()) != 0) {
    std::remove(path.c_str());
    return;
  }
  spare_ = oldest.segment;
  spare_bytes_ = oldest.bytes;
  bytes_ += spare_bytes_;
  counters_.bytes.set(bytes_);
}

std::shared_ptr<Segment> LiveSegments::take_spare(const Segment::Identity& wanted) {
  if (!spare_) return nullptr;
  if (!spare_->recyclable_as(wanted)) {
    drop_spare();
    return nullptr;
  }
  bytes_ -= spare_bytes_;
  return std::exchange(spare_, nullptr);
}

bool LiveSegments::drop_spare() {
  if (!spare_) return false;
  std::remove(directory_.spare_path().c_str());
  spare_.reset();
  bytes_ -= spare_bytes_;
  counters_.bytes.set(bytes_);
  return true;
}

bool LiveSegments::free_room(DropReason reason) {
  if (drop_spare()) return true;
  if (held_.empty() || (held_.size() == 1 && newest_is_open_)) return false;
  evict_below(held_.front().end_eid(), reason);
  return true;
}

void LiveSegments::quarantine(size_t at) {
  const Held& damaged = held_[at];
  const uint64_t from = std::max(first_eid(), damaged.segment->base_eid());
  const uint64_t to = std::max(from, damaged.end_eid());
  count_dropped(from, to, DropReason::damaged);
  counters_.damaged_files.add();
  // Fails where somebody removed the file; then there is nothing to keep.
  (void)directory_.set_aside(directory_.segment_path(damaged.segment->ordinal()), "damaged");
  holes_ += to - from;
  manifest_->page().holes.store(holes_, std::memory_order_release);
  forget(at);
  skip_hole_at_start();
  counters_.rows.set(rows());
}

ManifestNumbers LiveSegments::numbers() const {
  ManifestNumbers numbers;
  numbers.first_ordinal = held_.empty() ? end_ordinal_ : held_.front().segment->ordinal();
  numbers.end_ordinal = end_ordinal_;
  numbers.first_eid = first_eid();
  numbers.next_eid = next_eid();
  numbers.holes = holes_;
  return numbers;
}

void LiveSegments::mend_manifest(const std::string& path, uint64_t layout_hash) {
  if (manifest_->intact()) return;
  auto manifest = Manifest::create(path, layout_hash, numbers());
  if (!manifest) return;  // tried again a second later
  counters_.damaged_files.add();
  manifest_->page().retired.store(1, std::memory_order_release);
  const std::lock_guard lock(mutex_);
  manifest_ = manifest.take();
}

void LiveSegments::release_pages() {
  for (const Held& each : held_) {
    if (each.segment->sealed()) each.segment->file().release_pages();
  }
}

Status LiveSegments::flush() {
  std::vector<std::shared_ptr<Segment>> segments;
  std::shared_ptr<Manifest> manifest;
  {
    const std::lock_guard lock(mutex_);
    manifest = manifest_;
    for (const Held& each : held_) segments.push_back(each.segment);
  }
  for (const auto& segment : segments) {
    if (Status status = segment->file().sync(); !status) return status;
  }
  return manifest->sync();
}

void LiveSegments::close() {
  drop_spare();
  if (manifest_) manifest_->mark_closed();
}

}  // namespace auditql
