#include "identity/uuid.h"

#include <set>

#include "check.h"
#include "identity/boot_clock.h"
#include "uuid_text.h"

using namespace auditql;
using namespace auditql::test;

namespace {
constexpr std::string_view kBoot = "86784522-62b6-406f-8e55-fc8b06906a13";
}

int main(int argc, char** argv) {
  claim("a process_uuid is a version 8 UUID of the RFC 9562 variant", [] {
    const Uuid uuid = process_uuid(kBoot, 4242, 123456);
    const std::string text = text_of(uuid);
    EXPECT_EQ(text.size(), size_t{36});
    EXPECT_EQ(text[14], '8');
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
  });

  claim("the low 58 bits are start ticks and pid, so a process of a boot has one uuid", [] {
    const Uuid uuid = process_uuid(kBoot, 4194303, (uint64_t{1} << 36) - 1);
    uint64_t low = 0;
    for (size_t i = 8; i < 16; i++) low = low << 8 | uuid.bytes[i];
    EXPECT_EQ(low & ((uint64_t{1} << 58) - 1), (uint64_t{1} << 58) - 1);
    std::set<std::string> texts;
    for (int32_t pid = 1; pid <= 50; pid++) {
      for (uint64_t ticks = 0; ticks < 50; ticks++) {
        texts.insert(text_of(process_uuid(kBoot, pid, ticks)));
      }
    }
    EXPECT_EQ(texts.size(), size_t{2500});
  });

  claim("the same process on another boot has another uuid in all 64 bits that stand for boots",
        [] {
          std::set<uint64_t> hashes;
          for (int i = 0; i < 10000; i++) hashes.insert(boot_hash("boot-" + std::to_string(i)));
          EXPECT_EQ(hashes.size(), size_t{10000});
          EXPECT(!(process_uuid("a", 1, 1) == process_uuid("b", 1, 1)));
        });

  claim("a uuid once published stays: the layout and the hash key are fixed", [] {
    EXPECT_EQ(text_of(process_uuid(kBoot, 4242, 123456)), "499712cf-58da-8609-ac00-007890001092");
  });

  claim("an unknown process has the nil uuid and no text", [] {
    EXPECT(!process_uuid(1, ProcessKey()).known());
    EXPECT_EQ(text_of(Uuid{}), "");
  });

  claim("ticks become wall-clock nanoseconds and back without loss", [] {
    const BootClock clock(1'700'000'000'123'000'000, 100);
    EXPECT_EQ(clock.wall_ns(250), uint64_t{1'700'000'002'623'000'000});
    EXPECT_EQ(clock.ticks(clock.wall_ns(250)), uint64_t{250});
    EXPECT_EQ(clock.ticks(5), uint64_t{0});
  });

  return run_claims(argc, argv);
}
