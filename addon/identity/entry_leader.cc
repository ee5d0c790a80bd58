#include "entry_leader.h"

#include <sys/sysmacros.h>

#include <algorithm>

namespace auditql {
namespace {

enum class Terminal { none, console, line, pseudo };

/// Majors and minors of Documentation/admin-guide/devices.txt.
Terminal terminal_of(int32_t device) {
  const auto number = static_cast<dev_t>(static_cast<uint32_t>(device));
  const unsigned kind = major(number), line = minor(number);
  if (kind >= 136 && kind <= 143) return Terminal::pseudo;
  if (kind != 4) return Terminal::none;
  return line <= 63 ? Terminal::console : Terminal::line;
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

template <size_t N>
bool starts_with_any(std::string_view name, const std::string_view (&prefixes)[N]) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

void lead(ProcessEntry& entry, EntryLeaderKind kind) {
  entry.entry_leader = entry.key;
  entry.entry_leader_kind = kind;
}

}  // namespace

void assign_entry_leader(ProcessEntry& entry, const ProcessEntry* parent,
                         const StringPool& strings) {
  const int32_t pid = entry.key.pid();
  const bool leads_session = entry.session == pid;
  if (pid == 1) return lead(entry, EntryLeaderKind::init);
  if (pid == 2) return lead(entry, EntryLeaderKind::kernel_thread);

  const Terminal terminal = terminal_of(entry.tty);
  const std::string_view name = file_name(strings.text(entry.exe));
  if (leads_session && terminal == Terminal::line) return lead(entry, EntryLeaderKind::terminal);
  if (leads_session && terminal == Terminal::console && name == "login") {
    return lead(entry, EntryLeaderKind::terminal);
  }
  if (parent == nullptr) return;
  entry.entry_leader = parent->entry_leader;
  entry.entry_leader_kind = parent->entry_leader_kind;
  if (!leads_session) return;

  constexpr std::string_view kRuntimes[] = {"runc",         "containerd-shim", "calico-node",
                                            "check-status", "pause",           "conmon"};
  if (starts_with_any(name, kRuntimes)) return;
  const std::string_view parent_name = file_name(strings.text(parent->exe));
  if (terminal == Terminal::pseudo && parent_name == "ssm-session-worker") {
    return lead(entry, EntryLeaderKind::ssm);
  }
  if (parent_name == "sshd" && name != "sshd") return lead(entry, EntryLeaderKind::sshd);
  constexpr std::string_view kStarters[] = {"containerd-shim", "runc", "conmon"};
  if (starts_with_any(parent_name, kStarters)) lead(entry, EntryLeaderKind::container);
}

}  // namespace auditql
