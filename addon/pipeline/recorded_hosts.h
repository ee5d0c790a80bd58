#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "recorded_host.h"

namespace auditql {

/// The hosts of recorded logs, by `node=`: two of them share neither pids nor serials. Decoding
/// thread only.
class RecordedHosts {
 public:
  struct Options {
    EventTable* process_lifetimes = nullptr;
    HealthRegion* health = nullptr;
    /// Beyond either, the host that was heard of least lately is forgotten, and counted.
    size_t max_hosts = 1024;
    size_t max_processes = size_t{1} << 20;
    /// Takes what a host that goes away has left over.
    std::function<void(RecordedHost&)> on_gone;
  };
  explicit RecordedHosts(Options options);

  /// The host of the event, which is the current one from here on.
  void begin_event(const RawEvent& event);
  /// Null before the first event.
  RecordedHost* current() { return current_; }
  void finish();

 private:
  struct Place {
    std::string node;
    std::unique_ptr<RecordedHost> host;
  };
  RecordedHost& host_of(std::string_view node);
  void forget_oldest();
  size_t processes() const;

  Options options_;
  std::list<Place> hosts_;  ///< heard of least lately first
  std::unordered_map<std::string_view, std::list<Place>::iterator> by_node_;
  RecordedHost* current_ = nullptr;
  uint32_t events_ = 0;
  Counter seen_, evicted_;
};

}  // namespace auditql
