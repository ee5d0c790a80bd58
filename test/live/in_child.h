#pragma once

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <string>

namespace auditql::test {

/// Own events are left out, so what is looked for is done by a child.
inline pid_t in_process(const std::function<int()>& body, int* status = nullptr) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int ignored = 0;
  ::waitpid(child, status != nullptr ? status : &ignored, 0);
  return child;
}

/// Memory that a child of ours tells its findings in.
template <typename Value>
struct Shared {
  Value* const at = static_cast<Value*>(
      ::mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ~Shared() { ::munmap(at, sizeof(Value)); }
};

inline sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

template <typename Address>
int with_address(int (*call)(int, const sockaddr*, socklen_t), int fd, const Address& address) {
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace auditql::test
