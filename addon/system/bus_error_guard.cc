#include "bus_error_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>

namespace auditql {

namespace {

/// A process maps some 20 files a table, per reader.
constexpr size_t kSlots = 8192;

struct GuardedRange {
  std::atomic<uintptr_t> begin{0};  ///< 0: free; written last
  std::atomic<size_t> bytes{0};
  std::atomic<std::atomic<bool>*> damaged{nullptr};
};

std::array<GuardedRange, kSlots> slots;
std::atomic<size_t> slots_in_use{0};  ///< every slot at or behind it is free
std::mutex slots_mutex;
struct sigaction previous_action;

/// Async-signal-safe: atomics and one system call. mmap goes by syscall(2) because sanitizers
/// replace the libc function by one that must not run in a handler.
bool replace_by_zero_pages(uintptr_t address) {
  for (size_t i = 0; i < slots_in_use.load(std::memory_order_acquire); i++) {
    const uintptr_t begin = slots[i].begin.load(std::memory_order_acquire);
    const size_t bytes = slots[i].bytes.load(std::memory_order_relaxed);
    if (begin == 0 || address < begin || address >= begin + bytes) continue;
    slots[i].damaged.load(std::memory_order_relaxed)->store(true, std::memory_order_release);
    const int flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    const long mapped = syscall(SYS_mmap, begin, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    return mapped == static_cast<long>(begin);
  }
  return false;
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool handled = replace_by_zero_pages(reinterpret_cast<uintptr_t>(info->si_addr));
  errno = saved_errno;
  if (handled) return;
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
    previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler == SIG_DFL || previous_action.sa_handler == SIG_IGN) {
    // Returning runs the faulting instruction again, which then ends the process as it should.
    ::signal(SIGBUS, SIG_DFL);
  } else {
    previous_action.sa_handler(signal);
  }
}

void install() {
  struct sigaction action = {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &previous_action);
}

}  // namespace

bool BusErrorGuard::watch(void* address, size_t bytes, std::atomic<bool>* damaged) {
  static std::once_flag once;
  std::call_once(once, install);
  const std::lock_guard lock(slots_mutex);
  for (size_t i = 0; i < kSlots; i++) {
    if (slots[i].begin.load(std::memory_order_relaxed) != 0) continue;
    slots[i].bytes.store(bytes, std::memory_order_relaxed);
    slots[i].damaged.store(damaged, std::memory_order_relaxed);
    slots[i].begin.store(reinterpret_cast<uintptr_t>(address), std::memory_order_release);
    if (i >= slots_in_use.load(std::memory_order_relaxed)) {
      slots_in_use.store(i + 1, std::memory_order_release);
    }
    return true;
  }
  return false;
}

void BusErrorGuard::forget(void* address) {
  const std::lock_guard lock(slots_mutex);
  for (size_t i = 0; i < slots_in_use.load(std::memory_order_relaxed); i++) {
    if (slots[i].begin.load(std::memory_order_relaxed) != reinterpret_cast<uintptr_t>(address)) {
      continue;
    }
    slots[i].begin.store(0, std::memory_order_release);
    return;
  }
}

}  // namespace auditql
