#include "privileges.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <optional>
#include <string_view>

namespace auditql {

namespace {

struct NamedCapability {
  std::string_view name;
  int number;
};

/// The ones that auditql may want to keep.
constexpr std::array kKnown = {
    NamedCapability{"cap_chown", CAP_CHOWN},
    NamedCapability{"cap_dac_override", CAP_DAC_OVERRIDE},
    NamedCapability{"cap_dac_read_search", CAP_DAC_READ_SEARCH},
    NamedCapability{"cap_kill", CAP_KILL},
    NamedCapability{"cap_setgid", CAP_SETGID},
    NamedCapability{"cap_setuid", CAP_SETUID},
    NamedCapability{"cap_setpcap", CAP_SETPCAP},
    NamedCapability{"cap_sys_ptrace", CAP_SYS_PTRACE},
    NamedCapability{"cap_net_admin", CAP_NET_ADMIN},
    NamedCapability{"cap_audit_control", CAP_AUDIT_CONTROL},
    NamedCapability{"cap_audit_read", CAP_AUDIT_READ},
    NamedCapability{"cap_sys_admin", CAP_SYS_ADMIN},
    NamedCapability{"cap_bpf", CAP_BPF},
    NamedCapability{"cap_perfmon", CAP_PERFMON},
};

std::optional<int> capability_number(std::string_view name) {
  const auto* found = std::find_if(kKnown.begin(), kKnown.end(),
                                   [&](const auto& each) { return each.name == name; });
  if (found == kKnown.end()) return std::nullopt;
  return found->number;
}

using CapabilityWords = std::array<uint32_t, 2>;
using CapabilityData = std::array<__user_cap_data_struct, 2>;

/// No account; no user id can be this (setresuid(2)).
constexpr AccountNumber kNoAccount = static_cast<AccountNumber>(-1);

/// What the signal handler applies; written before the signals are sent.
CapabilityWords wanted_words;
AccountNumber wanted_account = kNoAccount;
std::atomic<int> threads_done;
std::atomic<int> threads_refused;

bool read_capabilities(CapabilityData& data) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capget, &header, data.data()) == 0;
}

/// Changes to the wanted account and keeps what is permitted. By system calls: the functions of the
/// C library would change every thread, from inside of the handler that does so already.
bool change_account_of_this_thread() {
  if (wanted_account == kNoAccount) return true;
  const AccountNumber id = wanted_account;
  return ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
         ::syscall(SYS_setresgid, id, id, id) == 0 && ::syscall(SYS_setresuid, id, id, id) == 0 &&
         ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0;
}

/// Accounts, capabilities, the bounding set and no_new_privs belong to each thread
/// (capabilities(7)); only system calls that are safe in a signal handler.
bool drop_in_this_thread() {
  for (int number = 0; number <= CAP_LAST_CAP; number++) {
    const bool kept = (wanted_words[static_cast<size_t>(number) / 32] >> (number % 32)) & 1;
    // Without CAP_SETPCAP the bounding set stays; no_new_privs makes that harmless.
    if (!kept) ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  CapabilityData data{};
  if (!change_account_of_this_thread() || !read_capabilities(data)) return false;
  for (size_t i = 0; i < 2; i++) {
    data[i].permitted &= wanted_words[i];
    data[i].effective = data[i].permitted;
    data[i].inheritable = 0;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_capset, &header, data.data()) == 0;
}

void on_drop_signal(int) {
  const int saved = errno;
  if (!drop_in_this_thread()) threads_refused.fetch_add(1);
  threads_done.fetch_add(1);
  errno = saved;
}

std::vector<pid_t> other_threads() {
  std::vector<pid_t> threads;
  const pid_t self = ::gettid();
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const pid_t thread = static_cast<pid_t>(std::stol(entry.path().filename().string()));
    if (thread != self) threads.push_back(thread);
  }
  return threads;
}

/// The signal with which the C library changes ids in every thread (SIGSETXID of glibc). It takes
/// this one out of every mask that a program sets, so it also reaches threads that libuv and V8
/// start with all signals blocked.
constexpr int kEveryThreadSignal = 33;

/// `struct sigaction` as rt_sigaction(2) takes it; the C library refuses its own signals.
struct KernelSigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

long exchange_action(int number, const KernelSigaction* action, KernelSigaction* before) {
  return ::syscall(SYS_rt_sigaction, number, action, before, sizeof(action->mask));
}

/// The handler in the kernel's form: the C library fills in how a handler returns.
KernelSigaction kernel_form_of_handler() {
  struct sigaction action {
  }, before{};
  action.sa_handler = on_drop_signal;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  ::sigaction(SIGRTMAX, &action, &before);
  KernelSigaction form{};
  exchange_action(SIGRTMAX, nullptr, &form);
  ::sigaction(SIGRTMAX, &before, nullptr);
  return form;
}

/// Runs drop_in_this_thread() in every other thread by a signal, as libpsx does.
bool drop_in_other_threads() {
  const KernelSigaction action = kernel_form_of_handler();
  KernelSigaction before{};
  if (exchange_action(kEveryThreadSignal, &action, &before) != 0) return false;
  threads_done = 0;
  threads_refused = 0;
  int sent = 0;
  for (const pid_t thread : other_threads()) {
    if (::syscall(SYS_tgkill, ::getpid(), thread, kEveryThreadSignal) == 0) sent++;
  }
  // A thread that ended meanwhile never answers; nothing is left to drop in it.
  for (int waited_ms = 0; threads_done < sent && waited_ms < 1000; waited_ms++) ::usleep(1000);
  const bool done = threads_refused == 0 && threads_done == sent;
  exchange_action(kEveryThreadSignal, &before, nullptr);
  return done;
}

}  // namespace

std::vector<std::string> missing_capabilities(const std::vector<std::string>& names) {
  CapabilityData data{};
  const bool known = read_capabilities(data);
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const auto number = capability_number(name);
    const bool has =
        known && number &&
        ((data[static_cast<size_t>(*number) / 32].effective >> (*number % 32)) & 1) != 0;
    if (!has) missing.push_back(name);
  }
  return missing;
}

Status drop_privileges(const std::vector<std::string>& keep, std::optional<AccountNumber> account) {
  CapabilityWords words{};
  for (const std::string& name : keep) {
    const auto number = capability_number(name);
    if (!number) return Error{"privileges_failed", "unknown capability " + name, 0};
    words[static_cast<size_t>(*number) / 32] |= 1u << (*number % 32);
  }
  wanted_words = words;
  wanted_account = account.value_or(kNoAccount);
  if (!drop_in_this_thread())
    return Error::from_errno("privileges_failed", account
                                                      ? "change the account and drop capabilities"
                                                      : "drop capabilities");
  if (!drop_in_other_threads()) {
    return Error{"privileges_failed", "failed to drop the capabilities of a thread of this process",
                 0};
  }
  return Done{};
}

Status limit_address_space(uint64_t bytes) {
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_AS, &limit) != 0) {
    return Error::from_errno("privileges_failed", "limit the address space");
  }
  return Done{};
}

}  // namespace auditql
