#include "pipeline/log_printer.h"

#include <algorithm>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr std::string_view kLog =
    "type=SYSCALL msg=audit(1700000000.001:7): arch=c000003e syscall=59 success=yes exit=0 a0=1 "
    "a1=2 a2=3 a3=4 items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 "
    "fsgid=0 tty=(none) ses=1 comm=\"x\" exe=\"/bin/x\" key=(null)\n"
    "type=EXECVE msg=audit(1700000000.001:7): argc=1 a0=\"x\"\n"
    "no audit record\n"
    "type=USER_LOGIN msg=audit(1700000000.002:8): pid=9 uid=0 msg='op=login res=success'\n";

std::string printed(LogItem item, size_t piece) {
  LogPrinter printer(item);
  std::string out;
  for (size_t at = 0; at < kLog.size(); at += piece) out += printer.feed(kLog.substr(at, piece));
  out += printer.finish();
  return out;
}

size_t lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

int main(int argc, char** argv) {
  claim("a line for each record, or for each event", [] {
    EXPECT_EQ(lines(printed(LogItem::records, kLog.size())), size_t{3});
    EXPECT_EQ(lines(printed(LogItem::events, kLog.size())), size_t{2});
  });

  claim("how the log is cut makes no difference", [] {
    for (const LogItem item : {LogItem::records, LogItem::events}) {
      const std::string whole = printed(item, kLog.size());
      for (const size_t piece : {size_t{1}, size_t{7}, size_t{100}}) {
        EXPECT_EQ(printed(item, piece), whole);
      }
    }
  });

  claim("what is no record is counted", [] {
    LogPrinter printer(LogItem::events);
    printer.feed(kLog);
    printer.finish();
    EXPECT_EQ(printer.counters().seen.get(), uint64_t{4});
    EXPECT_EQ(printer.counters().dropped_malformed.get(), uint64_t{1});
  });
  return run_claims(argc, argv);
}
