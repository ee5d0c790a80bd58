#include "system/syslog_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <regex>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct Listener {
  explicit Listener(int type) {
    char folder[] = "/tmp/auditql-syslog-XXXXXX";
    path = std::string(::mkdtemp(folder)) + "/log";
    listen_on(type);
  }
  ~Listener() { ::unlink(path.c_str()), ::rmdir(path.substr(0, path.rfind('/')).c_str()); }

  void listen_on(int type) {
    ::unlink(path.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    socket.reset(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    EXPECT(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    if (type == SOCK_STREAM) EXPECT(::listen(socket.get(), 1) == 0);
  }
  std::string receive(int from) {
    std::string text(1 << 20, '\0');
    const ssize_t length = ::recv(from, text.data(), text.size(), 0);
    text.resize(length < 0 ? 0 : static_cast<size_t>(length));
    return text;
  }

  std::string path;
  UniqueFd socket;
};

SyslogSocket connected_to(const Listener& listener) {
  return SyslogSocket({listener.path, "osqueryd", 19});
}

bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern));
}

const std::string kStamp = "[A-Z][a-z]{2} [ 123][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} osqueryd";

void claim_datagrams() {
  claim("a message is framed as syslog(3) does", [] {
    Listener listener(SOCK_DGRAM);
    SyslogSocket syslog = connected_to(listener);
    EXPECT(syslog.send(6, "{\"a\":1}") == SyslogResult::sent);
    const std::string pid = std::to_string(::getpid());
    EXPECT(matches(listener.receive(listener.socket.get()),
                   "<158>" + kStamp + "\\[" + pid + "\\]: \\{\"a\":1\\}"));
  });
  claim("a message may be longer than the default send buffer", [] {
    Listener listener(SOCK_DGRAM);
    SyslogSocket syslog = connected_to(listener);
    EXPECT(syslog.send(6, std::string(150'000, 'x')) == SyslogResult::sent);
    EXPECT(listener.receive(listener.socket.get()).size() > 150'000);
  });
  claim("a listener that does not read makes send() say full, and loses nothing", [] {
    Listener listener(SOCK_DGRAM);
    SyslogSocket syslog = connected_to(listener);
    size_t sent = 0;
    while (syslog.send(6, "x") == SyslogResult::sent) sent++;
    EXPECT(syslog.send(6, "x") == SyslogResult::full);
    for (size_t i = 0; i < sent; i++) EXPECT(!listener.receive(listener.socket.get()).empty());
    EXPECT(syslog.send(6, "x") == SyslogResult::sent);
  });
}

void claim_ends() {
  claim("without a listener send() says absent, and goes on when there is one again", [] {
    Listener listener(SOCK_DGRAM);
    SyslogSocket syslog = connected_to(listener);
    EXPECT(syslog.send(6, "a") == SyslogResult::sent);
    listener.socket.reset();
    EXPECT(syslog.send(6, "b") == SyslogResult::absent);
    listener.listen_on(SOCK_DGRAM);
    EXPECT(syslog.send(6, "c") == SyslogResult::sent);
    EXPECT(listener.receive(listener.socket.get()).ends_with(": c"));
  });
  claim("a stream socket gets messages that end with NUL", [] {
    Listener listener(SOCK_STREAM);
    SyslogSocket syslog = connected_to(listener);
    EXPECT(syslog.send(3, "x") == SyslogResult::sent);
    const UniqueFd peer(::accept(listener.socket.get(), nullptr, nullptr));
    EXPECT(listener.receive(peer.get()).ends_with(std::string("]: x\0", 5)));
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_datagrams();
  claim_ends();
  return run_claims(argc, argv);
}
