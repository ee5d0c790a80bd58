#include "capture/frame_queue.h"

#include <string>
#include <thread>

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

  claim("a full ring refuses and loses nothing that it took", [] {
    FrameQueue queue(4096);
    size_t taken = 0;
    while (queue.push(FrameKind::proc_event, 0, std::string(100, 'x'))) taken++;
    EXPECT(taken > 30);
    size_t drained = queue.drain(SIZE_MAX, [](const Frame&) {});
    EXPECT_EQ(drained, taken);
    EXPECT(queue.push(FrameKind::proc_event, 0, "again"));
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
