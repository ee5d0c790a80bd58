#include "system/ready_write.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "check.h"
#include "system/unique_fd.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// More than any pipe or socket buffer takes at once.
const std::string kMuch(8 << 20, 'x');

struct Ends {
  UniqueFd in, out;
};

Ends pipe_ends() {
  std::array<int, 2> ends{};
  (void)::pipe2(ends.data(), O_CLOEXEC);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Ends socket_ends() {
  std::array<int, 2> ends{};
  (void)::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Takes what a blocking descriptor takes and no more: a write that waited would never return.
void expect_no_wait(const Ends& ends) {
  EXPECT_EQ(::fcntl(ends.out.get(), F_GETFL) & O_NONBLOCK, 0);
  const auto first = write_ready(ends.out.get(), kMuch);
  EXPECT(first.ok() && first.value() > 0 && first.value() < kMuch.size());
  EXPECT_EQ(write_ready(ends.out.get(), "more").value(), size_t{0});
  std::string read(first.value(), '\0');
  for (size_t got = 0; got < read.size();) {
    const ssize_t n = ::read(ends.in.get(), read.data() + got, read.size() - got);
    EXPECT(n > 0);
    if (n <= 0) return;
    got += static_cast<size_t>(n);
  }
  EXPECT_EQ(write_ready(ends.out.get(), "more").value(), size_t{4});
  EXPECT_EQ(::fcntl(ends.out.get(), F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  claim("a pipe takes what it has room for, and never makes the writer wait",
        [] { expect_no_wait(pipe_ends()); });
  claim("so does a socket, as the one to the journal", [] { expect_no_wait(socket_ends()); });
  claim("a file takes everything", [] {
    const UniqueFd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    EXPECT_EQ(write_ready(file.get(), kMuch).value(), kMuch.size());
  });
  claim("without a reader it is an error, not a wait", [] {
    Ends ends = pipe_ends();
    ends.in.reset();
    EXPECT_EQ(write_ready(ends.out.get(), "x").error().error_number, EPIPE);
  });
  return run_claims(argc, argv);
}
