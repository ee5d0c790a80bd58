#include "capture/serial_gaps.h"

#include <algorithm>
#include <random>
#include <vector>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("serials in any order within the window are no gap", [] {
    SerialGaps gaps;
    std::mt19937 random(7);
    uint64_t missing = gaps.add(1000);
    for (uint32_t block = 1001; block < 101001; block += 1000) {
      std::vector<uint32_t> serials;
      for (uint32_t i = 0; i < 1000; i++) serials.push_back(block + i);
      std::shuffle(serials.begin(), serials.end(), random);
      for (const uint32_t each : serials) {
        missing += gaps.add(each);
        missing += gaps.add(each);  // an event has several records
      }
    }
    EXPECT_EQ(missing + gaps.finish(), uint64_t{0});
  });

  claim("every missing serial counts once, however far apart", [] {
    SerialGaps gaps;
    uint64_t missing = 0, skipped = 0;
    uint32_t serial = UINT32_MAX - 500000;  // wraps on the way
    std::mt19937 random(11);
    for (int i = 0; i < 200000; i++) {
      const uint32_t skip = random() % 100 == 0 ? random() % 30000 : 0;
      if (i != 0) {
        serial += 1 + skip;
        skipped += skip;
      }
      missing += gaps.add(serial);
    }
    EXPECT_EQ(missing + gaps.finish(), skipped);
  });

  claim("a late serial after a settled gap changes nothing", [] {
    SerialGaps gaps;
    EXPECT_EQ(gaps.add(10), uint64_t{0});
    EXPECT_EQ(gaps.add(13), uint64_t{0});
    EXPECT_EQ(gaps.finish(), uint64_t{2});
    EXPECT_EQ(gaps.add(11), uint64_t{0});
    EXPECT_EQ(gaps.add(14), uint64_t{0});
    EXPECT_EQ(gaps.finish(), uint64_t{0});
  });

  claim("the serial is read from a record's text, or there is none", [] {
    EXPECT_EQ(record_serial("audit(1700000000.123:4567): arch=c000003e").value(), 4567U);
    EXPECT(!record_serial("audit(1700000000.123").has_value());
    EXPECT(!record_serial("audit(1700000000.123:): x").has_value());
    EXPECT(!record_serial("type=SYSCALL").has_value());
    EXPECT(!record_serial("").has_value());
  });
  return run_claims(argc, argv);
}
