#include "system/peer_credentials.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "check.h"
#include "system/unique_fd.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("the peer of a unix socket is the process that connected it", [] {
    std::array<int, 2> ends{};
    EXPECT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const UniqueFd one(ends[0]), other(ends[1]);
    const auto peer = peer_credentials(one.get());
    EXPECT(peer.ok());
    EXPECT_EQ(peer.value().pid, ::getpid());
    EXPECT_EQ(peer.value().uid, ::geteuid());
  });
  claim("what is no unix socket has no peer", [] {
    const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    for (const int each : {tcp.get(), file.get(), -1}) {
      const auto peer = peer_credentials(each);
      EXPECT(!peer.ok());
      EXPECT_EQ(peer.error().code, std::string("peer_unknown"));
    }
  });
  return run_claims(argc, argv);
}
