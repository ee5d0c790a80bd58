#include "capture/audit_reader.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Beyond what the busiest host takes to run the reader's thread.
constexpr int kPatienceMs = 60'000;

/// A datagram socket stands in for the kernel's end of the netlink.
struct Wire {
  UniqueFd kernel, reader;

  Wire() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    kernel.reset(ends[0]);
    reader.reset(ends[1]);
  }

  void send(uint16_t type, const std::string& body) const {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<uint32_t>(body.size());  // as kauditd does on unicast
    header.nlmsg_type = type;
    std::string message(reinterpret_cast<const char*>(&header), sizeof header);
    message += body;
    if (::send(kernel.get(), message.data(), message.size(), 0) < 0) std::abort();
  }
};

std::string record(uint32_t serial, const std::string& text = "arch=c000003e") {
  return "audit(1700000000.123:" + std::to_string(serial) + "): " + text;
}

struct Read {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  FrameQueue queue;
  AuditReader reader;

  explicit Read(size_t queue_bytes = 1 << 20)
      : queue(queue_bytes), reader(queue, *health, {.full_queue_wait_ms = 5}) {}

  uint64_t metric(std::string_view name, std::string_view reason = {}) const {
    return health->counter({"capture", "audit", name, reason}).get();
  }
  std::vector<std::string> frames() {
    std::vector<std::string> bodies;
    queue.drain(SIZE_MAX, [&](const Frame& frame) { bodies.emplace_back(frame.bytes); });
    return bodies;
  }
};

}  // namespace

int main(int argc, char** argv) {
  claim("records come out whole and in order; replies to requests do not", [] {
    Wire wire;
    Read read;
    wire.send(NLMSG_ERROR, "acknowledgement");
    wire.send(AUDIT_REPLACE, "another owner asks");
    wire.send(AUDIT_SYSCALL, record(1));
    wire.send(AUDIT_EOE, record(1, ""));
    wire.send(AUDIT_SYSCALL, record(2, std::string(8000, 'x')));
    EXPECT(read.reader.start(std::move(wire.reader)).ok());
    read.reader.drain(kPatienceMs);
    read.reader.stop();
    const auto frames = read.frames();
    EXPECT_EQ(frames.size(), size_t{3});
    EXPECT_EQ(frames[0], record(1));
    EXPECT_EQ(frames[2].size(), record(2).size() - 13 + 8000);
    EXPECT_EQ(read.metric("seen"), uint64_t{3});
    EXPECT_EQ(read.metric("dropped", "serial_gap"), uint64_t{0});
  });

  claim("a record longer than any buffer is delivered cut, and counted", [] {
    Wire wire;
    Read read;
    wire.send(AUDIT_SYSCALL, record(1, std::string(20000, 'x')));
    EXPECT(read.reader.start(std::move(wire.reader)).ok());
    read.reader.drain(kPatienceMs);
    read.reader.stop();
    EXPECT_EQ(read.frames().size(), size_t{1});
    EXPECT_EQ(read.metric("dropped", "truncated"), uint64_t{1});
  });

  claim("what a full queue cannot take is counted, one by one", [] {
    Wire wire;
    Read read(4096);
    constexpr uint64_t kRecords = 200;
    EXPECT(read.reader.start(std::move(wire.reader)).ok());
    for (uint32_t i = 0; i < kRecords; i++)
      wire.send(AUDIT_SYSCALL, record(i, std::string(90, 'x')));
    read.reader.drain(kPatienceMs);
    read.reader.stop();
    const uint64_t kept = read.frames().size();
    EXPECT(kept > 10);
    EXPECT_EQ(read.metric("seen"), kRecords);
    EXPECT_EQ(read.metric("dropped", "queue_full"), kRecords - kept);
  });

  claim("events of which nothing came are counted by their serials", [] {
    Wire wire;
    Read read;
    for (const uint32_t serial : {10, 11, 15, 12, 20}) wire.send(AUDIT_SYSCALL, record(serial));
    EXPECT(read.reader.start(std::move(wire.reader)).ok());
    read.reader.drain(kPatienceMs);
    read.reader.stop();
    EXPECT_EQ(read.metric("dropped", "serial_gap"), uint64_t{6});
  });

  claim("a switch reads what the old socket holds before the new one", [] {
    Wire old_wire, new_wire;
    Read read;
    new_wire.send(AUDIT_SYSCALL, record(3));
    EXPECT(read.reader.start(std::move(old_wire.reader)).ok());
    old_wire.send(AUDIT_SYSCALL, record(1));
    old_wire.send(AUDIT_SYSCALL, record(2));
    read.reader.switch_to(std::move(new_wire.reader));
    read.reader.drain(kPatienceMs);
    read.reader.stop();
    const auto frames = read.frames();
    EXPECT_EQ(frames.size(), size_t{3});
    for (uint32_t i = 0; i < frames.size(); i++) EXPECT_EQ(frames[i], record(i + 1));
  });
  return run_claims(argc, argv);
}
