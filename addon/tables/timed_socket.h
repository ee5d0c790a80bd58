#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../system/result.h"
#include "../system/unique_fd.h"

namespace auditql {

/// A stream socket for tables that ask another program. Everything together takes no longer than
/// the timeout, however slowly the other side answers. For one thread.
class TimedSocket {
 public:
  using Clock = std::chrono::steady_clock;

  /// Errors: socket_failed, with the errno of connect(2).
  static Result<TimedSocket> connect_unix(const std::string& path,
                                          std::chrono::milliseconds timeout);
  /// `address` is numeric: no names are looked up.
  static Result<TimedSocket> connect_tcp(const std::string& address, uint16_t port,
                                         std::chrono::milliseconds timeout);

  Status send(std::span<const uint8_t> bytes);
  /// At least one byte and at most `max_bytes`; none when the other side is done.
  Result<std::vector<uint8_t>> receive(size_t max_bytes);

 private:
  TimedSocket(UniqueFd fd, Clock::time_point deadline) : fd_(std::move(fd)), deadline_(deadline) {}
  static Result<TimedSocket> connect_to(std::span<const uint8_t> address, const std::string& shown,
                                        std::chrono::milliseconds timeout);
  /// Waits until `events` of poll(2) are there.
  Status wait_for(short events);

  UniqueFd fd_;
  Clock::time_point deadline_;
};

}  // namespace auditql
