#include "pipeline/connector/exec_tracker.h"

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct Notes {
  std::unique_ptr<HealthRegion> health = HealthRegion::in_memory();
  ExecTracker notes{*health, 3};
};

RunningProgram program(const char* exe) { return {exe, "name", {}}; }

}  // namespace

int main(int argc, char** argv) {
  claim("an exec that was told and recorded is not hidden, whichever comes first", [] {
    Notes f;
    f.notes.on_reported(1, program("/bin/a"));
    f.notes.recorded(1);
    f.notes.recorded(2);
    f.notes.on_reported(2, program("/bin/a"));
    EXPECT(!f.notes.ended(1));
    EXPECT(!f.notes.ended(2));
    EXPECT(!f.notes.ended(3));
  });

  claim("one that only the connector told is hidden, with the program that was told last", [] {
    Notes f;
    f.notes.on_reported(1, std::nullopt);
    f.notes.on_reported(1, program("/bin/b"));
    f.notes.recorded(1);
    const auto hidden = f.notes.ended(1);
    EXPECT(hidden && hidden->program && hidden->program->exe == "/bin/b");
    EXPECT(hidden && !hidden->is_only);
    f.notes.on_reported(2, std::nullopt);
    const auto gone = f.notes.ended(2);
    EXPECT(gone && !gone->program && gone->is_only);
  });

  claim("a new process with the same pid, and losses, begin anew", [] {
    Notes f;
    f.notes.on_reported(1, std::nullopt);
    f.notes.started(1);
    EXPECT(!f.notes.ended(1));
    f.notes.on_reported(1, std::nullopt);
    f.notes.forget();
    EXPECT(!f.notes.ended(1));
  });

  claim("beyond the bound all is forgotten and counted", [] {
    Notes f;
    for (int32_t pid = 1; pid <= 4; pid++) f.notes.on_reported(pid, std::nullopt);
    EXPECT(!f.notes.ended(1));
    EXPECT(f.notes.ended(4).has_value());
    EXPECT_EQ(f.health->counter({"identity", "exec_notes", "dropped", "too_many"}).get(),
              uint64_t{3});
  });
  return run_claims(argc, argv);
}
