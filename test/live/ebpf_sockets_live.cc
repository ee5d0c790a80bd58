// Needs root and a kernel with BTF: make -C addon live
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "check.h"
#include "ebpf_live.h"
#include "in_child.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// What a process did, told by itself: ports that only it knows.
struct Ports {
  uint16_t listening, client_local, refused, bound, datagram;
  pid_t client;
};

/// A listener, and a client that connects, sends five bytes and closes.
int talk_over_tcp(Ports* ports) {
  const int listener = listening_socket(7);
  ports->listening = port_of(listener);
  const pid_t client = ::fork();
  if (client == 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (with_address(::connect, fd, loopback(ports->listening)) != 0) ::_exit(1);
    ports->client_local = port_of(fd);
    if (::write(fd, "hello", 5) != 5) ::_exit(2);
    ::close(fd);
    ::_exit(0);
  }
  ports->client = client;
  const int accepted = ::accept(listener, nullptr, nullptr);
  char bytes[16];
  while (::read(accepted, bytes, sizeof bytes) > 0) continue;
  ::close(accepted);
  ::waitpid(client, nullptr, 0);
  ::close(listener);
  return accepted;
}

void claim_connections() {
  claim("a TCP connection is told on both sides with both ends, bytes and duration", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t server = in_process([&] { return talk_over_tcp(ports.at) < 0; });
    capture.stop();
    const std::string listening = on_loopback(ports.at->listening);
    const std::string client_end = on_loopback(ports.at->client_local);
    const auto of_server = capture.sockets_of(server);
    const SeenSocket* found = first_of(of_server, SocketAction::bind);
    EXPECT(found != nullptr && found->local == listening && found->outcome.success);
    found = first_of(of_server, SocketAction::listen);
    EXPECT(found != nullptr && found->local == listening && found->facts.backlog == 7);
    found = first_of(of_server, SocketAction::accept);
    EXPECT(found != nullptr && found->local == listening && found->remote == client_end);
    EXPECT(found != nullptr && found->outcome.value > found->fd && found->fd > 2);
    found = first_of(of_server, SocketAction::close);
    EXPECT(found != nullptr && found->local == listening && found->remote == client_end);
    EXPECT(found != nullptr && found->facts.bytes_received == 5 && found->facts.bytes_sent == 0);
    EXPECT(found != nullptr && found->facts.duration_ns > 0 && !found->partial);
    const auto of_client = capture.sockets_of(ports.at->client);
    found = first_of(of_client, SocketAction::connect);
    EXPECT(found != nullptr && found->local == client_end && found->remote == listening);
    EXPECT(found != nullptr && found->outcome.success && found->facts.protocol == IPPROTO_TCP);
    EXPECT(found != nullptr && found->facts.duration_ns > 0);
    const uint64_t cookie = found != nullptr ? found->facts.cookie : 0;
    found = first_of(of_client, SocketAction::close);
    EXPECT(found != nullptr && found->facts.bytes_sent == 5 && found->facts.bytes_received == 0);
    EXPECT(found != nullptr && found->facts.cookie == cookie && cookie != 0);
    EXPECT_EQ(of_client.size(), size_t{2});
    EXPECT_EQ(of_server.size(), size_t{4});
  });

  claim("a non-blocking connect is told once, with its real outcome", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const auto connect_later = [](uint16_t port) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      (void)with_address(::connect, fd, loopback(port));
      pollfd waiting{fd, POLLOUT, 0};
      ::poll(&waiting, 1, 5000);
      ::close(fd);
    };
    const pid_t worked = in_process([&] {
      const int listener = listening_socket(1);
      ports.at->listening = port_of(listener);
      connect_later(ports.at->listening);
      return 0;
    });
    const pid_t refused = in_process([&] {
      const int bound = bound_socket(SOCK_STREAM);
      ports.at->refused = port_of(bound);
      connect_later(ports.at->refused);
      return 0;
    });
    capture.stop();
    size_t connects = 0;
    for (const SeenSocket& each : capture.sockets_of(worked)) {
      if (each.action != SocketAction::connect) continue;
      connects++;
      EXPECT_EQ(each.remote, on_loopback(ports.at->listening));
      EXPECT(each.outcome.known && each.outcome.success);
    }
    EXPECT_EQ(connects, size_t{1});
    connects = 0;
    for (const SeenSocket& each : capture.sockets_of(refused)) {
      if (each.action != SocketAction::connect) continue;
      connects++;
      EXPECT_EQ(each.remote, on_loopback(ports.at->refused));
      EXPECT_EQ(each.outcome.error(), ECONNREFUSED);
    }
    EXPECT_EQ(connects, size_t{1});
  });

  claim("a blocking connect that is refused or gets no port is told once, with its errno", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t refused = in_process([&] {
      const int bound = bound_socket(SOCK_STREAM);
      ports.at->refused = port_of(bound);
      const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
      return with_address(::connect, fd, loopback(ports.at->refused)) == 0 ? 1 : 0;
    });
    const pid_t without_port = in_process([&] {
      // Both ends the same twice: the second finds the pair in use.
      const int listener = listening_socket(4);
      const uint16_t port = port_of(listener);
      const int first = ::socket(AF_INET, SOCK_STREAM, 0);
      const int second = ::socket(AF_INET, SOCK_STREAM, 0);
      const int on = 1;
      for (const int each : {first, second}) {
        ::setsockopt(each, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        ::setsockopt(each, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
      }
      EXPECT(with_address(::bind, first, loopback(0)) == 0);
      EXPECT(with_address(::bind, second, loopback(port_of(first))) == 0);
      EXPECT(with_address(::connect, first, loopback(port)) == 0);
      EXPECT(with_address(::connect, second, loopback(port)) != 0 && errno == EADDRNOTAVAIL);
      return 0;
    });
    capture.stop();
    const auto errors_of = [&](pid_t pid) {
      std::string errors;
      for (const SeenSocket& each : capture.sockets_of(pid)) {
        if (each.action != SocketAction::connect) continue;
        errors += std::to_string(each.outcome.error()) + " ";
      }
      return errors;
    };
    EXPECT_EQ(errors_of(refused), std::to_string(ECONNREFUSED) + " ");
    EXPECT_EQ(errors_of(without_port), "0 " + std::to_string(EADDRNOTAVAIL) + " ");
  });

  claim("binds show the real port, also those that fail", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t pid = in_process([&] {
      const int first = bound_socket(SOCK_DGRAM);
      ports.at->bound = port_of(first);
      const int second = ::socket(AF_INET, SOCK_DGRAM, 0);
      EXPECT(with_address(::bind, second, loopback(ports.at->bound)) != 0);
      return 0;
    });
    capture.stop();
    const auto seen = capture.sockets_of(pid);
    EXPECT_EQ(seen.size(), size_t{2});
    for (const SeenSocket& each : seen) EXPECT_EQ(each.local, on_loopback(ports.at->bound));
    EXPECT(seen.size() == 2 && seen[0].outcome.success);
    EXPECT(seen.size() == 2 && seen[1].outcome.error() == EADDRINUSE);
  });

  claim("an accept without a client shows its listener and errno", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t pid = in_process([&] {
      const int listener = listening_socket(1, SOCK_NONBLOCK);
      ports.at->listening = port_of(listener);
      return ::accept4(listener, nullptr, nullptr, 0) < 0 ? 0 : 1;
    });
    capture.stop();
    const auto seen = capture.sockets_of(pid);
    const SeenSocket* const accept = first_of(seen, SocketAction::accept);
    EXPECT(accept != nullptr && accept->outcome.error() == EAGAIN);
    EXPECT(accept != nullptr && accept->local == on_loopback(ports.at->listening));
  });

  claim("the first datagram of a flow is told once, and a connected socket by its connect", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<Ports> ports;
    const pid_t pid = in_process([&] {
      const int receiver = bound_socket(SOCK_DGRAM);
      ports.at->datagram = port_of(receiver);
      const int sender = ::socket(AF_INET, SOCK_DGRAM, 0);
      const sockaddr_in to = loopback(ports.at->datagram);
      for (int i = 0; i < 100; i++) {
        ::sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      }
      const int connected = ::socket(AF_INET, SOCK_DGRAM, 0);
      EXPECT(with_address(::connect, connected, to) == 0);
      for (int i = 0; i < 100; i++) (void)!::write(connected, "x", 1);
      return 0;
    });
    capture.stop();
    size_t sends = 0, connects = 0;
    for (const SeenSocket& each : capture.sockets_of(pid)) {
      if (each.action == SocketAction::bind) continue;
      EXPECT_EQ(each.remote, on_loopback(ports.at->datagram));
      EXPECT_EQ(each.facts.protocol, uint16_t{IPPROTO_UDP});
      sends += each.action == SocketAction::send ? 1 : 0;
      connects += each.action == SocketAction::connect ? 1 : 0;
    }
    EXPECT_EQ(sends, size_t{1});
    EXPECT_EQ(connects, size_t{1});
  });

  claim("IPv6 addresses are told", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<uint16_t> port;
    const pid_t pid = in_process([&] {
      const int listener = ::socket(AF_INET6, SOCK_STREAM, 0);
      sockaddr_in6 address{};
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      if (with_address(::bind, listener, address) != 0) return 1;
      EXPECT(::listen(listener, 1) == 0);
      socklen_t size = sizeof address;
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
      *port.at = ntohs(address.sin6_port);
      const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
      return with_address(::connect, fd, address) == 0 ? 0 : 1;
    });
    capture.stop();
    if (*port.at == 0) return;  // no IPv6 here
    const auto seen = capture.sockets_of(pid);
    const SeenSocket* const connect = first_of(seen, SocketAction::connect);
    EXPECT(connect != nullptr && connect->remote == "::1:" + std::to_string(*port.at));
  });
}

