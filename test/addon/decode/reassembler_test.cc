#include "decode/reassembler.h"

#include <algorithm>
#include <map>
#include <memory>

#include "check.h"
#include "corpus.h"
#include "decode/record_type.h"
#include "parse_record.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct SeenEvent {
  std::string node;
  uint32_t serial;
  size_t records;
  bool partial;
};

struct Fixture : RawEventSink {
  explicit Fixture(const ReassemblerOptions& options = {})
      : health(HealthRegion::in_memory()),
        counters(*health),
        reassembler(*this, counters, options) {}

  void on_event(const RawEvent& event) override {
    for (const Record& each : event.records) {
      EXPECT(each.id == event.id);
      EXPECT(each.text.starts_with("audit("));
      if (each.type == 0) type_names += std::string(each.type_name) + " ";
    }
    events.push_back(
        {std::string(event.id.node), event.id.serial, event.records.size(), event.partial});
  }

  void add(const std::string& line, uint64_t now_ns = 0) {
    const auto record = parse_log_line(line);
    EXPECT(record.has_value());
    if (record) reassembler.add(*record, now_ns);
  }

  /// One record of an event at second `serial`, with so many PATH records announced.
  void add(const std::string& type, uint32_t serial, uint64_t now_ns, int items = 0) {
    add("type=" + type + " msg=audit(1000.000:" + std::to_string(serial) +
            "): a=1 items=" + std::to_string(items) + " b=2",
        now_ns);
  }

  std::unique_ptr<HealthRegion> health;
  DecodeCounters counters;
  Reassembler reassembler;
  std::vector<SeenEvent> events;
  std::string type_names;
};

constexpr uint64_t kSecond = 1'000'000'000;

void claim_live() {
  claim("EOE ends an event; interleaved events are not mixed", [] {
    Fixture fixture;
    for (const char* type : {"SYSCALL", "CWD", "PROCTITLE", "EOE"}) {
      for (uint32_t serial : {7u, 8u, 9u}) fixture.add(type, serial, 0);
    }
    EXPECT_EQ(fixture.events.size(), 3u);
    for (const SeenEvent& each : fixture.events) {
      EXPECT_EQ(each.records, 3u);
      EXPECT(!each.partial);
    }
    EXPECT_EQ(fixture.reassembler.in_flight(), 0u);
    EXPECT_EQ(fixture.reassembler.in_flight_bytes(), 0u);
  });
  claim("records of types that have no number belong to their event, by name", [] {
    Fixture fixture;
    for (const char* type : {"SYSCALL", "NEW_KIND", "CWD", "OTHER", "EOE"}) fixture.add(type, 7, 0);
    fixture.add("ALONE", 8, 0);
    fixture.reassembler.finish();
    EXPECT_EQ(fixture.events.size(), 2u);
    EXPECT_EQ(fixture.events[0].records, 4u);
    EXPECT(!fixture.events[1].partial);
    EXPECT_EQ(fixture.type_names, "NEW_KIND OTHER ALONE ");
    EXPECT_EQ(fixture.reassembler.in_flight_bytes(), 0u);
  });
  claim("a user record is an event of its own at once", [] {
    Fixture fixture;
    fixture.add("USER_LOGIN", 5, 0);
    EXPECT_EQ(fixture.events.size(), 1u);
    EXPECT(!fixture.events[0].partial);
  });
  claim("an event cut short waits two seconds, not longer, and is partial", [] {
    Fixture fixture;
    fixture.add("SYSCALL", 5, kSecond);
    fixture.reassembler.expire(3 * kSecond - 1);
    EXPECT(fixture.events.empty());
    fixture.add("SYSCALL", 6, 3 * kSecond - 1);
    fixture.reassembler.expire(3 * kSecond);
    EXPECT_EQ(fixture.events.size(), 1u);
    EXPECT(fixture.events[0].partial);
    EXPECT_EQ(fixture.counters.partial_timeout.get(), 1u);
  });
  claim("a kernel record that has no syscall is whole when its time is up", [] {
    Fixture fixture;
    fixture.add("CONFIG_CHANGE", 5, 0);
    fixture.reassembler.expire(2 * kSecond);
    EXPECT_EQ(fixture.events.size(), 1u);
    EXPECT(!fixture.events[0].partial);
  });
  claim("an event that lost a PATH record is partial although it has its end", [] {
    Fixture fixture;
    fixture.add("SYSCALL", 5, 0, 2);
    fixture.add("PATH", 5, 0);
    fixture.add("EOE", 5, 0);
    EXPECT(fixture.events.at(0).partial);
    EXPECT_EQ(fixture.counters.partial_lost.get(), 1u);
  });
  claim("auxiliary records without their SYSCALL are a partial event", [] {
    Fixture fixture;
    fixture.add("CWD", 5, 0);
    fixture.add("EOE", 5, 0);
    EXPECT(fixture.events.at(0).partial);
  });
  claim("a record after the end of its event is dropped and counted, not a new event", [] {
    Fixture fixture;
    for (const char* type : {"SYSCALL", "PROCTITLE", "EOE", "CWD"}) fixture.add(type, 5, 0);
    fixture.reassembler.finish();
    EXPECT_EQ(fixture.events.size(), 1u);
    EXPECT_EQ(fixture.counters.dropped_late.get(), 1u);
  });
}

