#include "stop_guard.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "clocks.h"
#include "unique_fd.h"

namespace auditql {

namespace {

constexpr std::array kEndSignals = {SIGTERM, SIGINT, SIGQUIT};
/// How long abort(3) waits for the last act.
constexpr int kAbortPatienceMs = 3000;

// One eventfd carries all notices: each kind counts in bits of its own (eventfd(2)).
constexpr uint64_t kSignalNotice = 1;
constexpr uint64_t kAbortNotice = uint64_t{1} << 20;
constexpr uint64_t kEndNotice = uint64_t{1} << 40;
constexpr uint64_t kNoticeMask = kAbortNotice - 1;

/// Lives as long as the process: signal handlers and a detached thread use it.
struct Guard {
  StopGuard::Options options;
  UniqueFd notices;
  UniqueFd act_done;
  std::array<struct sigaction, kEndSignals.size()> previous{};
  std::atomic<int> exit_status{-1};  ///< given by end_soon()
};

std::atomic<Guard*> armed{nullptr};

void notify(uint64_t notice) {
  Guard* const guard = armed.load(std::memory_order_acquire);
  if (guard != nullptr) (void)::eventfd_write(guard->notices.get(), notice);
}

void call_previous(const struct sigaction& previous, int number, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(number, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) previous.sa_handler(number);
}

void on_end_signal(int number, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  notify(kSignalNotice);
  const Guard* const guard = armed.load(std::memory_order_acquire);
  for (size_t i = 0; guard != nullptr && i < kEndSignals.size(); i++) {
    if (kEndSignals[i] == number) call_previous(guard->previous[i], number, info, context);
  }
  errno = saved_errno;
}

/// V8 ends the process like this when its heap is full. The thread that aborts does nothing but
/// wait here: the guard's thread acts.
void on_abort(int) {
  Guard* const guard = armed.load(std::memory_order_acquire);
  if (guard == nullptr) return;
  notify(kAbortNotice);
  pollfd done{guard->act_done.get(), POLLIN, 0};
  (void)::poll(&done, 1, kAbortPatienceMs);
}

/// A pipe that is ready takes PIPE_BUF bytes without waiting (pipe(7)); one that is not, whose
/// reader has stopped, gets nothing.
void say(std::string_view text) {
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
  (void)!::write(STDERR_FILENO, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
}

/// The guard's thread: all deadlines are in milliseconds of CLOCK_MONOTONIC.
class Watch {
 public:
  explicit Watch(Guard& guard) : guard_(guard) {}

  [[noreturn]] void run() {
    while (true) {
      wait();
      if (deadline_ms_ && now_ms() >= *deadline_ms_) end_process();
    }
  }

 private:
  static int64_t now_ms() { return static_cast<int64_t>(monotonic_ns() / 1'000'000); }

  void wait() {
    int timeout_ms = -1;
    if (deadline_ms_) timeout_ms = static_cast<int>(std::max<int64_t>(*deadline_ms_ - now_ms(), 0));
    pollfd waiting{guard_.notices.get(), POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) != 1) return;
    eventfd_t notices = 0;
    if (::eventfd_read(guard_.notices.get(), &notices) != 0) return;
    if ((notices & kNoticeMask) != 0) on_signals(notices & kNoticeMask);
    if (notices / kAbortNotice % kAbortNotice != 0) on_abort_notice();
    if (notices >= kEndNotice) end_within(guard_.options.exit_ms);
  }

  void on_signals(uint64_t count) {
    if (signals_ == 0) end_within(guard_.options.limit_ms);
    signals_ += count;
    if (signals_ > 1) end_within(guard_.options.impatient_ms);
  }

  void on_abort_notice() {
    act();
    (void)::eventfd_write(guard_.act_done.get(), 1);
  }

  void end_within(int ms) {
    const int64_t end_ms = now_ms() + ms;
    deadline_ms_ = deadline_ms_ ? std::min(*deadline_ms_, end_ms) : end_ms;
  }

  void act() {
    if (guard_.options.last_act) guard_.options.last_act();
  }

  [[noreturn]] void end_process() {
    const int given = guard_.exit_status.load();
    if (given >= 0) ::_exit(given);
    act();
    say(guard_.options.message);
    ::_exit(guard_.options.status);
  }

  Guard& guard_;
  uint64_t signals_ = 0;
  std::optional<int64_t> deadline_ms_;
};

Status install_handlers(Guard& guard) {
  for (size_t i = 0; i < kEndSignals.size(); i++) {
    struct sigaction action {};
    action.sa_sigaction = on_end_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigfillset(&action.sa_mask);
    if (::sigaction(kEndSignals[i], &action, &guard.previous[i]) != 0) {
      return Error::from_errno("internal", "sigaction");
    }
  }
  struct sigaction action {};
  action.sa_handler = on_abort;
  ::sigfillset(&action.sa_mask);
  // abort(3) raises the signal once more, without a handler, when this one returns.
  if (::sigaction(SIGABRT, &action, nullptr) != 0)
    return Error::from_errno("internal", "sigaction");
  return Done{};
}

/// Signals go to the other threads: this one must never run a handler.
void start_watching(Guard& guard) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([&guard] { Watch(guard).run(); });
  ::pthread_setname_np(thread.native_handle(), "aq-stop");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  thread.detach();
}

}  // namespace

Status StopGuard::arm(Options options) {
  if (armed.load() != nullptr) return Error{"internal", "the stop guard is already armed", 0};
  Guard* const guard = std::make_unique<Guard>().release();
  guard->options = std::move(options);
  guard->notices.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  guard->act_done.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!guard->notices || !guard->act_done) return Error::from_errno("internal", "eventfd");
  start_watching(*guard);
  armed.store(guard, std::memory_order_release);
  return install_handlers(*guard);
}

void StopGuard::end_soon(int status) {
  Guard* const guard = armed.load(std::memory_order_acquire);
  if (guard == nullptr) return;
  // The program takes its handlers away before it exits: a late signal would then end it by the
  // signal's own action, and hide its status. Call it in the thread that takes signals.
  sigset_t late;
  ::sigemptyset(&late);
  for (const int number : kEndSignals) ::sigaddset(&late, number);
  ::pthread_sigmask(SIG_BLOCK, &late, nullptr);
  guard->exit_status.store(status);
  notify(kEndNotice);
}

}  // namespace auditql
