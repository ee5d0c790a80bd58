#include "capture/audit_state_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "capture/audit_config_guard.h"
#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

AuditStateFile example() {
  AuditStateFile journal = AuditStateFile::of_this_process();
  journal.found.failure = 1;
  journal.found.backlog_limit = 64;
  journal.found.backlog_wait_time = 15000;
  journal.set = journal.found;
  journal.set.enabled = 1;
  journal.keyless_rules = {std::string("\x00\xff rule", 7)};
  return journal;
}

std::string folder;

}  // namespace

int main(int argc, char** argv) {
  char name[] = "/tmp/auditql-journal-XXXXXX";
  folder = ::mkdtemp(name);
  const std::string path = folder + "/audit-status";

  claim("a journal reads back as written, with mode 0600", [&] {
    const AuditStateFile journal = example();
    EXPECT(journal.write(path).ok());
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0600U);
    const auto read = AuditStateFile::read(path);
    EXPECT(read.ok() && read.value().has_value());
    if (!read.ok() || !read.value()) return;
    EXPECT_EQ(read.value()->to_text(), journal.to_text());
    EXPECT_EQ(read.value()->keyless_rules[0], journal.keyless_rules[0]);
    EXPECT(read.value()->writer_lives());
    EXPECT(!std::filesystem::exists(path + ".new"));
  });

  claim("no journal is nothing; a cut or foreign file is an error, never a status", [&] {
    EXPECT(!AuditStateFile::read(folder + "/none").value().has_value());
    const std::string text = example().to_text();
    for (size_t cut = 0; cut < text.size() - 1; cut++) {
      EXPECT(!AuditStateFile::parse(text.substr(0, cut)).ok());
    }
    EXPECT(!AuditStateFile::parse("enabled=1\nend=1\n").ok());
  });

  claim("a symbolic link in the place of the journal is not followed", [&] {
    const std::string link = folder + "/link";
    EXPECT_EQ(::symlink(path.c_str(), link.c_str()), 0);
    EXPECT(!AuditStateFile::read(link).ok());
  });

  claim("the writer is told from a later process with its pid", [&] {
    AuditStateFile journal = example();
    journal.pid_start++;
    EXPECT(!journal.writer_lives());
  });

  claim("a writer that was killed and not yet reaped does not live", [&] {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      EXPECT(AuditStateFile::of_this_process().write(path).ok());
      (void)!::write(ready[1], "r", 1);
      ::pause();
      ::_exit(0);
    }
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), ssize_t{1});
    const AuditStateFile journal = *AuditStateFile::read(path).take();
    EXPECT_EQ(journal.pid, static_cast<uint32_t>(child));
    EXPECT(journal.writer_lives());
    ::kill(child, SIGKILL);
    siginfo_t ended;
    ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
    EXPECT(!journal.writer_lives());
    ::waitpid(child, nullptr, 0);
    EXPECT(!journal.writer_lives());
  });

  claim("a journal of an earlier boot is deleted and nothing is restored from it", [&] {
    AuditStateFile journal = example();
    journal.boot_id = "00000000-0000-0000-0000-000000000000";
    EXPECT(journal.write(path).ok());
    EXPECT(restore_after_crash(path).value() == CrashRestore::nothing_to_do);
    EXPECT(!std::filesystem::exists(path));
    EXPECT(restore_after_crash(path).value() == CrashRestore::nothing_to_do);
  });

  claim("a journal whose writer lives is left alone", [&] {
    AuditStateFile journal = example();
    journal.pid = static_cast<uint32_t>(::getppid());
    std::ifstream stat("/proc/" + std::to_string(journal.pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    size_t at = text.rfind(')');
    for (int field = 2; field < 22; field++) at = text.find(' ', at + 1);
    journal.pid_start = std::stoull(text.substr(at + 1));
    EXPECT(journal.write(path).ok());
    const auto restored = restore_after_crash(path);
    EXPECT(!restored.ok());
    if (!restored.ok()) EXPECT_EQ(restored.error().code, std::string("audit_in_use"));
    EXPECT(std::filesystem::exists(path));
  });
  const int result = run_claims(argc, argv);
  std::filesystem::remove_all(folder);
  return result;
}
