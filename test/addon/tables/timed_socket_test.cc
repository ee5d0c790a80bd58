#include "tables/timed_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "check.h"

using namespace auditql;
using namespace auditql::test;
using namespace std::chrono_literals;

namespace {

/// A listening unix socket in a directory of its own.
struct Listener {
  Listener() {
    char pattern[] = "/tmp/auditql-timed-XXXXXX";
    folder = mkdtemp(pattern);
    path = folder + "/socket";
    fd.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd.get(), 1), 0);
  }
  ~Listener() {
    unlink(path.c_str());
    rmdir(folder.c_str());
  }
  UniqueFd take() { return UniqueFd(accept(fd.get(), nullptr, nullptr)); }

  std::string folder, path;
  UniqueFd fd;
};

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

int main(int argc, char** argv) {
  claim("what is sent arrives, and what is answered too, up to the end", [] {
    Listener listener;
    std::thread server([&] {
      const UniqueFd peer = listener.take();
      char request[16];
      const ssize_t length = read(peer.get(), request, sizeof request);
      EXPECT_EQ(write(peer.get(), request, static_cast<size_t>(length)), length);
    });
    auto client = TimedSocket::connect_unix(listener.path, 5s);
    EXPECT(client.ok());
    EXPECT(client.value().send(bytes_of("ping")).ok());
    const auto answer = client.value().receive(100);
    EXPECT(answer.ok() && answer.value() == bytes_of("ping"));
    server.join();
    const auto end = client.value().receive(100);
    EXPECT(end.ok() && end.value().empty());
  });

  claim("a server that does not answer is given up at the deadline", [] {
    Listener listener;
    auto client = TimedSocket::connect_unix(listener.path, 30ms);
    EXPECT(client.ok());
    const auto answer = client.value().receive(100);
    EXPECT(!answer.ok());
    EXPECT_EQ(answer.error().error_number, ETIMEDOUT);
  });

  claim("a server that does not read is given up at the deadline", [] {
    Listener listener;
    auto client = TimedSocket::connect_unix(listener.path, 30ms);
    EXPECT(client.ok());
    const Status sent = client.value().send(std::vector<uint8_t>(64 << 20));
    EXPECT(!sent.ok());
    EXPECT_EQ(sent.error().error_number, ETIMEDOUT);
  });

  claim("a server that drops out of the answer raises no SIGPIPE", [] {
    Listener listener;
    auto client = TimedSocket::connect_unix(listener.path, 5s);
    EXPECT(client.ok());
    listener.take().reset();
    EXPECT(!client.value().send(std::vector<uint8_t>(1 << 20)).ok());
  });

  claim("what cannot be connected to says why", [] {
    EXPECT_EQ(TimedSocket::connect_unix("/nonexistent/socket", 1s).error().error_number, ENOENT);
    EXPECT_EQ(TimedSocket::connect_unix(std::string(200, 'x'), 1s).error().error_number,
              ENAMETOOLONG);
    EXPECT_EQ(TimedSocket::connect_tcp("a.name", 80, 1s).error().error_number, EINVAL);
    EXPECT_EQ(TimedSocket::connect_tcp("127.0.0.1", 1, 1s).error().error_number, ECONNREFUSED);
  });

  return run_claims(argc, argv);
}
