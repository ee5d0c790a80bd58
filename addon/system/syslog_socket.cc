#include "syslog_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace auditql {

namespace {

/// How long a message that a stream took a part of may wait for the listener.
constexpr int kPatienceMs = 200;

/// `<134>Nov 21 08:15:04 ident[123]: text`, times local as in glibc's misc/syslog.c.
std::string format_message(const SyslogSocket::Options& options, uint32_t severity,
                           std::string_view text) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char head[96];
  const int length = std::snprintf(head, sizeof head, "<%u>%s %2d %02d:%02d:%02d ",
                                   options.facility * 8 + severity, kMonths[local.tm_mon],
                                   local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
  std::string message(head, static_cast<size_t>(length));
  message += options.ident + '[' + std::to_string(::getpid()) + "]: ";
  return message.append(text);
}

/// A datagram must fit the send buffer, which only the superuser may make as large as it likes.
bool make_room(int socket, size_t bytes) {
  const int wanted = static_cast<int>(std::min<size_t>(bytes + 4096, size_t{64} << 20));
  return ::setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) == 0 ||
         ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted) == 0;
}

}  // namespace

bool SyslogSocket::connect_as(int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (options_.path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, options_.path.data(), options_.path.size());
  UniqueFd socket(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return false;
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return false;
  }
  socket_ = std::move(socket);
  is_stream_ = type == SOCK_STREAM;
  return true;
}

bool SyslogSocket::connect() {
  if (socket_) return true;
  // Some listeners have a stream socket there (EPROTOTYPE), as syslog(3) allows for.
  return connect_as(SOCK_DGRAM) || (errno == EPROTOTYPE && connect_as(SOCK_STREAM));
}

SyslogResult SyslogSocket::send(uint32_t severity, std::string_view text) {
  if (!connect()) return SyslogResult::absent;
  const std::string message = format_message(options_, severity, text);
  const SyslogResult result = is_stream_ ? send_bytes(message) : send_datagram(message);
  if (result == SyslogResult::absent) disconnect();
  return result;
}

SyslogResult SyslogSocket::send_datagram(const std::string& message) {
  for (bool grown = false;; grown = true) {
    if (::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0) {
      return SyslogResult::sent;
    }
    if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR) return SyslogResult::full;
    if (errno != EMSGSIZE) return SyslogResult::absent;
    if (grown || !make_room(socket_.get(), message.size())) return SyslogResult::too_long;
  }
}

/// On a stream each message ends with a NUL byte (syslog(3)). One that cannot be ended is given up
/// with its connection, so that the next does not begin in its middle.
SyslogResult SyslogSocket::send_bytes(const std::string& message) {
  std::string_view rest(message.c_str(), message.size() + 1);
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      rest.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    const bool is_full = errno == EAGAIN || errno == EINTR;
    if (is_full && rest.size() > message.size()) return SyslogResult::full;
    pollfd room{socket_.get(), POLLOUT, 0};
    if (!is_full || ::poll(&room, 1, kPatienceMs) <= 0) return SyslogResult::absent;
  }
  return SyslogResult::sent;
}

}  // namespace auditql
