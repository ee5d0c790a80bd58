#include "reassembler.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "field_value.h"
#include "record_type.h"

namespace auditql {
namespace {

/// Memory that empty slots may keep for the next events.
constexpr size_t kKeptBytes = size_t{4} << 20;
/// Events remembered so that a record that comes after the end is not taken for a new event.
constexpr size_t kDoneEvents = 1024;

/// `items=` of a SYSCALL body: how many PATH records belong to the event.
uint32_t items_of(std::string_view body) {
  constexpr std::string_view kItems = " items=";
  const void* found = memmem(body.data(), body.size(), kItems.data(), kItems.size());
  if (found == nullptr) return 0;
  uint32_t items = 0;
  const char* at = static_cast<const char*>(found) + kItems.size();
  for (; at < body.data() + body.size() && *at >= '0' && *at <= '9'; at++) {
    items = items * 10 + static_cast<uint32_t>(*at - '0');
  }
  return items;
}

}  // namespace

size_t Reassembler::cost_of(size_t records, size_t text_bytes) {
  return records * sizeof(StoredRecord) + text_bytes;
}

size_t Reassembler::text_size(const Record& record) {
  return record.type_name.size() + record.text.size();
}

Reassembler::Reassembler(RawEventSink& sink, DecodeCounters& counters,
                         const ReassemblerOptions& options)
    : sink_(sink),
      counters_(counters),
      options_(options),
      buckets_(std::bit_ceil(std::max<size_t>(options.max_events, 2)), kNone),
      done_(kDoneEvents) {
  options_.max_events = std::max<size_t>(options_.max_events, 1);
  options_.max_event_bytes = std::min(options_.max_event_bytes, options_.max_bytes);
}

void Reassembler::add(const Record& record, uint64_t now_ns) {
  if (record_type::is_whole_event(record.type)) return deliver_alone(record);
  const uint32_t index = find(record.id);
  if (record.type == record_type::eoe) {
    counters_.ignored_eoe.add();
    stream_has_ends_ = true;
    if (index != kNone) deliver(index, Ending::complete);
    return;
  }
  if (index == kNone && was_delivered(record.id)) return counters_.dropped_late.add();
  const uint32_t at = index != kNone ? index : open(record.id, now_ns);
  const size_t event_bytes = cost_of(slots_[at].records.size(), slots_[at].text.size());
  if (event_bytes + cost_of(1, text_size(record)) > options_.max_event_bytes) {
    slots_[at].truncated = true;
    counters_.dropped_too_big.add();
  } else {
    make_room(cost_of(1, text_size(record)), at);
    store(slots_[at], record);
  }
  last_ = at;
  if (is_complete(slots_[at], record.type)) deliver(at, Ending::complete);
}

void Reassembler::expire(uint64_t now_ns) {
  while (oldest_ != kNone && slots_[oldest_].first_seen_ns + options_.max_wait_ns <= now_ns) {
    deliver(oldest_, Ending::timeout);
  }
}

void Reassembler::finish() {
  while (oldest_ != kNone) deliver(oldest_, Ending::timeout);
}

uint32_t Reassembler::find(const EventId& id) const {
  const auto is_it = [&](const Slot& slot) {
    return slot.serial == id.serial && slot.time_ns == id.time_ns && slot.node == id.node;
  };
  if (last_ != kNone && is_it(slots_[last_])) return last_;
  uint32_t at = buckets_[bucket_of(id.serial)];
  while (at != kNone && !is_it(slots_[at])) at = slots_[at].next_in_bucket;
  return at;
}

uint32_t Reassembler::open(const EventId& id, uint64_t now_ns) {
  if (in_flight_ == options_.max_events) deliver(oldest_, Ending::evicted);
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  kept_bytes_ -= slot.text.capacity();
  slot.time_ns = id.time_ns;
  slot.serial = id.serial;
  slot.node = id.node;
  slot.first_seen_ns = now_ns;
  slot.paths = slot.items = 0;
  slot.has_syscall = slot.has_call = slot.has_title = slot.has_auxiliary = slot.truncated = false;
  uint32_t& bucket = buckets_[bucket_of(id.serial)];
  slot.next_in_bucket = bucket;
  bucket = index;
  slot.older = newest_;
  slot.newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = index;
  newest_ = index;
  in_flight_++;
  return index;
}

void Reassembler::close(uint32_t index) {
  Slot& slot = slots_[index];
  uint32_t* link = &buckets_[bucket_of(slot.serial)];
  while (*link != index) link = &slots_[*link].next_in_bucket;
  *link = slot.next_in_bucket;
  (slot.older == kNone ? oldest_ : slots_[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? newest_ : slots_[slot.newer].older) = slot.older;
  if (last_ == index) last_ = kNone;
  done_[slot.serial % kDoneEvents] = {slot.time_ns, slot.serial,
                                      std::hash<std::string_view>()(slot.node)};
  in_flight_--;
  bytes_ -= cost_of(slot.records.size(), slot.text.size());
  slot.text.clear();
  slot.records.clear();
  if (kept_bytes_ + slot.text.capacity() > kKeptBytes) {
    std::string().swap(slot.text);
    std::vector<StoredRecord>().swap(slot.records);
  }
  kept_bytes_ += slot.text.capacity();
  free_.push_back(index);
}

void Reassembler::store(Slot& slot, const Record& record) {
  const auto place = [&](std::string_view part) {
    return static_cast<uint32_t>(part.data() - record.text.data());
  };
  slot.text.append(record.type_name);
  slot.records.push_back({record.type, static_cast<uint16_t>(record.type_name.size()),
                          static_cast<uint32_t>(slot.text.size()),
                          static_cast<uint32_t>(record.text.size()), place(record.body),
                          static_cast<uint32_t>(record.body.size()),
                          static_cast<uint32_t>(record.enriched.size())});
  slot.text.append(record.text);
  bytes_ += cost_of(1, text_size(record));
  slot.has_syscall |= record.type == record_type::syscall;
  if (record.type == record_type::syscall || record.type == record_type::uringop) {
    slot.has_call = true;
    slot.items = items_of(record.body);
  }
  slot.has_auxiliary |= record_type::is_auxiliary(record.type);
  if (record.type == record_type::path) slot.paths++;
  if (record.type == record_type::proctitle) slot.has_title = stream_has_ends_ = true;
}

/// Whether the record that was just added is the last. In a log without EOE that is PROCTITLE, or,
/// where records come out of order, the last one that the SYSCALL record announces.
bool Reassembler::is_complete(const Slot& slot, uint16_t last_type) const {
  if (expect_eoe_ || !slot.has_title || !slot.has_syscall) return false;
  const bool could_complete = last_type == record_type::proctitle ||
                              last_type == record_type::path || last_type == record_type::syscall;
  return could_complete && !is_partial(slot, Ending::complete);
}

/// Whether records are missing, as far as can be told without reading the arguments.
bool Reassembler::is_partial(const Slot& slot, Ending ending) const {
  if (slot.truncated) return true;
  if (!slot.has_call) return slot.has_auxiliary;
  if (slot.items > slot.paths) return true;
  if (ending == Ending::complete || slot.has_title || !slot.has_syscall) return false;
  // Kernels before 3.15 write no PROCTITLE, and their logs no EOE: there the count must do.
  return stream_has_ends_ || expect_eoe_;
}

void Reassembler::deliver(uint32_t index, Ending ending) {
  const Slot& slot = slots_[index];
  delivered_.clear();
  const EventId id{slot.time_ns, slot.serial, slot.node};
  const std::string_view all(slot.text);
  for (const StoredRecord& each : slot.records) {
    const std::string_view text = all.substr(each.text, each.text_size);
    const auto name = all.substr(each.text - each.type_name_size, each.type_name_size);
    delivered_.push_back({each.type, name, id, text, text.substr(each.body, each.body_size),
                          text.substr(text.size() - each.enriched_size)});
  }
  const bool partial = !delivered_.empty() && is_partial(slot, ending);
  if (partial && ending == Ending::complete) counters_.partial_lost.add();
  if (partial && ending == Ending::timeout) counters_.partial_timeout.add();
  if (partial && ending == Ending::evicted) counters_.partial_evicted.add();
  if (!delivered_.empty()) sink_.on_event({id, delivered_, partial});
  close(index);
}

void Reassembler::deliver_alone(const Record& record) {
  sink_.on_event({record.id, std::span(&record, 1), false});
}

/// Hands on the oldest events, but not `keep`, until `bytes` more fit.
void Reassembler::make_room(size_t bytes, uint32_t keep) {
  while (bytes_ + bytes > options_.max_bytes && oldest_ != kNone) {
    const uint32_t victim = oldest_ != keep ? oldest_ : slots_[oldest_].newer;
    if (victim == kNone) return;
    deliver(victim, Ending::evicted);
  }
}

bool Reassembler::was_delivered(const EventId& id) const {
  const Done& done = done_[id.serial % kDoneEvents];
  return done.serial == id.serial && done.time_ns == id.time_ns &&
         done.node_hash == std::hash<std::string_view>()(id.node);
}

}  // namespace auditql
