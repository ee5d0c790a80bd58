#include "recorded_hosts.h"

#include <utility>

namespace auditql {

namespace {

/// So many events make no more processes than that.
constexpr uint32_t kEventsBetweenCounts = 4096;

}  // namespace

RecordedHosts::RecordedHosts(Options options) : options_(std::move(options)) {
  seen_ = options_.health->counter({"identity", "hosts", "seen"});
  evicted_ = options_.health->counter({"identity", "hosts", "evicted", "table_full"});
}

void RecordedHosts::begin_event(const RawEvent& event) {
  current_ = &host_of(event.id.node);
  current_->begin_event(event);
  if (++events_ % kEventsBetweenCounts != 0) return;
  while (hosts_.size() > 1 && processes() > options_.max_processes) forget_oldest();
}

RecordedHost& RecordedHosts::host_of(std::string_view node) {
  if (!hosts_.empty() && hosts_.back().node == node) return *hosts_.back().host;
  if (const auto found = by_node_.find(node); found != by_node_.end()) {
    hosts_.splice(hosts_.end(), hosts_, found->second);
    return *hosts_.back().host;
  }
  if (hosts_.size() >= options_.max_hosts) forget_oldest();
  seen_.add();
  std::string name(node);
  hosts_.push_back({name, std::make_unique<RecordedHost>(RecordedHost::Options{
                              name, options_.process_lifetimes, options_.health})});
  by_node_[hosts_.back().node] = std::prev(hosts_.end());
  return *hosts_.back().host;
}

/// Its processes get other uuids should it come again.
void RecordedHosts::forget_oldest() {
  evicted_.add();
  RecordedHost& oldest = *hosts_.front().host;
  options_.on_gone(oldest);
  oldest.finish();
  by_node_.erase(hosts_.front().node);
  hosts_.pop_front();
}

size_t RecordedHosts::processes() const {
  size_t sum = 0;
  for (const Place& place : hosts_) sum += place.host->size();
  return sum;
}

void RecordedHosts::finish() {
  for (const Place& place : hosts_) {
    options_.on_gone(*place.host);
    place.host->finish();
  }
  current_ = nullptr;
  by_node_.clear();
  hosts_.clear();
}

}  // namespace auditql
