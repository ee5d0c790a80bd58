#include "capture/frame_queue.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("frames come out as they went in, also where the ring wraps", [] {
    FrameQueue queue(4096);
    uint64_t sent = 0, received = 0;
    for (int round = 0; round < 1000; round++) {
      const std::string body(static_cast<size_t>(round % 701), static_cast<char>('a' + round % 26));
      EXPECT(queue.push(FrameKind::audit_record, static_cast<uint16_t>(round), body));
      sent += body.size();
      queue.drain(SIZE_MAX, [&](const Frame& frame) {
        EXPECT_EQ(frame.type, static_cast<uint16_t>(round));
        EXPECT_EQ(frame.bytes, body);
        received += frame.bytes.size();
      });
    }
    EXPECT_EQ(received, sent);
  });

  claim("frames can be looked at before they are taken, also where the ring wraps", [] {
    FrameQueue queue(4096);
    for (int round = 0; round < 100; round++) {
      std::vector<std::string> seen, taken;
      for (int i = 0; i < 5; i++) {
        EXPECT(queue.push(FrameKind::kernel_event, 0, std::string(500 + round, 'a' + i)));
      }
      queue.peek(4, [&](const Frame& frame) { seen.emplace_back(frame.bytes); });
      queue.drain(4, [&](const Frame& frame) { taken.emplace_back(frame.bytes); });
      EXPECT(seen == taken && seen.size() == 4);
      EXPECT_EQ(queue.drain(SIZE_MAX, [](const Frame&) {}), 1u);
    }
  });

  claim("a full ring refuses and loses nothing that it took", [] {
    FrameQueue queue(4096);
    size_t taken = 0;
    while (queue.push(FrameKind::proc_event, 0, std::string(100, 'x'))) taken++;
    EXPECT(taken > 30);
    size_t drained = queue.drain(SIZE_MAX, [](const Frame&) {});
    EXPECT_EQ(drained, taken);
    EXPECT(queue.push(FrameKind::proc_event, 0, "again"));
  });

  claim("a queue that is emptied again and again uses the same few pages", [] {
    constexpr size_t kMiB = size_t{1} << 20;
    FrameQueue queue(16 * kMiB);
    const char* lowest = nullptr;
    const char* highest = nullptr;
    size_t taken = 0;
    for (int round = 0; round < 1000; round++) {
      for (int i = 0; i < 3; i++) {
        EXPECT(queue.push(FrameKind::audit_record, 0, std::string(50'000, 'a' + i)));
      }
      taken += queue.drain(SIZE_MAX, [&](const Frame& frame) {
        EXPECT_EQ(frame.bytes.size(), 50'000u);
        lowest = lowest == nullptr ? frame.bytes.data() : std::min(lowest, frame.bytes.data());
        highest = std::max(highest, frame.bytes.data());
      });
      EXPECT_EQ(queue.used_bytes(), 0u);
    }
    EXPECT_EQ(taken, 3000u);
    EXPECT(static_cast<size_t>(highest - lowest) < kMiB);
    // Its whole room is still there.
    size_t pushed = 0;
    while (queue.push(FrameKind::audit_record, 0, std::string(kMiB, 'x'))) pushed++;
    EXPECT(pushed >= 14);
  });

  claim("a producer and a consumer on two threads pass every frame in order", [] {
    FrameQueue queue(1 << 16);
    constexpr uint32_t kFrames = 200000;
    std::thread producer([&] {
      for (uint32_t i = 0; i < kFrames; i++) {
        const std::string body = std::to_string(i);
        while (!queue.push(FrameKind::audit_record, 1300, body)) std::this_thread::yield();
        queue.notify();
      }
      queue.close();
    });
    uint32_t next = 0;
    while (!queue.closed() || queue.used_bytes() != 0) {
      queue.wait(50);
      queue.drain(1000, [&](const Frame& frame) {
        if (frame.bytes != std::to_string(next)) fail(__FILE__, __LINE__, "out of order");
        next++;
      });
    }
    producer.join();
    EXPECT_EQ(next, kFrames);
  });

  return run_claims(argc, argv);
}
