#include "identity/lifetime_folder.h"

#include <algorithm>
#include <string>

#include "check.h"
#include "event_maker.h"

using namespace auditql;
using namespace auditql::test;

namespace {

Identity known(int32_t pid) {
  Identity identity;
  identity.process = process_uuid(1, ProcessKey(pid, 500));
  return identity;
}

struct Row {
  std::string_view facts, event_type, event_action;
};

/// f fork, e exec, x exit, i existing, in the order in which they arrive.
Lifetime fold(std::string_view facts) {
  LifetimeFolder folder({});
  Identity parent = known(1);
  parent.child.kind = ChildKind::process;
  parent.child.process = known(200).process;
  for (const char fact : facts) {
    if (fact == 'f') folder.add(made_fork({1, 0, 200, 1000}), parent);
    if (fact == 'e') folder.add(made_exec(200, 1, 1001), known(200));
    if (fact == 'x') folder.add(made_exit(200, 1, 1002), known(200));
    if (fact == 'i') folder.add_existing(known(200), at(1000));
  }
  const std::vector<Lifetime> done = folder.take(at(2000));
  EXPECT_EQ(done.size(), size_t{1});
  return done.empty() ? Lifetime{} : done[0];
}

}  // namespace

int main(int argc, char** argv) {
  claim("each course of a life has the type and the action of the quark design", [] {
    constexpr Row rows[] = {
        {"f", R"(["start"])", "process_started"},
        {"fe", R"(["start","change"])", "process_started"},
        {"fex", R"(["start","change","end"])", "process_ran"},
        {"exf", R"(["start","change","end"])", "process_ran"},
        {"fx", R"(["start","end"])", "process_ran"},
        {"i", R"(["info"])", "existing_process"},
        {"if", R"(["start"])", "process_started"},
        {"e", R"(["change"])", "process_changed_image"},
        {"ee", R"(["change"])", "process_changed_image"},
        {"ex", R"(["change","end"])", "process_stopped"},
        {"x", R"(["end"])", "process_stopped"},
    };
    for (const Row& row : rows) {
      const Lifetime lifetime = fold(row.facts);
      EXPECT_EQ(lifetime.event_type(), row.event_type);
      EXPECT_EQ(lifetime.event_action(), row.event_action);
    }
  });

  claim("a failed exec and a thread are no part of a lifetime", [] {
    LifetimeFolder folder({});
    ProcessEvent failed = made_exec(200, 1, 1001);
    failed.outcome = {.known = true, .success = false, .value = -2};
    folder.add(failed, known(200));
    Identity caller = known(200);
    caller.child.kind = ChildKind::thread;
    folder.add(made_fork({200, 1, 201, 1002, CLONE_THREAD}), caller);
    EXPECT_EQ(folder.open(), size_t{0});
  });

  claim("what comes after the window begins the next lifetime", [] {
    LifetimeFolder folder({});
    folder.add(made_exec(200, 1, 1000), known(200));
    folder.add(made_exit(200, 1, 1101), known(200));
    const std::vector<Lifetime> done = folder.take(at(1350));
    EXPECT_EQ(done.size(), size_t{2});
    EXPECT_EQ(done[0].event_action(), "process_changed_image");
    EXPECT_EQ(done[1].event_action(), "process_stopped");
  });

  claim("a lifetime stays open as long as a late fact may come", [] {
    LifetimeFolder folder({});
    folder.add(made_exec(200, 1, 1000), known(200));
    EXPECT_EQ(folder.take(at(1190)).size(), size_t{0});
    folder.add(made_exit(200, 1, 1099), known(200));
    const std::vector<Lifetime> done = folder.take(at(1200));
    EXPECT_EQ(done.size(), size_t{1});
    EXPECT_EQ(done[0].event_action(), "process_stopped");
    EXPECT_EQ(folder.open(), size_t{0});
  });

  claim("the arguments of the last exec are kept byte for byte, within the bound", [] {
    const std::string_view arguments[] = {"a b", "", "c"};
    LifetimeFolder folder({.max_args_bytes = 10});
    for (const int32_t pid : {200, 201}) {
      ProcessEvent exec = made_exec(pid, 1, 1000);
      exec.argv = arguments;
      exec.argc = 3;
      folder.add(exec, known(pid));
    }
    const std::vector<Lifetime> done = folder.take(at(1300));
    EXPECT_EQ(done[0].args.size() + done[1].args.size(), size_t{7});
    EXPECT_EQ(std::max(done[0].args, done[1].args), std::string("a b\0\0c\0", 7));
    EXPECT_EQ(done[0].args_count, uint32_t{3});
    EXPECT_EQ(folder.args_dropped(), uint64_t{1});
    folder.add(made_exec(202, 1, 2000), known(202));
    EXPECT_EQ(folder.open(), size_t{1});
  });

  claim("what is beyond the bound is given out early, oldest first", [] {
    LifetimeFolder folder({.window_ns = 1'000'000'000, .max_open = 2});
    for (int32_t pid = 200; pid < 205; pid++) folder.add(made_exec(pid, 1, pid), known(pid));
    const std::vector<Lifetime> early = folder.take(at(206));
    EXPECT_EQ(early.size(), size_t{2});
    EXPECT_EQ(folder.dropped(), uint64_t{1});
    EXPECT_EQ(early[0].first_ns, at(200));
    EXPECT_EQ(folder.open(), size_t{2});
  });

  return run_claims(argc, argv);
}
