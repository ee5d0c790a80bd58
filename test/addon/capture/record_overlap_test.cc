#include "capture/record_overlap.h"

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr std::string_view kFirst = "audit(1.000:7): pid=1 msg='a'";
constexpr std::string_view kSecond = "audit(1.000:8): pid=1 msg='b'";

/// A change of sockets of which the old one has just had the first record.
void expect_after_first(RecordOverlap& overlap) {
  overlap.expect();
  EXPECT(!overlap.is_repeated(1005, kFirst, 1));
  overlap.begin(2);
}

}  // namespace

int main(int argc, char** argv) {
  claim("without a change of sockets no record is a repeated one", [] {
    RecordOverlap overlap;
    EXPECT(!overlap.is_repeated(1005, kFirst, 1));
    EXPECT(!overlap.is_repeated(1005, kFirst, 2));
  });

  claim("a record of both sockets is passed on once, one of either always", [] {
    RecordOverlap overlap;
    expect_after_first(overlap);
    EXPECT(!overlap.is_repeated(1005, kSecond, 3));
    EXPECT(overlap.is_repeated(1005, kFirst, 4));
    EXPECT(!overlap.is_repeated(1005, kFirst, 5));
  });

  claim("two equal records of one event are two, and types tell records apart", [] {
    RecordOverlap overlap;
    overlap.expect();
    EXPECT(!overlap.is_repeated(1302, kFirst, 1));
    EXPECT(!overlap.is_repeated(1302, kFirst, 1));
    overlap.begin(2);
    EXPECT(!overlap.is_repeated(1300, kFirst, 3));
    EXPECT(overlap.is_repeated(1302, kFirst, 3));
    EXPECT(overlap.is_repeated(1302, kFirst, 3));
    EXPECT(!overlap.is_repeated(1302, kFirst, 3));
  });

  claim("what the old socket had is forgotten after a while", [] {
    RecordOverlap overlap;
    expect_after_first(overlap);
    EXPECT(!overlap.is_repeated(1005, kSecond, 3 + RecordOverlap::kPatienceNs));
    EXPECT(!overlap.is_expected());
    EXPECT(!overlap.is_repeated(1005, kFirst, 4 + RecordOverlap::kPatienceNs));
  });
  return run_claims(argc, argv);
}
