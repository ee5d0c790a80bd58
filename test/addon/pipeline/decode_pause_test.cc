#include "check.h"
#include "pipeline/decode_loop.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr uint64_t kSecond = 1'000'000'000;

}  // namespace

int main(int argc, char** argv) {
  claim("whole events of eBPF let the decoding thread sleep longer than audit records do", [] {
    DecodePause records(0), kernel_events(0), nudges(0);
    for (uint64_t now = 0; now <= 60 * kSecond; now += kSecond) {
      records.on_frame(FrameKind::audit_record, now);
      kernel_events.on_frame(FrameKind::kernel_event, now);
      nudges.on_nudge(now);
    }
    EXPECT_EQ(records.milliseconds(61 * kSecond), 200);
    EXPECT_EQ(nudges.milliseconds(61 * kSecond), 200);
    EXPECT_EQ(kernel_events.milliseconds(61 * kSecond), 1000);
  });

  claim("without any frame it sleeps longest, and after a start it looks often", [] {
    DecodePause pause(0);
    EXPECT_EQ(pause.milliseconds(kSecond), 200);
    EXPECT_EQ(pause.milliseconds(60 * kSecond), 5000);
  });
  return run_claims(argc, argv);
}
