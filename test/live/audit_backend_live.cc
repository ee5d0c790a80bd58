// Needs root, and an audit subsystem that no other daemon owns: make -C addon live
#include <signal.h>

#include <chrono>

#include "eventually.h"
#include "live_capture.h"

using namespace auditql;
using namespace auditql::test;
using std::chrono::steady_clock;

namespace {

void starting_and_stopping() {
  claim("a normal stop leaves status and rules as they were, foreign rules included", [] {
    run_shell("auditctl -w /tmp/auditql-live-foreign -p wa -k foreign");
    const std::string status = status_text(), rules = rules_text();
    {
      Capture capture;
      if (!capture.start()) return;
      std::printf("while capturing:\n%s%s", output_of("auditctl -s").c_str(), rules_text().c_str());
      EXPECT(status_text() != status);
      EXPECT(rules_text().find(rules.substr(0, rules.size() - 1)) == 0);
      capture.backend.stop();
      capture.backend.stop();
    }
    EXPECT_EQ(status_text(), status);
    EXPECT_EQ(rules_text(), rules);
    EXPECT(!std::filesystem::exists(state_path()));
    EXPECT(restore_after_crash(state_path()).value() == CrashRestore::nothing_to_do);
    run_shell("auditctl -W /tmp/auditql-live-foreign -p wa -k foreign");
  });

  claim("after kill -9 the next start undoes, doubles no rule, and keeps the first status", [] {
    const std::string status = status_text(), rules = rules_text();
    const int killed = in_child([] {
      Capture capture;
      if (!capture.start()) return 1;
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    EXPECT(WIFSIGNALED(killed));
    const size_t left_behind = own_rules();
    EXPECT(left_behind > 0);
    Capture capture;
    if (!capture.start()) return;
    EXPECT_EQ(own_rules(), left_behind);
    capture.backend.stop();
    EXPECT_EQ(status_text(), status);
    EXPECT_EQ(rules_text(), rules);
  });

  claim("restore_after_crash alone undoes a kill -9", [] {
    const std::string status = status_text(), rules = rules_text();
    (void)in_child([] {
      Capture capture;
      if (!capture.start()) return 1;
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    EXPECT(restore_after_crash(state_path()).value() == CrashRestore::restored);
    EXPECT_EQ(status_text(), status);
    EXPECT_EQ(rules_text(), rules);
  });

  claim("a second capture with the same state directory is refused", [] {
    Capture capture;
    if (!capture.start()) return;
    const int refused = in_child([] {
      const Result<CrashRestore> restored = restore_after_crash(state_path());
      return !restored.ok() && restored.error().code == "audit_in_use" ? 7 : 1;
    });
    EXPECT_EQ(WEXITSTATUS(refused), 7);
  });
}

/// Registers itself as owner until the pipe closes.
int rival_owner(int ready, int finish) {
  AuditNetlink audit = AuditNetlink::open().take();
  UniqueFd socket = open_record_socket(AuditMode::unicast, 1 << 20).take();
  const bool is_owner = become_owner(socket, audit).ok();
  (void)!::write(ready, is_owner ? "y" : "n", 1);
  char byte;
  (void)!::read(finish, &byte, 1);
  return is_owner ? 0 : 1;
}

void owner_role() {
  claim("another owner is noticed, read beside by multicast, and the role taken back", [] {
    Capture capture;
    if (!capture.start()) return;
    int ready[2], finish[2];
    EXPECT(::pipe(ready) == 0 && ::pipe(finish) == 0);
    // Only the owner can give the role up; then another process is quicker than we are.
    AuditNetlink audit = AuditNetlink::open().take();
    std::fflush(nullptr);
    const pid_t rival = ::fork();
    if (rival == 0) {
      char byte;
      (void)!::read(finish[0], &byte, 1);
      ::_exit(rival_owner(ready[1], finish[0]));
    }
    EXPECT(audit.set_status(AUDIT_STATUS_PID, AuditStatus()).ok());
    (void)!::write(finish[1], "g", 1);
    char is_owner = 0;
    (void)!::read(ready[0], &is_owner, 1);
    if (is_owner != 'y') std::printf("the backend took the role back before the rival\n");
    const auto lost_at = steady_clock::now();
    EXPECT(eventually([&] { return capture.metric("owner_lost") == 1; }));
    const std::chrono::duration<double> noticed = steady_clock::now() - lost_at;
    std::printf("loss of the owner role noticed after %.1f s\n", noticed.count());
    const uint64_t before = capture.metric("seen");
    EXPECT(eventually([&] {
      (void)output_of("true");
      return capture.metric("seen") > before;
    }));
    (void)!::write(finish[1], "f", 1);
    ::waitpid(rival, nullptr, 0);
    EXPECT(eventually([&] { return capture.metric("owner_taken_back") == 1; }));
    EXPECT_EQ(capture.metric("is_owner"), uint64_t{1});
    const uint64_t after = capture.metric("seen");
    EXPECT(eventually([&] {
      (void)output_of("true");
      return capture.metric("seen") > after;
    }));
  });

  claim("unicast is refused while another process owns the stream; multicast works", [] {
    int ready[2], finish[2];
    EXPECT(::pipe(ready) == 0 && ::pipe(finish) == 0);
    std::fflush(nullptr);
    const pid_t rival = ::fork();
    if (rival == 0) ::_exit(rival_owner(ready[1], finish[0]));
    char byte;
    (void)!::read(ready[0], &byte, 1);
    Capture unicast;
    const Availability available = unicast.backend.probe();
    EXPECT(!available.available);
    std::printf("refused: %s; %s\n", available.reason.c_str(), available.remedy.c_str());
    EXPECT(!unicast.backend.start(unicast.queue).ok());
    const std::string status = status_text();
    Capture beside({.state_path = state_path(), .mode = AuditMode::multicast});
    if (beside.start()) {
      const uint64_t before = beside.metric("seen");
      EXPECT(eventually([&] {
        (void)output_of("true");
        return beside.metric("seen") > before;
      }));
      beside.backend.stop();
    }
    EXPECT_EQ(status_text(), status);
    (void)!::write(finish[1], "f", 1);
    ::waitpid(rival, nullptr, 0);
  });

  claim("rules that somebody deletes come back", [] {
    Capture capture;
    if (!capture.start()) return;
    const size_t rules = own_rules();
    run_shell("auditctl -D");
    EXPECT_EQ(own_rules(), size_t{0});
    EXPECT(eventually([&] { return own_rules() == rules; }));
    EXPECT(eventually([&] { return capture.metric("rules_restored") == rules; }));
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_capture_claims(argc, argv, [] {
    starting_and_stopping();
    owner_role();
  });
}
