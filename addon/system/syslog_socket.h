#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "unique_fd.h"

namespace auditql {

enum class SyslogResult : uint8_t {
  sent,
  absent,    ///< nobody listens on the socket
  full,      ///< the listener is behind: try again
  too_long,  ///< no datagram holds so much
};

/// Writes to the local syslog as syslog(3) does, but says when it could not: syslog(3) drops what
/// the listener does not take. Single-threaded.
class SyslogSocket {
 public:
  struct Options {
    std::string path = "/dev/log";
    std::string ident;
    uint32_t facility = 19;  ///< 19: local3
  };
  explicit SyslogSocket(Options options) : options_(std::move(options)) {}

  /// `severity` as in syslog(3), 0 to 7. Connects when it is not connected; waits for nothing.
  SyslogResult send(uint32_t severity, std::string_view text);
  /// The next send() connects anew.
  void disconnect() { socket_.reset(); }

 private:
  bool connect();
  bool connect_as(int type);
  SyslogResult send_datagram(const std::string& message);
  SyslogResult send_bytes(const std::string& message);

  Options options_;
  UniqueFd socket_;
  bool is_stream_ = false;
};

}  // namespace auditql