void claim_log() {
  claim("in a log PROCTITLE ends an event, and a later EOE is no event", [] {
    Fixture fixture;
    fixture.reassembler.expect_eoe(false);
    for (const char* type : {"SYSCALL", "CWD", "PROCTITLE", "EOE"}) fixture.add(type, 5, 0);
    EXPECT_EQ(fixture.events.size(), 1u);
    EXPECT_EQ(fixture.counters.ignored_eoe.get(), 1u);
  });
  claim("records in any order make the same event", [] {
    std::vector<std::string> types = {"SYSCALL", "PATH", "CWD", "PROCTITLE"};
    std::sort(types.begin(), types.end());
    do {
      Fixture fixture;
      fixture.reassembler.expect_eoe(false);
      for (const std::string& type : types) fixture.add(type, 5, 0, type == "SYSCALL" ? 1 : 0);
      fixture.reassembler.finish();
      EXPECT(fixture.events.at(0).records + fixture.counters.dropped_late.get() == 4);
      EXPECT(!fixture.events.at(0).partial);
      EXPECT_EQ(fixture.events.size(), 1u);
    } while (std::next_permutation(types.begin(), types.end()));
  });
  claim("where a log has no PROCTITLE at all, events of full count are whole", [] {
    Fixture fixture;
    fixture.reassembler.expect_eoe(false);
    fixture.add("SYSCALL", 5, 0, 1);
    fixture.add("PATH", 5, 0);
    fixture.add("SYSCALL", 6, 0, 1);
    fixture.reassembler.finish();
    EXPECT(!fixture.events.at(0).partial);
    EXPECT(fixture.events.at(1).partial);
  });
  claim("the same serial of another node or another time is another event", [] {
    Fixture fixture;
    fixture.reassembler.expect_eoe(false);
    for (const char* type : {"SYSCALL", "PROCTITLE"}) {
      for (const char* node : {"node=a ", "node=b ", ""}) {
        for (const char* time : {"1.000", "1.001"}) {
          fixture.add(std::string(node) + "type=" + type + " msg=audit(" + time + ":4): a=1");
        }
      }
    }
    EXPECT_EQ(fixture.events.size(), 6u);
    for (const SeenEvent& each : fixture.events) EXPECT_EQ(each.records, 2u);
  });
  claim("serials that roll over or step back lose nothing", [] {
    Fixture fixture;
    for (uint32_t serial : {4294967294u, 0u, 4294967295u, 1u, 500u, 499u, 2u}) {
      fixture.add("SYSCALL", serial, 0);
    }
    fixture.reassembler.finish();
    EXPECT_EQ(fixture.events.size(), 7u);
  });
}

void claim_limits() {
  claim("beyond max_events the oldest is handed on early, partial", [] {
    Fixture fixture({.max_events = 3});
    for (uint32_t serial = 1; serial <= 5; serial++) fixture.add("SYSCALL", serial, 0);
    EXPECT_EQ(fixture.reassembler.in_flight(), 3u);
    EXPECT_EQ(fixture.events.size(), 2u);
    EXPECT_EQ(fixture.events[0].serial, 1u);
    EXPECT(fixture.events[0].partial);
    EXPECT_EQ(fixture.counters.partial_evicted.get(), 2u);
  });
  claim("beyond max_bytes the oldest go first and the newest stays", [] {
    Fixture fixture({.max_bytes = 2000, .max_event_bytes = 1000});
    for (uint32_t serial = 1; serial <= 100; serial++) {
      fixture.add("SYSCALL", serial, 0);
      EXPECT(fixture.reassembler.in_flight_bytes() <= 2000);
    }
    EXPECT(fixture.reassembler.in_flight() > 1);
    fixture.reassembler.finish();
    EXPECT_EQ(fixture.events.size(), 100u);
  });
  claim("an event beyond its own limit drops records, counts them and is partial", [] {
    Fixture fixture({.max_event_bytes = 300});
    for (int i = 0; i < 10; i++) fixture.add("SYSCALL", 1, 0);
    fixture.add("EOE", 1, 0);
    EXPECT_EQ(fixture.events.size(), 1u);
    EXPECT(fixture.events[0].partial);
    EXPECT_EQ(fixture.events[0].records + fixture.counters.dropped_too_big.get(), 10u);
  });
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// What the logs of the corpus hold, counted by a plain map instead of by the reassembler.
void claim_corpus() {
  for (const char* name : {"normal", "out_of_order", "rollover"}) {
    claim(std::string("corpus: ") + name + ".log gives each event once, whole and unmixed", [name] {
      const std::string path = corpus_folder() + "/go-libaudit/reassemble/" + name + ".log";
      if (!is_there(path)) return;
      Fixture fixture;
      fixture.reassembler.expect_eoe(false);
      std::map<std::pair<uint64_t, uint32_t>, size_t> expected;
      for (const std::string& line : lines_of(read_file(path))) {
        const auto record = parse_log_line(line);
        EXPECT(record.has_value());
        expected[{record->id.time_ns, record->id.serial}]++;
        fixture.reassembler.add(*record, 0);
      }
      fixture.reassembler.finish();
      EXPECT_EQ(fixture.events.size(), expected.size());
      size_t matching = 0;
      for (const SeenEvent& each : fixture.events) {
        for (const auto& [id, records] : expected)
          matching += id.second == each.serial && records == each.records;
      }
      EXPECT_EQ(matching, expected.size());
      EXPECT_EQ(fixture.counters.dropped_late.get(), 0u);
      std::printf("  %s: %zu events\n", name, fixture.events.size());
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  claim_live();
  claim_log();
  claim_limits();
  claim_corpus();
  return run_claims(argc, argv);
}
