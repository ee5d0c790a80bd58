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
  AuditStateFile state = AuditStateFile::of_this_process();
  state.found.failure = 1;
  state.found.backlog_limit = 64;
  state.found.backlog_wait_time = 15000;
  state.set = state.found;
  state.set.enabled = 1;
  state.keyless_rules = {std::string("\x00\xff rule", 7)};
  return state;
}

std::string folder;

}  // namespace

int main(int argc, char** argv) {
  char name[] = "/tmp/auditql-journal-XXXXXX";
  folder = ::mkdtemp(name);
  const std::string path = folder + "/audit-status";

  claim("a state file reads back as written, with mode 0600", [&] {
    const AuditStateFile state = example();
    EXPECT(state.write(path).ok());
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0600U);
    const auto read = AuditStateFile::read(path);
    EXPECT(read.ok() && read.value().has_value());
    if (!read.ok() || !read.value()) return;
    EXPECT_EQ(read.value()->to_text(), state.to_text());
    EXPECT_EQ(read.value()->keyless_rules[0], state.keyless_rules[0]);
    EXPECT(read.value()->writer_lives());
    EXPECT(!std::filesystem::exists(path + ".new"));
  });

  claim("no state file is nothing; a cut or foreign file is an error, never a status", [&] {
    EXPECT(!AuditStateFile::read(folder + "/none").value().has_value());
    const std::string text = example().to_text();
    for (size_t cut = 0; cut < text.size() - 1; cut++) {
      EXPECT(!AuditStateFile::parse(text.substr(0, cut)).ok());
    }
    EXPECT(!AuditStateFile::parse("enabled=1\nend=1\n").ok());
  });

  claim("a symbolic link in the place of the state file is not followed", [&] {
    const std::string link = folder + "/link";
    EXPECT_EQ(::symlink(path.c_str(), link.c_str()), 0);
    EXPECT(!AuditStateFile::read(link).ok());
  });

  claim("the writer is told from a later process with its pid", [&] {
    AuditStateFile state = example();
    state.pid_start++;
    EXPECT(!state.writer_lives());
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
    const AuditStateFile state = *AuditStateFile::read(path).take();
    EXPECT_EQ(state.pid, static_cast<uint32_t>(child));
    EXPECT(state.writer_lives());
    ::kill(child, SIGKILL);
    siginfo_t ended;
    ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
    EXPECT(!state.writer_lives());
    ::waitpid(child, nullptr, 0);
    EXPECT(!state.writer_lives());
  });

  claim("a state file of an earlier boot is deleted and nothing is restored from it", [&] {
    AuditStateFile state = example();
    state.boot_id = "00000000-0000-0000-0000-000000000000";
    EXPECT(state.write(path).ok());
    EXPECT(restore_after_crash(path).value() == CrashRestore::nothing_to_do);
    EXPECT(!std::filesystem::exists(path));
    EXPECT(restore_after_crash(path).value() == CrashRestore::nothing_to_do);
  });

  claim("a state file whose writer lives is left alone", [&] {
    AuditStateFile state = example();
    state.pid = static_cast<uint32_t>(::getppid());
    std::ifstream stat("/proc/" + std::to_string(state.pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    size_t at = text.rfind(')');
    for (int field = 2; field < 22; field++) at = text.find(' ', at + 1);
    state.pid_start = std::stoull(text.substr(at + 1));
    EXPECT(state.write(path).ok());
    const auto restored = restore_after_crash(path);
    EXPECT(!restored.ok());
    if (!restored.ok()) EXPECT_EQ(restored.error().code, std::string("audit_in_use"));
    EXPECT(std::filesystem::exists(path));
  });
  const int result = run_claims(argc, argv);
  std::filesystem::remove_all(folder);
  return result;
}
