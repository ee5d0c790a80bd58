#include "timed_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

namespace auditql {

namespace {

constexpr char kSocketError[] = "socket_failed";

template <typename Address>
std::span<const uint8_t> bytes_of(const Address& address) {
  return {reinterpret_cast<const uint8_t*>(&address), sizeof address};
}

}  // namespace

Result<TimedSocket> TimedSocket::connect_unix(const std::string& path,
                                              std::chrono::milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error::from_errno(kSocketError, "connect to " + path, ENAMETOOLONG);
  }
  path.copy(address.sun_path, path.size());
  return connect_to(bytes_of(address), path, timeout);
}

Result<TimedSocket> TimedSocket::connect_tcp(const std::string& text, uint16_t port,
                                             std::chrono::milliseconds timeout) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) {
    return Error::from_errno(kSocketError, "connect to " + text, EINVAL);
  }
  return connect_to(bytes_of(address), text, timeout);
}

Result<TimedSocket> TimedSocket::connect_to(std::span<const uint8_t> address,
                                            const std::string& shown,
                                            std::chrono::milliseconds timeout) {
  const auto* target = reinterpret_cast<const sockaddr*>(address.data());
  UniqueFd fd(::socket(target->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error::from_errno(kSocketError, "socket");
  TimedSocket socket(std::move(fd), Clock::now() + timeout);
  const int raw = socket.fd_.get();
  // EAGAIN: the queue of a unix socket is full; connect(2) does not go on by itself then.
  if (::connect(raw, target, static_cast<socklen_t>(address.size())) == 0) return socket;
  if (errno != EINPROGRESS) return Error::from_errno(kSocketError, "connect to " + shown);
  if (Status ready = socket.wait_for(POLLOUT); !ready) return ready.error();
  int failure = 0;
  socklen_t size = sizeof failure;
  if (getsockopt(raw, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) failure = errno;
  if (failure != 0) return Error::from_errno(kSocketError, "connect to " + shown, failure);
  return socket;
}

Status TimedSocket::wait_for(short events) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) return Error::from_errno(kSocketError, "wait for a response", ETIMEDOUT);
    pollfd waited{fd_.get(), events, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (ready > 0) return Done{};
    if (ready < 0 && errno != EINTR) return Error::from_errno(kSocketError, "poll");
  }
}

Status TimedSocket::send(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      if (Status ready = wait_for(POLLOUT); !ready) return ready;
    } else if (errno != EINTR) {
      return Error::from_errno(kSocketError, "send");
    }
  }
  return Done{};
}

Result<std::vector<uint8_t>> TimedSocket::receive(size_t max_bytes) {
  std::vector<uint8_t> bytes(std::clamp<size_t>(max_bytes, 1, 256 * 1024));
  for (;;) {
    const ssize_t length = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (length >= 0) {
      bytes.resize(static_cast<size_t>(length));
      return bytes;
    }
    if (errno == EAGAIN) {
      if (Status ready = wait_for(POLLIN); !ready) return ready.error();
    } else if (errno != EINTR) {
      return Error::from_errno(kSocketError, "receive");
    }
  }
}

}  // namespace auditql
