#include "decode/audit_decoder.h"

#include "check.h"
#include "collected_events.h"

using namespace auditql;
using namespace auditql::test;

namespace {

const std::string kFork =
    "type=SYSCALL msg=audit(5.000:1): arch=c000003e syscall=57 success=yes exit=7 a0=0 a1=0 a2=0 "
    "a3=0 "
    "items=0 ppid=9 pid=10 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 "
    "ses=3 comm=\"x\" exe=\"/bin/x\" key=(null)\n"
    "type=PROCTITLE msg=audit(5.000:1): proctitle=\"x\"\n";

void claim_log() {
  claim("a log may be cut into chunks anywhere", [] {
    for (size_t chunk = 1; chunk < kFork.size() + 2; chunk++) {
      DecoderFixture fixture;
      for (size_t at = 0; at < kFork.size(); at += chunk) {
        fixture.decoder.feed_log(std::string_view(kFork).substr(at, chunk));
      }
      EXPECT_EQ(fixture.sink.processes.size(), 1u);
      EXPECT_EQ(fixture.counter("seen"), 2u);
    }
  });
  claim("the last line needs no line end", [] {
    DecoderFixture fixture;
    fixture.decoder.feed_log(std::string_view(kFork).substr(0, kFork.size() - 1));
    fixture.decoder.finish();
    EXPECT_EQ(fixture.sink.processes.size(), 1u);
  });
  claim("junk, blank lines and lines without end are counted or skipped, and memory stays bounded",
        [] {
          DecoderFixture fixture({.max_line_bytes = 1000});
          fixture.decoder.feed_log("\n\r\nnot audit\ntype=NOPE msg=audit(1.0): x\n");
          for (int i = 0; i < 100; i++) fixture.decoder.feed_log(std::string(100, 'x'));
          fixture.decoder.feed_log("\n" + kFork);
          fixture.decoder.finish();
          EXPECT_EQ(fixture.counter("dropped", "malformed"), 2u);
          EXPECT_EQ(fixture.counter("dropped", "too_big"), 1u);
          EXPECT_EQ(fixture.sink.processes.size(), 1u);
          EXPECT(fixture.every_record_is_accounted_for());
        });
  claim("the records' own time is the clock of a log, and may step back", [] {
    DecoderFixture fixture;
    const auto syscall = [](const char* time, int serial) {
      return "type=SYSCALL msg=audit(" + std::string(time) + ":" + std::to_string(serial) +
             "): arch=c000003e syscall=57 success=yes exit=7 a0=0 items=0\n";
    };
    fixture.decoder.feed_log(syscall("100.000", 1) + syscall("99.952", 2) + syscall("101.900", 3));
    EXPECT_EQ(fixture.sink.processes.size(), 0u);
    fixture.decoder.feed_log(syscall("102.000", 4));
    EXPECT_EQ(fixture.sink.processes.size(), 2u);
    fixture.decoder.feed_log(syscall("4000000000.000", 5) + syscall("103.000", 6));
    EXPECT_EQ(fixture.sink.processes.size(), 4u);
    fixture.decoder.feed_log(syscall("105.000", 7));
    EXPECT_EQ(fixture.sink.processes.size(), 6u);
  });
}

void claim_messages() {
  claim("messages carry their type beside the text, and EOE ends the event", [] {
    DecoderFixture fixture;
    const std::string text = kFork.substr(17, kFork.find('\n') - 17);
    fixture.decoder.on_record(1300, text, 0);
    fixture.decoder.on_record(1327, "audit(5.000:1): proctitle=\"x\"", 0);
    EXPECT_EQ(fixture.sink.processes.size(), 0u);
    fixture.decoder.on_record(1320, "audit(5.000:1): ", 0);
    EXPECT_EQ(fixture.sink.processes.size(), 1u);
    fixture.decoder.on_record(1300, "garbage", 0);
    EXPECT_EQ(fixture.counter("dropped", "malformed"), 1u);
    EXPECT_EQ(fixture.counter("ignored", "EOE"), 1u);
    EXPECT(fixture.every_record_is_accounted_for());
  });
  claim("a truncated event is delivered by expire() alone, partial and counted", [] {
    DecoderFixture fixture;
    fixture.decoder.on_record(1300, kFork.substr(17, kFork.find('\n') - 17), 1000);
    fixture.decoder.expire(1000 + 2'000'000'000);
    EXPECT_EQ(fixture.sink.processes.size(), 1u);
    EXPECT(fixture.sink.processes[0].event.header.partial);
    EXPECT_EQ(fixture.counter("partial", "timeout"), 1u);
  });
  claim("events of no typed kind are counted under their type", [] {
    DecoderFixture fixture;
    fixture.decoder.on_record(1112, "audit(5.000:2): pid=1 msg='op=login res=success'", 0);
    fixture.decoder.on_record(1999, "audit(5.000:3): x=1", 0);
    fixture.decoder.on_record(1998, "audit(5.000:4): x=1", 0);
    fixture.decoder.finish();
    EXPECT_EQ(fixture.counter("ignored", "USER_LOGIN"), 1u);
    EXPECT_EQ(fixture.counter("ignored", "UNKNOWN"), 2u);
    EXPECT(fixture.every_record_is_accounted_for());
  });
}

struct RawCounter : RawEventSink {
  void on_event(const RawEvent& event) override { records += event.records.size(); }
  size_t records = 0;
};

struct RecordTypes : RecordSink {
  void on_record(const Record& record) override { types.push_back(record.type); }
  void on_malformed(std::string_view text) override { malformed.emplace_back(text); }
  std::vector<uint16_t> types;
  std::vector<std::string> malformed;
};

void claim_record_sink() {
  claim("a record sink gets each record as it comes, and each line that is none", [] {
    RecordTypes records;
    AuditDecoderOptions options;
    options.record_sink = &records;
    DecoderFixture fixture(options);
    fixture.decoder.feed_log("junk\n" + kFork + "type=EOE msg=audit(5.000:1): \n");
    EXPECT(records.types == (std::vector<uint16_t>{1300, 1327, 1320}));
    EXPECT(records.malformed == std::vector<std::string>{"junk"});
  });
}

void claim_raw_sink() {
  claim("a raw sink gets the records of every event, typed or not", [] {
    RawCounter raw;
    AuditDecoderOptions options;
    options.raw_sink = &raw;
    DecoderFixture fixture(options);
    fixture.decoder.feed_log(kFork + "type=USER_LOGIN msg=audit(5.000:2): pid=1 msg='op=login'\n");
    fixture.decoder.finish();
    EXPECT_EQ(raw.records, 3u);
    EXPECT_EQ(fixture.counter("used"), 3u);
    EXPECT_EQ(fixture.sink.processes.size(), 1u);
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_log();
  claim_messages();
  claim_record_sink();
  claim_raw_sink();
  return run_claims(argc, argv);
}