void claim_open_connections() {
  claim("a connection that lasts is told of again and again, with its bytes so far", [] {
    EbpfCapture capture({.open_connection_ms = 100});
    if (!capture.start()) return;
    const Shared<uint16_t> port;
    const pid_t pid = in_process([&] {
      const int listener = listening_socket(4);
      *port.at = port_of(listener);
      const int client = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT_EQ(with_address(::connect, client, loopback(*port.at)), 0);
      const int accepted = ::accept(listener, nullptr, nullptr);
      EXPECT_EQ(::send(client, "hello", 5, 0), ssize_t{5});
      char bytes[8];
      EXPECT_EQ(::recv(accepted, bytes, sizeof bytes, 0), ssize_t{5});
      ::usleep(600'000);
      return 0;
    });
    capture.stop();
    size_t of_client = 0, of_server = 0;
    for (const SeenSocket& each : capture.sockets_of(pid)) {
      if (each.action != SocketAction::active) continue;
      const bool is_client = each.remote == on_loopback(*port.at);
      (is_client ? of_client : of_server)++;
      EXPECT_EQ(is_client ? each.facts.bytes_sent : each.facts.bytes_received, uint64_t{5});
      EXPECT(each.facts.duration_ns >= 100'000'000);
    }
    EXPECT(of_client >= 2 && of_server >= 2);
  });
}

void claim_unix_sockets() {
  claim("unix sockets tell their path and the peer's process", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const ScratchFolder folder("socket");
    const std::string& path = folder.file();
    const Shared<pid_t> client;
    const pid_t server = in_process([&] {
      const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
      EXPECT(with_address(::bind, listener, unix_address(path)) == 0);
      EXPECT(::listen(listener, 3) == 0);
      const pid_t child = ::fork();
      if (child == 0) {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ::_exit(with_address(::connect, fd, unix_address(path)) == 0 ? 0 : 1);
      }
      *client.at = child;
      const int accepted = ::accept(listener, nullptr, nullptr);
      ::waitpid(child, nullptr, 0);
      return accepted < 0 ? 1 : 0;
    });
    const pid_t failed = in_process([&] {
      const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
      return with_address(::connect, fd, unix_address(path + ".none")) == 0 ? 1 : 0;
    });
    capture.stop();
    const auto of_server = capture.sockets_of(server);
    for (const SocketAction action :
         {SocketAction::bind, SocketAction::listen, SocketAction::accept}) {
      const SeenSocket* const seen = first_of(of_server, action);
      EXPECT(seen != nullptr && seen->unix_path == path && seen->outcome.success);
    }
    const SeenSocket* seen = first_of(of_server, SocketAction::accept);
    EXPECT(seen != nullptr && seen->facts.peer_pid == *client.at && seen->facts.peer_uid == 0);
    const auto of_client = capture.sockets_of(*client.at);
    seen = first_of(of_client, SocketAction::connect);
    EXPECT(seen != nullptr && seen->unix_path == path && seen->facts.peer_pid == server);
    const auto of_failed = capture.sockets_of(failed);
    seen = first_of(of_failed, SocketAction::connect);
    EXPECT(seen != nullptr && seen->unix_path == path + ".none");
    EXPECT(seen != nullptr && seen->outcome.error() == ENOENT);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_ebpf_claims(argc, argv, [] {
    claim_connections();
    claim_open_connections();
    claim_unix_sockets();
  });
}
