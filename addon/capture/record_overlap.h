#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace auditql {

/// Tells the records that two sockets get while one takes over from the other: those of the old one
/// are remembered, and are left out where they come again. A record carries its event's time and
/// serial, so that equal bytes mean the same record, but for those that come twice in one event,
/// which are counted. Bounded: records beyond `kMost` are not remembered, and may come twice.
/// One thread, but for expect().
class RecordOverlap {
 public:
  static constexpr size_t kMost = size_t{1} << 16;
  /// How long a record that was read from the old socket may still come from the new one.
  static constexpr uint64_t kPatienceNs = 5'000'000'000;

  /// Any thread, before the new socket is opened.
  void expect() { is_expected_.store(true); }
  bool is_expected() const { return is_expected_.load(std::memory_order_relaxed); }
  /// From now on records are those of the new socket.
  void begin(uint64_t now_ns);
  /// Whether the record was read from the old socket too.
  bool is_repeated(uint16_t type, std::string_view body, uint64_t now_ns);

 private:
  std::atomic<bool> is_expected_{false};
  uint64_t end_ns_ = 0;                          ///< 0: the old socket is still read
  std::unordered_map<uint64_t, uint32_t> read_;  ///< hash of a record: how often
};

}  // namespace auditql
