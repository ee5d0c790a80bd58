#include "rows/record_tables.h"

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
  explicit Fixture(const std::vector<Exclusion>& exclude = {}) {
    char pattern[] = "/tmp/auditql-records-XXXXXX";
    directory = ::mkdtemp(pattern);
    health = HealthRegion::create(directory + "/health").take();
    RecordTablesOptions options;
    options.user_events = open(kUserEvents, user);
    options.seccomp_events = open(kSeccompEvents, seccomp);
    options.selinux_events = open(kSelinuxEvents, selinux);
    options.apparmor_events = open(kApparmorEvents, apparmor);
    options.find_process = [](int32_t pid, uint64_t) -> std::optional<Identity> {
      if (pid != 7) return std::nullopt;
      Identity identity;
      identity.process.bytes.fill(0xab);
      return identity;
    };
    ProcessTableOptions processes_of_log;
    processes_of_log.health = health.get();
    processes = std::make_unique<ProcessTable>(processes_of_log);
    filter = std::make_unique<ExclusionFilter>(ExclusionFilterOptions{exclude}, *health);
    exclusions = std::make_unique<EventExclusions>(*filter, processes.get());
    options.exclusions = exclusions.get();
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
  std::unique_ptr<ProcessTable> processes;
  std::unique_ptr<ExclusionFilter> filter;
  std::unique_ptr<EventExclusions> exclusions;
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

/// One record of each table, and an SELinux denial within a call.
constexpr const char* kRecords =
    "type=USER_LOGIN msg=audit(1700000000.250:1): pid=7 uid=0 auid=1000 ses=3"
    " subj=system_u:system_r:sshd_t:s0 msg='op=login exe=\"/usr/sbin/sshd\" res=success'\n"
    "type=SECCOMP msg=audit(1700000000.250:2): auid=1000 uid=5 gid=5 ses=3 pid=8 comm=\"b\""
    " exe=\"/opt/browser\" sig=31 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x80000000\n"
    "type=AVC msg=audit(1700000000.250:3): avc:  denied  { read } for  pid=9 comm=\"h\""
    " scontext=system_u:system_r:httpd_t:s0 tcontext=u:r:t:s0 tclass=file permissive=0\n"
    "type=AVC msg=audit(1700000000.250:4): avc:  denied  { write } for  pid=10 comm=\"x y\""
    " scontext=system_u:system_r:init_t:s0 tcontext=u:r:t:s0 tclass=file permissive=0\n"
    "type=SYSCALL msg=audit(1700000000.250:4): arch=c000003e syscall=257 success=no exit=-13 a0=1"
    " a1=2 a2=3 a3=4 items=0 ppid=1 pid=10 auid=4294967295 uid=33 gid=33 euid=33 suid=33 fsuid=33"
    " egid=33 sgid=33 fsgid=33 tty=(none) ses=4294967295 comm=78 exe=2F782079"
    " subj=system_u:system_r:init_t:s0 key=(null)\n"
    "type=AVC msg=audit(1700000000.250:5): apparmor=\"DENIED\" operation=\"open\" profile=\"p\""
    " name=\"/n\" pid=11 comm=\"c\" fsuid=33 ouid=0\n";

void claim_exclusions() {
  const auto counts = [](const Exclusion& exclusion) {
    Fixture fixture({exclusion});
    fixture.feed(kRecords);
    return std::vector<uint64_t>{
        fixture.rows(*fixture.user), fixture.rows(*fixture.seccomp), fixture.rows(*fixture.selinux),
        fixture.rows(*fixture.apparmor),
        fixture.health->counter({"capture", exclusion.text(), "excluded"}).get()};
  };
  using Counts = std::vector<uint64_t>;
  claim("exclusions hold for records of user space, seccomp and security modules", [=] {
    Exclusion exclusion;
    exclusion.uid = 999;
    EXPECT(counts(exclusion) == (Counts{1, 1, 2, 1, 0}));
    exclusion = {};
    exclusion.exe = "/usr/sbin/sshd";
    EXPECT(counts(exclusion) == (Counts{0, 1, 2, 1, 1}));
    exclusion = {};
    exclusion.exe_prefix = "/opt/";
    EXPECT(counts(exclusion) == (Counts{1, 0, 2, 1, 1}));
    exclusion = {};
    exclusion.subject_type = "httpd_t";
    EXPECT(counts(exclusion) == (Counts{1, 1, 1, 1, 1}));
    exclusion = {};
    exclusion.auid = 1000;
    EXPECT(counts(exclusion) == (Counts{0, 0, 2, 1, 2}));
    exclusion = {};
    exclusion.syscalls = {"socket"};
    EXPECT(counts(exclusion) == (Counts{1, 0, 2, 1, 1}));
  });
  claim("a record that came with a call is that of the caller", [=] {
    Exclusion exclusion;
    exclusion.exe = "/x y";
    EXPECT(counts(exclusion) == (Counts{1, 1, 1, 1, 1}));
    exclusion = {};
    exclusion.uid = 33;
    exclusion.auid = 4294967295u;
    exclusion.syscalls = {"openat"};
    EXPECT(counts(exclusion) == (Counts{1, 1, 1, 1, 1}));
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
  claim_exclusions();
  claim_malformed();
  return run_claims(argc, argv);
}
