// bare_audit_reader        owns the audit stream and throws its records away, until SIGTERM; then it
//                          prints how many there were as a JSON object
// bare_audit_reader rules  prints the rules of auditql's audit backend, for auditctl -R
#include <signal.h>
#include <sys/signalfd.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "bare_reader.h"
#include "capture/audit_socket.h"
#include "capture/capture_rules.h"
#include "rules/audit_netlink.h"
#include "rules/rule_text.h"

using namespace auditql;

namespace {

constexpr int kBatch = 64;
constexpr size_t kMessageBytes = 9000;
constexpr int kReceiveBufferBytes = 32 << 20;

int print_rules() {
  const auto rules = capture_rules(0, {});
  if (!rules) return print_failure(rules.error());
  // Without the first, which leaves out auditql's own process.
  for (size_t i = 1; i < rules.value().size(); i++) {
    std::printf("%s\n", rule_text(rules.value()[i]).c_str());
  }
  return 0;
}

/// Everything that is there.
uint64_t drain(int fd, std::vector<char>& bytes) {
  iovec parts[kBatch];
  mmsghdr messages[kBatch] = {};
  for (size_t i = 0; i < kBatch; i++) {
    parts[i] = {bytes.data() + i * kMessageBytes, kMessageBytes};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  uint64_t seen = 0;
  for (int got = kBatch; got == kBatch; seen += got > 0 ? static_cast<uint64_t>(got) : 0) {
    got = ::recvmmsg(fd, messages, kBatch, MSG_DONTWAIT, nullptr);
  }
  return seen;
}

int read_stream() {
  const sigset_t signals = ending_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  auto audit = AuditNetlink::open();
  if (!audit) return print_failure(audit.error());
  auto records = open_record_socket(AuditMode::unicast, kReceiveBufferBytes);
  if (!records) return print_failure(records.error());
  AuditNetlink netlink = audit.take();
  if (Status owner = become_owner(records.value(), netlink); !owner) {
    return print_failure(owner.error());
  }
  const UniqueFd ending(::signalfd(-1, &signals, SFD_CLOEXEC));
  std::vector<char> bytes(kBatch * kMessageBytes);
  pollfd waited[2] = {{records.value().get(), POLLIN, 0}, {ending.get(), POLLIN, 0}};
  uint64_t seen = 0;
  while (waited[1].revents == 0) {
    if (::poll(waited, 2, -1) < 0) break;
    seen += drain(records.value().get(), bytes);
  }
  std::printf("{\"seen\":%llu}\n", static_cast<unsigned long long>(seen));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "rules") return print_rules();
  return read_stream();
}
