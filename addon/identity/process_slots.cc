#include "process_slots.h"

#include <algorithm>

namespace auditql {

ProcessSlots::ProcessSlots(const SlotLimits& limits, StringPool& strings)
    : limits_(limits), strings_(strings), pages_(ProcessKey::kPidLimit >> kPageBits) {
  // The process at hand, its parent and its session leader must fit at once.
  limits_.max_live = std::max<size_t>(limits_.max_live, 4);
}

ProcessSlots::Page& ProcessSlots::page_of(int32_t pid) {
  std::unique_ptr<Page>& page = pages_[static_cast<size_t>(pid) >> kPageBits];
  if (!page) page = std::make_unique<Page>();
  return *page;
}

uint32_t& ProcessSlots::head(int32_t pid) {
  return page_of(pid).newest[static_cast<size_t>(pid) & (kPageSize - 1)];
}

void ProcessSlots::count_live(const ProcessEntry& entry, bool lives) {
  uint32_t& in_page = page_of(entry.key.pid()).live;
  live_ = lives ? live_ + 1 : live_ - 1;
  in_page = lives ? in_page + 1 : in_page - 1;
}

ProcessEntry* ProcessSlots::newest(int32_t pid) {
  const size_t number = static_cast<size_t>(pid);
  const Page* page = pages_[number >> kPageBits].get();
  const uint32_t slot = page == nullptr ? 0 : page->newest[number & (kPageSize - 1)];
  return slot == 0 ? nullptr : &slots_[slot];
}

ProcessEntry* ProcessSlots::started_by(int32_t pid, uint64_t start_ticks) {
  ProcessEntry* entry = newest(pid);
  while (entry != nullptr && entry->key.start_ticks() > start_ticks) {
    entry = entry->older == 0 ? nullptr : &slots_[entry->older];
  }
  return entry;
}

ProcessEntry* ProcessSlots::find(ProcessKey key) {
  if (!key.known()) return nullptr;
  ProcessEntry* entry = started_by(key.pid(), key.start_ticks());
  return entry != nullptr && entry->key == key ? entry : nullptr;
}

uint32_t ProcessSlots::take_slot() {
  if (free_.empty()) {
    slots_.emplace_back();
    return static_cast<uint32_t>(slots_.size() - 1);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

ProcessEntry& ProcessSlots::create(ProcessKey key, const ProcessEntry* keep) {
  if (live_ >= limits_.max_live) evict(keep);
  const uint32_t slot = take_slot();
  uint32_t& first = head(key.pid());
  ProcessEntry& entry = slots_[slot];
  entry = ProcessEntry{};
  entry.key = key;
  entry.older = first;
  entry.used = entry.touched = true;
  first = slot;
  count_live(entry, true);
  return entry;
}

void ProcessSlots::end(ProcessEntry& entry, uint64_t time_ns) {
  if (entry.ended_ns != 0) return;
  entry.ended_ns = std::max<uint64_t>(time_ns, 1);
  count_live(entry, false);
  ended_count_++;
  ended_.push_back({slot_of(entry), entry.key, entry.ended_ns});
}

void ProcessSlots::revive(ProcessEntry& entry) {
  if (entry.ended_ns == 0) return;
  entry.ended_ns = 0;
  entry.end_seen = entry.end_awaited = false;
  count_live(entry, true);
  ended_count_--;
}

uint32_t ProcessSlots::slot_of(const ProcessEntry& entry) {
  uint32_t slot = head(entry.key.pid());
  while (&slots_[slot] != &entry) slot = slots_[slot].older;
  return slot;
}

void ProcessSlots::age_out(uint64_t now_ns) {
  while (!ended_.empty()) {
    const Ended& oldest = ended_.front();
    ProcessEntry& entry = slots_[oldest.slot];
    // Evicted, revived or reused slots leave their note behind; it is recognised here.
    const bool stale =
        !entry.used || !(entry.key == oldest.key) || entry.ended_ns != oldest.time_ns;
    const bool expired = oldest.time_ns + limits_.keep_ended_ns < now_ns;
    if (!stale && !expired && ended_count_ <= limits_.max_ended) return;
    if (!stale) {
      ended_count_--;
      release(oldest.slot);
    }
    ended_.pop_front();
  }
}

void ProcessSlots::release(uint32_t slot) {
  ProcessEntry& entry = slots_[slot];
  uint32_t* link = &head(entry.key.pid());
  while (*link != slot) link = &slots_[*link].older;
  *link = entry.older;
  strings_.drop(entry.exe);
  strings_.drop(entry.cwd);
  strings_.drop(entry.container);
  entry = ProcessEntry{};
  free_.push_back(slot);
}

void ProcessSlots::evict(const ProcessEntry* keep) {
  // Second chance: the hand passes over what was used since its last round.
  for (;;) {
    hand_ = hand_ + 1 < slots_.size() ? hand_ + 1 : 1;
    ProcessEntry& entry = slots_[hand_];
    if (!entry.used || entry.ended_ns != 0 || &entry == keep) continue;
    if (entry.touched) {
      entry.touched = false;
      continue;
    }
    count_live(entry, false);
    evicted_++;
    return release(hand_);
  }
}

void ProcessSlots::collect_live(int32_t first, int32_t last, std::vector<ProcessEntry*>& out) {
  for (int32_t pid = first; pid <= last;) {
    const size_t number = static_cast<size_t>(pid);
    const Page* page = pages_[number >> kPageBits].get();
    // Pids that were used stay in their pages long after their processes have ended.
    if (page == nullptr || page->live == 0) {
      pid = static_cast<int32_t>(((number >> kPageBits) + 1) << kPageBits);
      continue;
    }
    const uint32_t slot = page->newest[number & (kPageSize - 1)];
    if (slot != 0 && slots_[slot].ended_ns == 0) out.push_back(&slots_[slot]);
    pid++;
  }
}

}  // namespace auditql
