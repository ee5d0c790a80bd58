#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "manifest.h"
#include "segment.h"
#include "store_counters.h"
#include "table_directory.h"

namespace auditql {

/// The segments of a table that still hold rows, oldest first, and what of them is visible: keeps
/// the manifest, the directory and the counters in step with every change.
/// One thread at a time changes it; flush(), first_eid() and next_eid() are for any thread.
class LiveSegments {
 public:
  struct Held {
    std::shared_ptr<Segment> segment;
    uint32_t rows;
    uint64_t bytes;
    uint64_t end_eid() const { return segment->base_eid() + rows; }
  };

  LiveSegments(const TableDirectory& directory, const StoreCounters& counters)
      : directory_(directory), counters_(counters) {}

  /// Takes over what recovery found.
  void restore(std::shared_ptr<Manifest> manifest, std::deque<Held> held);

  bool empty() const { return held_.empty(); }
  const std::deque<Held>& held() const { return held_; }
  uint64_t first_eid() const { return first_eid_.load(std::memory_order_acquire); }
  uint64_t next_eid() const { return next_eid_.load(std::memory_order_acquire); }
  uint64_t end_ordinal() const { return end_ordinal_; }
  uint64_t rows() const { return next_eid() - first_eid() - holes_; }
  uint64_t bytes() const { return bytes_; }

  /// The newest segment takes rows until close_newest().
  void push(std::shared_ptr<Segment> segment, uint64_t bytes);
  void close_newest() { newest_is_open_ = false; }
  void set_newest_bytes(uint64_t bytes);
  /// Makes the row that was just written to the newest segment visible.
  void publish_row();

  /// Evicts every row below `eid`, and the files that are left without rows.
  void evict_below(uint64_t eid, DropReason reason);
  /// Makes room on disk: by the spare file, else by the oldest segment. False when only the open
  /// one is left.
  bool free_room(DropReason reason);
  /// A file to make the next segment of, at TableDirectory::spare_path(); nothing where there is
  /// none of that kind.
  std::shared_ptr<Segment> take_spare(const Segment::Identity& wanted);
  bool drop_spare();
  bool has_spare() const { return spare_ != nullptr; }
  /// Moves a damaged file aside and counts its rows.
  void quarantine(size_t at);
  /// Puts a new manifest in the place of one that somebody damaged.
  void mend_manifest(const std::string& path, uint64_t layout_hash);
  void set_read_below(uint64_t eid) { read_below_.store(eid, std::memory_order_relaxed); }

  /// Lets go of what sealed segments keep resident. Not at once when they are sealed: a table that
  /// turns over within a second makes new segments of pages that are mapped still.
  void release_pages();

  Status flush();
  void close();

 private:
  void count_dropped(uint64_t from, uint64_t to, DropReason reason);
  void set_first(uint64_t eid);
  void forget(size_t at);
  void retire_oldest();
  void skip_hole_at_start();
  ManifestNumbers numbers() const;

  const TableDirectory& directory_;
  const StoreCounters& counters_;
  std::mutex mutex_;  ///< over changes of held_ and manifest_, against flush()
  std::shared_ptr<Manifest> manifest_;
  std::deque<Held> held_;
  std::shared_ptr<Segment> spare_;  ///< evicted, locked, still counted in bytes_
  uint64_t spare_bytes_ = 0;
  bool newest_is_open_ = false;
  std::atomic<uint64_t> first_eid_{1}, next_eid_{1}, read_below_{0};
  uint64_t end_ordinal_ = 1, holes_ = 0, bytes_ = 0;
};

}  // namespace auditql
