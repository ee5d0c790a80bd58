#include "decode/record.h"

#include "check.h"
#include "decode/audit_names.h"
#include "decode/field_value.h"
#include "decode/record_type.h"
#include "decode/syscall_kind.h"
#include "decode/syscall_record.h"
#include "parse_record.h"

using namespace auditql;
using auditql::test::claim;
using auditql::test::parse_log_line;

namespace {

std::string fields_of(std::string_view body) {
  std::string out;
  FieldReader reader(body);
  for (Field field; reader.next(field);) {
    out += std::string(field.name) + "<" + std::string(field.value) + ">";
  }
  return out;
}

const std::string kCall =
    "arch=c000003e syscall=59 success=yes exit=0 a0=55b7 a1=1 a2=2 a3=aeb31a45567dd755 items=2 "
    "ppid=24952 pid=24979 auid=4294967295 uid=1 gid=2 euid=3 suid=4 fsuid=5 egid=6 sgid=7 fsgid=8 "
    "tty=(none) ses=42 comm=\"auditctl\" exe=\"/usr/sbin/auditctl\"";

void expect_call(const SyscallRecord& call) {
  EXPECT(call.arch == Arch::x86_64);
  EXPECT_EQ(call.number, 59);
  EXPECT(call.outcome.known && call.outcome.success);
  EXPECT_EQ(call.arguments[3], 0xaeb31a45567dd755u);
  EXPECT_EQ(call.items, 2u);
  EXPECT_EQ(call.parent, 24952);
  EXPECT_EQ(call.pid, 24979);
  EXPECT_EQ(call.credentials.auid, kUnsetId);
  EXPECT_EQ(call.credentials.uid, 1u);
  EXPECT_EQ(call.credentials.fsgid, 8u);
  EXPECT_EQ(call.credentials.session, 42u);
  EXPECT_EQ(call.tty, "(none)");
  EXPECT_EQ(call.exe, "\"/usr/sbin/auditctl\"");
}

void claim_lines() {
  claim("a log line gives type, time, serial and body", [] {
    const auto record =
        parse_log_line("type=CWD msg=audit(1364481363.243:24287):  cwd=\"/tmp\"\r\n");
    EXPECT(record.has_value());
    EXPECT_EQ(record->type, record_type::cwd);
    EXPECT_EQ(record->id.time_ns, 1364481363243000000u);
    EXPECT_EQ(record->id.serial, 24287u);
    EXPECT_EQ(record->body, "cwd=\"/tmp\"");
    EXPECT_EQ(record->text, "audit(1364481363.243:24287):  cwd=\"/tmp\"");
  });
  claim("node= and the enriched part are taken apart", [] {
    const auto record =
        parse_log_line("node=web-1 type=LOGIN msg=audit(1.000:4294967295): uid=0\x1dUID=\"root\"");
    EXPECT(record.has_value());
    EXPECT_EQ(record->id.node, "web-1");
    EXPECT_EQ(record->id.serial, 4294967295u);
    EXPECT_EQ(record->body, "uid=0");
    EXPECT_EQ(record->enriched, "UID=\"root\"");
  });
  claim("a type that has no name is read by its number", [] {
    EXPECT_EQ(parse_log_line("type=UNKNOWN[1499] msg=audit(1.0:1): x=1")->type, 1499);
    EXPECT_EQ(parse_log_line("type=1309 msg=audit(1.0:1): argc=0")->type, record_type::execve);
  });
  claim("a type that has no number keeps its name", [] {
    for (const char* name : {"NOPE", "UNKNOWN[99999]", "70000", "0", "UNKNOWN[]"}) {
      const std::string line = "type=" + std::string(name) + " msg=audit(1.0:1): x=1";
      const auto record = parse_log_line(line);
      EXPECT(record.has_value());
      EXPECT_EQ(record->type, 0);
      EXPECT_EQ(record->type_name, name);
      EXPECT_EQ(record->body, "x=1");
    }
    EXPECT_EQ(parse_log_line("type=CWD msg=audit(1.0:1): x=1")->type_name, "");
    const std::string longest(64, 'A');
    EXPECT(parse_log_line("type=" + longest + " msg=audit(1.0:1): x").has_value());
    EXPECT(!parse_log_line("type=" + longest + "A msg=audit(1.0:1): x").has_value());
  });
  claim("a line is read behind other text, and in the kernel's own form", [] {
    const std::string record = "type=SYSCALL msg=audit(1700000000.100:10): arch=c000003e pid=1";
    struct Form {
      std::string line, node;
    };
    const std::string kernel = "audit(1700000000.100:10): arch=c000003e pid=1";
    const Form forms[] = {
        {"node=web server " + record, "web server"},
        {"node=web  " + record, "web"},
        {"node=a b=c " + record, "a b=c"},
        {" " + record, ""},
        {"\t" + record, ""},
        {"\xef\xbb\xbf" + record, ""},
        {"\xef\xbb\xbfnode=h " + record, "h"},
        {std::string(3, '\0') + record, ""},
        {"Nov 30 12:00:00 h audisp-syslog[33]: node=n " + record, "n"},
        {"<14>1 2026-11-30T12:00:00Z h audispd - - - " + record, ""},
        {"arch=c000003e syscall=5" + std::string(1, '\0') + "9 " + record, ""},
        {"type=SYSCALL  msg=" + kernel, ""},
        {"type=1300 msg=" + kernel, ""},
        {"type=UNKNOWN[1300] msg=" + kernel, ""},
        {"audit: type=1300 " + kernel, ""},
        {"[   12.345678] audit: type=1300 " + kernel, ""},
        {"Nov 30 12:00:00 h kernel: audit: type=1300 " + kernel, ""},
        {"type=1300 " + kernel, ""},
        {record + "\r", ""},
    };
    for (const auto& [line, node] : forms) {
      const auto found = parse_log_line(line);
      EXPECT(found.has_value());
      if (!found) {
        std::printf("    %s\n", line.c_str());
        continue;
      }
      EXPECT_EQ(found->type, 1300);
      EXPECT_EQ(found->id.node, node);
      EXPECT_EQ(found->id.serial, 10u);
      EXPECT_EQ(found->body, "arch=c000003e pid=1");
    }
  });
  claim("text that is no record is refused, whatever words are in it", [] {
    for (const char* line :
         {"Nov 30 12:00:00 h kernel: audit: backlog limit exceeded",
          "subtype=SYSCALL msg=audit(1700000000.100:10): a=1", "type=SYSCALL msg=audit(17",
          "type=SYSCALL see msg=audit(1.0:1): a=1", "node=h type= msg=audit(1.0:1): a=1",
          "h audit[33]: SYSCALL arch=c000003e syscall=59", "node=h", "type=type=type="}) {
      EXPECT(!parse_log_line(line).has_value());
    }
    EXPECT(
        !parse_log_line("node=" + std::string(256, 'n') + " type=CWD msg=audit(1.0:1): cwd=\"/\""));
  });
  claim("the first record of a line is it, and what looks like another is its text", [] {
    const auto found = parse_log_line(
        "type=USER msg=audit(1.000:1): msg='x type=SYSCALL msg=audit(2.000:2): a=1'");
    EXPECT_EQ(found->id.serial, 1u);
  });
  claim("syslog's form of the separator parts the enriched fields", [] {
    const auto found = parse_log_line(
        "h audisp-syslog: type=CWD msg=audit(1.0:1): cwd=\"/a#035b\"#035UID=\"root\"");
    EXPECT_EQ(found->body, "cwd=\"/a#035b\"");
    EXPECT_EQ(found->enriched, "UID=\"root\"");
  });
  claim("what is not an audit record is refused", [] {
    for (const char* line :
         {"", "type=", "type=CWD", "type=CWD msg=", "type=CWD msg=audit(",
          "type=CWD msg=audit(1.0:1", "type=CWD msg=audit(1.0:4294967296): x",
          "type=CWD msg=audit(x.0:1): x", "hello world", "type= msg=audit(1.0:1): x",
          "type=NOPE msg=audit(1.0): x", "type=CWD msg=audit(99999999999999999999.0:1): x",
          "type=CWD msg=audit(1.0123456789:1): x"}) {
      EXPECT(!parse_log_line(line).has_value());
    }
  });
}

void claim_fields() {
  claim("quoted, single-quoted, bare and null values are single fields", [] {
    EXPECT_EQ(fields_of(R"(a="x y" b='1 2' c=d key=(null)ARCH=x86_64 e=)"),
              R"(a<"x y">b<'1 2'>c<d>key<(null)>ARCH<x86_64>e<>)");
  });
  claim("words that are no fields are skipped", [] {
    EXPECT_EQ(fields_of("avc:  denied  { read } for  pid=1 comm=\"a\""), "pid<1>comm<\"a\">");
  });
  claim("msg='…' reaches to the last quote of the record", [] {
    EXPECT_EQ(fields_of("pid=1 msg='op=x acct=\"o'brien\" res=success'"),
              "pid<1>msg<'op=x acct=\"o'brien\" res=success'>");
  });
  claim("a label of AppArmor has its mode, and blanks, in it", [] {
    EXPECT_EQ(fields_of("subj=/usr/sbin/cupsd (enforce)"), "subj</usr/sbin/cupsd (enforce)>");
    EXPECT_EQ(fields_of("ses=1 subj=docker-default (enforce) msg='op=x'"),
              "ses<1>subj<docker-default (enforce)>msg<'op=x'>");
    EXPECT_EQ(fields_of("old-subj=a//&b (mixed) new-subj=/opt/My App/run (complain) res=1"),
              "old-subj<a//&b (mixed)>new-subj</opt/My App/run (complain)>res<1>");
    EXPECT_EQ(fields_of("obj=unlabeled_t (kill) nametype=NORMAL obj_apparmor=x (unconfined)"),
              "obj<unlabeled_t (kill)>nametype<NORMAL>obj_apparmor<x (unconfined)>");
    EXPECT_EQ(fields_of("subj==unconfined a=1"), "subj<=unconfined>a<1>");
  });
  claim("what follows a label, or another field, in brackets is no mode", [] {
    EXPECT_EQ(fields_of("subj=a:b:c old auid=1 new auid=2"), "subj<a:b:c>auid<1>auid<2>");
    EXPECT_EQ(fields_of("subj=a (hostname=b, addr=c)"), "subj<a>hostname<b,>addr<c)>");
    EXPECT_EQ(fields_of("subj=a () b=1 subj=a (enforce"), "subj<a>b<1>subj<a>");
    EXPECT_EQ(fields_of("op=x (enforce) objtype=y (kill)"), "op<x>objtype<y>");
  });
  claim("an unclosed quote takes the rest and no more", [] {
    EXPECT_EQ(fields_of("a=\"bc d=e"), "a<\"bc d=e>");
    EXPECT_EQ(fields_of("a=\""), "a<\">");
  });
}

void claim_values() {
  claim("text is quoted or hex; hex digits in quotes are text", [] {
    ByteArena arena;
    arena.reset(64);
    EXPECT_EQ(*decode_text("\"4142\"", arena), "4142");
    EXPECT_EQ(*decode_text("4142", arena), "AB");
    EXPECT_EQ(*decode_text("\"\"", arena), "");
    EXPECT_EQ(*decode_text("abc", arena), "abc");
    EXPECT_EQ(*decode_text("6G", arena), "6G");
    EXPECT(!decode_text("(null)", arena).has_value());
    EXPECT(*decode_text("610062", arena) == std::string_view("a\0b", 3));
  });
}

void claim_calls() {
  claim("a SYSCALL in the kernel's order is read", [] {
    const std::string body = kCall + " subj=a:b:c key=\"exec\"";
    const SyscallRecord call = parse_syscall(body);
    expect_call(call);
    EXPECT_EQ(call.subject, "a:b:c");
    EXPECT_EQ(call.key, "\"exec\"");
  });
  claim("a label with spaces stays whole, and a glued enriched part is left out", [] {
    const std::string body = kCall + " subj=docker (enforce) key=(null)ARCH=x86_64";
    const SyscallRecord call = parse_syscall(body);
    EXPECT_EQ(call.subject, "docker (enforce)");
    EXPECT_EQ(call.key, "(null)");
  });
  claim("a SYSCALL in another order, or with new fields, is read as well", [] {
    for (const std::string& body :
         {"new=1 " + kCall + " key=(null)", kCall, "pid=24979 " + kCall}) {
      expect_call(parse_syscall(body));
    }
  });
  claim("exit_group has no outcome", [] {
    const SyscallRecord call =
        parse_syscall("arch=c000003e syscall=231 a0=7 a1=0 a2=0 a3=0 items=0");
    EXPECT(!call.outcome.known);
    EXPECT_EQ(call.arguments[0], 7u);
  });
  claim("x32 calls are told from x86_64 ones", [] {
    const SyscallRecord call = parse_syscall("arch=c000003e syscall=1073742344 success=yes exit=0");
    EXPECT(call.arch == Arch::x32);
    EXPECT_EQ(syscall_name(call.arch, call.number), "execve");
    EXPECT(syscall_kind(call.arch, call.number) == SyscallKind::exec);
  });
}

void claim_names() {
  claim("a number means another call on another machine", [] {
    EXPECT_EQ(syscall_name(Arch::x86_64, 11), "munmap");
    EXPECT_EQ(syscall_name(Arch::i386, 11), "execve");
    EXPECT_EQ(syscall_name(Arch::aarch64, 221), "execve");
    EXPECT_EQ(syscall_name(Arch::riscv64, 258), "riscv_hwprobe");
    EXPECT_EQ(syscall_name(Arch::arm, 983045), "set_tls");
    EXPECT_EQ(syscall_name(Arch::s390x, 120), "clone");
    EXPECT_EQ(syscall_name(Arch::ppc64le, 11), "execve");
    EXPECT_EQ(syscall_name(Arch::x86_64, -1), "");
    EXPECT_EQ(syscall_name(Arch::x86_64, 1 << 30), "");
    EXPECT_EQ(syscall_number(Arch::x86_64, "clone3"), 435);
    EXPECT_EQ(syscall_number(Arch::aarch64, "fork"), -1);
  });
  claim("record types, errnos, families, capabilities and signals have names", [] {
    EXPECT_EQ(record_type_name(1300), "SYSCALL");
    EXPECT_EQ(record_type_name(1425), "MAC_TASK_CONTEXTS");
    EXPECT_EQ(record_type_name(65535), "");
    EXPECT_EQ(record_type_number("DAEMON_START"), 1200);
    EXPECT_EQ(record_type_number("nope"), 0);
    EXPECT_EQ(errno_name(115), "EINPROGRESS");
    EXPECT_EQ(errno_name(11), "EAGAIN");
    EXPECT_EQ(socket_family_name(10), "inet6");
    EXPECT_EQ(socket_family_name(1), "unix");
    EXPECT_EQ(signal_name(9), "SIGKILL");
  });
  claim("every record type's name leads back to its number", [] {
    for (int type = 1000; type < 3000; type++) {
      const std::string_view name = record_type_name(static_cast<uint16_t>(type));
      if (!name.empty()) EXPECT_EQ(record_type_number(name), type);
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_lines();
  claim_fields();
  claim_values();
  claim_calls();
  claim_names();
  return test::run_claims(argc, argv);
}
