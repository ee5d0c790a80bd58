#include "pipeline/record_tables.h"

#include <cstdlib>
#include <filesystem>

#include "check.h"
#include "decode/audit_decoder.h"
#include "store/event_table.h"
#include "store/generated/event_tables.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct NoEvents : EventSink {
  void on_process(const ProcessEvent&) override {}
  void on_socket(const SocketEvent&) override {}
};

/// The four tables in a directory of their own, fed through the decoder.
struct Fixture {
  Fixture() {
    char pattern[] = "/tmp/auditql-records-XXXXXX";
    directory = ::mkdtemp(pattern);
    health = HealthRegion::create(directory + "/health").take();
    RecordTablesOptions options;
    options.user_events = open(kUserEvents, user);
    options.seccomp_events = open(kSeccompEvents, seccomp);
    options.selinux_events = open(kSelinuxEvents, selinux);
    options.apparmor_events = open(kApparmorEvents, apparmor);
    options.find_process = [](int32_t pid) -> std::optional<Identity> {
      if (pid != 7) return std::nullopt;
      Identity identity;
      identity.process.bytes.fill(0xab);
      return identity;
    };
    tables = std::make_unique<RecordTables>(std::move(options));
    AuditDecoderOptions decoding;
    decoding.raw_sink = tables.get();
    decoder = std::make_unique<AuditDecoder>(no_events, *health, decoding);
  }
  ~Fixture() { std::filesystem::remove_all(directory); }

  EventTable* open(const TableSpec& spec, std::unique_ptr<EventTable>& table) {
    table = EventTable::open(spec, {directory, {}}, *health).take();
    return table.get();
  }
  void feed(std::string_view log) {
    decoder->feed_log(log);
    decoder->finish();
  }
  uint64_t rows(const EventTable& table) const { return table.next_eid() - 1; }
  uint64_t ignored(const char* type) {
    return health->counter({"decode", "audit", "ignored", type}).get();
  }

  std::string directory;
  std::shared_ptr<HealthRegion> health;
  std::unique_ptr<EventTable> user, seccomp, selinux, apparmor;
  NoEvents no_events;
  std::unique_ptr<RecordTables> tables;
  std::unique_ptr<AuditDecoder> decoder;
};

void claim_destinations() {
  claim("each record goes to the table of its kind, by module where types are shared", [] {
    Fixture fixture;
    fixture.feed(
        "type=USER_LOGIN msg=audit(1700000000.250:1): pid=7 uid=0 msg='op=login res=success'\n"
        "type=SECCOMP msg=audit(1700000000.250:2): pid=7 arch=c000003e syscall=1 code=0x0\n"
        "type=AVC msg=audit(1700000000.250:3): avc:  denied  { read } for  pid=7\n"
        "type=AVC msg=audit(1700000000.250:4): apparmor=\"DENIED\" pid=7\n"
        "type=USER_AVC msg=audit(1700000000.250:5): pid=7 msg='apparmor=\"DENIED\" label=\"x\"'\n"
        "type=ANOM_LOGIN_FAILURES msg=audit(1700000000.250:6): pid=7 uid=0 msg='op=x'\n");
    EXPECT_EQ(fixture.rows(*fixture.user), 2u);
    EXPECT_EQ(fixture.rows(*fixture.seccomp), 1u);
    EXPECT_EQ(fixture.rows(*fixture.selinux), 1u);
    EXPECT_EQ(fixture.rows(*fixture.apparmor), 2u);
  });
  claim("events without such a record stay ignored, and are counted so", [] {
    Fixture fixture;
    fixture.feed("type=CONFIG_CHANGE msg=audit(1700000000.250:1): op=set audit_enabled=1\n");
    EXPECT_EQ(fixture.rows(*fixture.user), 0u);
    EXPECT_EQ(fixture.ignored("CONFIG_CHANGE"), 1u);
  });
}

void claim_malformed() {
  claim("records that are cut anywhere are stored without harm", [] {
    Fixture fixture;
    const std::string lines[] = {
        "pid=7 uid=0 auid=1 ses=2 subj=u msg='op=PAM:x acct=6162 exe=\"/bin/su\" res=failed'",
        "avc:  denied  { read write } for  pid=7 comm=\"x\" scontext=a permissive=0",
        "apparmor=\"DENIED\" operation=\"open\" profile=2F61 name=\"/b\" pid=7 fsuid=0 error=-13",
        "auid=1 pid=7 comm=\"a\" exe=2F78 sig=31 arch=c000003e syscall=59 ip=0x1 code=0x50001",
    };
    const char* types[] = {"USER_CMD", "AVC", "AVC", "SECCOMP"};
    std::string log;
    int serial = 0;
    for (size_t i = 0; i < 4; i++) {
      for (size_t size = 0; size <= lines[i].size(); size++) {
        log += std::string("type=") + types[i] +
               " msg=audit(1700000000.250:" + std::to_string(++serial) +
               "): " + lines[i].substr(0, size) + "\n";
      }
    }
    fixture.feed(log);
    const uint64_t stored = fixture.rows(*fixture.user) + fixture.rows(*fixture.selinux) +
                            fixture.rows(*fixture.apparmor) + fixture.rows(*fixture.seccomp);
    EXPECT_EQ(stored, static_cast<uint64_t>(serial));
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_destinations();
  claim_malformed();
  return run_claims(argc, argv);
}
