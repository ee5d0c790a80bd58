#include "system/stop_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "check.h"
#include "system/unique_fd.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr int kForcedStatus = 75;
/// Longer than a test may take: what waits so long hangs.
constexpr int kNeverMs = 3'600'000;

struct Ended {
  std::string said;  ///< what the child wrote into its pipe, in order
  std::optional<int> status;
  std::optional<int> signal;
};

/// A process that the guard watches. `child` gets the pipe for what it says; the parent then sends
/// `signals`, each after the child has said one more character.
Ended run_child(const StopGuard::Options& options, const std::vector<int>& signals,
                const std::function<void(int)>& child) {
  std::array<int, 2> ends{};
  (void)::pipe2(ends.data(), O_CLOEXEC);
  const pid_t pid = ::fork();
  if (pid == 0) {
    StopGuard::Options guarded = options;
    const int out = ends[1];
    guarded.last_act = [out] { (void)::write(out, "A", 1); };
    if (!StopGuard::arm(std::move(guarded))) ::_exit(1);
    child(out);
    ::_exit(0);
  }
  ::close(ends[1]);
  const UniqueFd in(ends[0]);
  Ended ended;
  char said = 0;
  for (size_t next = 0; ::read(in.get(), &said, 1) == 1;) {
    ended.said += said;
    if (next < signals.size()) ::kill(pid, signals[next++]);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  return ended;
}

StopGuard::Options limits(int limit_ms, int impatient_ms, int exit_ms = kNeverMs) {
  StopGuard::Options options;
  options.limit_ms = limit_ms;
  options.impatient_ms = impatient_ms;
  options.exit_ms = exit_ms;
  options.status = kForcedStatus;
  return options;
}

void say(int out) { (void)::write(out, ".", 1); }

/// A handler as a program has one: it notes the signal and returns.
std::atomic<int> heard{0};
int heard_out = -1;
void note_signal(int) {
  heard.fetch_add(1);
  say(heard_out);
}

void hear(int out) {
  heard_out = out;
  struct sigaction action {};
  action.sa_handler = note_signal;
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) ::sigaction(number, &action, nullptr);
}

[[noreturn]] void hang(int out) {
  say(out);
  while (true) ::pause();
}

}  // namespace

int main(int argc, char** argv) {
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    claim("a process that hangs is ended after the last act, by signal " + std::to_string(number),
          [number] {
            const Ended ended = run_child(limits(50, kNeverMs), {number}, hang);
            EXPECT_EQ(ended.said, std::string(".A"));
            EXPECT_EQ(ended.status.value_or(-1), kForcedStatus);
          });
  }
  claim("a second signal shortens the time, and the last act still runs", [] {
    const Ended ended = run_child(limits(kNeverMs, 50), {SIGTERM}, [](int out) {
      say(out);
      ::raise(SIGINT);
      while (true) ::pause();
    });
    EXPECT_EQ(ended.said, std::string(".A"));
    EXPECT_EQ(ended.status.value_or(-1), kForcedStatus);
  });
  claim("the handlers that were there are called, each time", [] {
    StopGuard::Options options = limits(kNeverMs, 50);
    std::array<int, 2> ends{};
    (void)::pipe2(ends.data(), O_CLOEXEC);
    const pid_t pid = ::fork();
    if (pid == 0) {
      hear(ends[1]);
      options.last_act = [] { ::_exit(heard.load()); };
      if (!StopGuard::arm(std::move(options))) ::_exit(99);
      ::raise(SIGTERM);
      ::raise(SIGQUIT);
      while (true) ::pause();
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 2);
    for (const int end : ends) ::close(end);
  });
  claim("a thread that aborts waits for the last act, and dies of its abort", [] {
    const Ended ended = run_child(limits(kNeverMs, kNeverMs), {}, [](int out) {
      say(out);
      std::thread([] { ::abort(); }).join();
    });
    EXPECT_EQ(ended.said, std::string(".A"));
    EXPECT_EQ(ended.signal.value_or(-1), SIGABRT);
  });
  claim("a process that has done all, and still hangs, is ended with its own status", [] {
    const Ended ended = run_child(limits(kNeverMs, kNeverMs, 50), {}, [](int out) {
      StopGuard::end_soon(3);
      hang(out);
    });
    EXPECT_EQ(ended.said, std::string("."));
    EXPECT_EQ(ended.status.value_or(-1), 3);
  });
  claim("a signal behind the end does not hide the status, whatever became of the handlers", [] {
    const Ended ended = run_child(limits(kNeverMs, kNeverMs, 50), {}, [](int out) {
      StopGuard::end_soon(3);
      ::signal(SIGINT, SIG_DFL);
      ::raise(SIGINT);
      hang(out);
    });
    EXPECT_EQ(ended.status.value_or(-1), 3);
  });
  claim("a process that ends by itself is left alone", [] {
    const Ended ended = run_child(limits(kNeverMs, kNeverMs), {}, [](int out) { say(out); });
    EXPECT_EQ(ended.said, std::string("."));
    EXPECT_EQ(ended.status.value_or(-1), 0);
  });
  return run_claims(argc, argv);
}
