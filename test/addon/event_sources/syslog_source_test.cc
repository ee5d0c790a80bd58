#include "event_sources/syslog_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "check.h"
#include "event_rows.h"
#include "event_sources/syslog_line.h"

using namespace auditql;
using namespace auditql::test;

namespace {

using C = SyslogEventsColumn;

constexpr const char* kLine =
    "\"2026-11-21T10:00:00.5+00:00\",\"host\",\"4\",\"authpriv\",\"sshd[7]:\",\" said \"\"no\"\", "
    "twice\"";

struct Fixture {
  explicit Fixture(uint32_t max_lines = 0)
      : path(folder / "pipe"),
        health(HealthRegion::in_memory()),
        rows(kSyslogEvents, folder.path, *health),
        source(std::make_unique<SyslogSource>(SyslogOptions{path, max_lines}, rows.table(),
                                              *health)) {}
  uint64_t counter(std::string_view metric, std::string_view reason = {}) {
    return health->counter({"capture", "syslog_events", metric, reason}).get();
  }
  /// As rsyslog's ompipe opens it, but for that it waits until there is room.
  void write(std::string_view text) {
    const UniqueFd pipe(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    EXPECT(::write(pipe.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  uint64_t stored() { return rows.table().next_eid() - 1; }

  ScratchFolder folder;
  std::string path;
  std::unique_ptr<HealthRegion> health;
  StoredTable rows;
  std::unique_ptr<SyslogSource> source;
};

void claim_lines() {
  claim("a line of rsyslog's CSV template is taken apart as osquery does", [] {
    const auto line = SyslogLine::parse(kLine);
    EXPECT(line.has_value());
    EXPECT_EQ(line->datetime, "2026-11-21T10:00:00.5+00:00");
    EXPECT_EQ(line->host, "host");
    EXPECT_EQ(int{line->severity}, 4);
    EXPECT_EQ(line->facility, "authpriv");
    EXPECT_EQ(line->tag, "sshd[7]");
    EXPECT_EQ(line->message, "said \"no\", twice");
  });
  claim("what is not such a line is none, wherever it is cut", [] {
    const std::string whole = "\"2026-11-21T10:00:00+00:00\",\"host\",\"4\",\"cron\",\"x:\",\"m\"";
    for (size_t size = 0; size < whole.size(); size++) {
      if (size + 3 == whole.size()) continue;  // an empty message
      EXPECT(!SyslogLine::parse(whole.substr(0, size)).has_value());
    }
    EXPECT(!SyslogLine::parse(whole + ",\"more\"").has_value());
    EXPECT(!SyslogLine::parse("a,b,8,d,e,f").has_value());
    EXPECT(SyslogLine::parse("a,b,7,d,e,f").has_value());
    EXPECT(SyslogLine::parse("a,b,7,d,e,").has_value());
  });
}

void claim_pipe() {
  claim("lines of the pipe are rows; those that cannot be read are counted", [] {
    Fixture fixture;
    EXPECT(fixture.source->start().ok());
    struct stat info {};
    EXPECT_EQ(::stat(fixture.path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777u, 0460u);
    fixture.write(std::string(kLine) + "\nnonsense\n" + std::string(kLine).substr(0, 40));
    fixture.write(std::string(kLine).substr(40) + "\n");
    EXPECT(eventually([&] { return fixture.stored() == 2; }));
    EXPECT_EQ(fixture.counter("seen"), 3u);
    EXPECT_EQ(fixture.counter("dropped", "malformed"), 1u);
    const auto rows =
        fixture.rows.rows({static_cast<uint16_t>(C::severity), static_cast<uint16_t>(C::tag),
                           static_cast<uint16_t>(C::message)});
    EXPECT_EQ(rows.at(1), "4|sshd[7]|said \"no\", twice");
  });
  claim("a line without end is given up, and the next one is read", [] {
    Fixture fixture;
    EXPECT(fixture.source->start().ok());
    for (int i = 0; i < 10; i++) {
      fixture.write(std::string(30'000, 'x'));
      EXPECT(eventually([&] { return i < 3 || fixture.counter("dropped", "too_long") == 1; }));
    }
    fixture.write("\n" + std::string(kLine) + "\n");
    EXPECT(eventually([&] { return fixture.stored() == 1; }));
    EXPECT_EQ(fixture.counter("dropped", "too_long"), 1u);
  });
  claim("with a rate limit the rest waits in the pipe, and nothing is lost at the end", [] {
    Fixture fixture(10);
    EXPECT(fixture.source->start().ok());
    std::string text;
    for (int i = 0; i < 100; i++) text += std::string(kLine) + "\n";
    fixture.write(text);
    EXPECT(eventually([&] { return fixture.counter("rate_limited_turns") > 0; }));
    fixture.source.reset();
    EXPECT_EQ(fixture.stored(), 100u);
  });
  claim("a pipe that was deleted is made anew", [] {
    Fixture fixture;
    EXPECT(fixture.source->start().ok());
    ::unlink(fixture.path.c_str());
    EXPECT(eventually([&] { return fixture.counter("pipe_reopened") == 1; }));
    fixture.write(std::string(kLine) + "\n");
    EXPECT(eventually([&] { return fixture.stored() == 1; }));
  });
  claim("a file in the pipe's place and a second reader are refused", [] {
    Fixture fixture;
    write_file(fixture.path, "data");
    EXPECT_EQ(fixture.source->start().error().code, "syslog_pipe_failed");
    ::unlink(fixture.path.c_str());
    EXPECT(fixture.source->start().ok());
    SyslogSource second({fixture.path, 0}, fixture.rows.table(), *fixture.health);
    EXPECT(second.start().error().message.find("already has a reader") != std::string::npos);
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_lines();
  claim_pipe();
  return run_claims(argc, argv);
}
