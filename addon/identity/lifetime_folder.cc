#include "lifetime_folder.h"

#include <algorithm>
#include <cstring>

namespace auditql {

namespace {

void set_process(Lifetime& lifetime, const Identity& identity) {
  lifetime.parent = identity.parent;
  lifetime.session_leader = identity.session_leader;
  lifetime.entry_leader = identity.entry_leader;
  lifetime.pid = identity.pid;
  lifetime.parent_pid = identity.parent_pid;
  lifetime.start_time_ns = identity.start_time_ns;
  lifetime.tty = identity.tty;
  lifetime.credentials = identity.credentials;
  lifetime.exe = identity.exe;
  lifetime.comm = identity.comm;
  lifetime.cwd = identity.cwd;
  lifetime.container = identity.container;
}

std::string nul_ended(std::span<const std::string_view> arguments) {
  size_t bytes = 0;
  for (const std::string_view each : arguments) bytes += each.size() + 1;
  std::string joined;
  joined.reserve(bytes);
  for (const std::string_view each : arguments) joined.append(each).push_back('\0');
  return joined;
}

}  // namespace

std::string_view Lifetime::event_type() const {
  if (existing && !forked) return R"(["info"])";
  if (forked && execs > 0) return exited ? R"(["start","change","end"])" : R"(["start","change"])";
  if (forked) return exited ? R"(["start","end"])" : R"(["start"])";
  if (execs > 0) return exited ? R"(["change","end"])" : R"(["change"])";
  return R"(["end"])";
}

std::string_view Lifetime::event_action() const {
  if (existing && !forked) return "existing_process";
  if (forked) return exited ? "process_ran" : "process_started";
  return exited ? "process_stopped" : "process_changed_image";
}

std::optional<uint64_t> Lifetime::duration_ns() const {
  if (!exited || (!forked && start_time_ns == 0)) return std::nullopt;
  // The start is known to a tick of 10 ms only; the fork's time is finer.
  const uint64_t began_ns = forked ? forked_ns : start_time_ns;
  return exited_ns > began_ns ? exited_ns - began_ns : 0;
}

size_t LifetimeFolder::Hash::operator()(const Uuid& uuid) const {
  // The low half is start ticks and pid, different for every process of a boot.
  uint64_t low = 0;
  std::memcpy(&low, uuid.bytes.data() + 8, sizeof low);
  return low * 0x9e3779b97f4a7c15;
}

Lifetime* LifetimeFolder::open_for(const Uuid& process, uint64_t time_ns) {
  if (const auto found = open_.find(process); found != open_.end()) {
    Lifetime& lifetime = found->second;
    if (time_ns <= lifetime.first_ns + options_.window_ns) {
      // A vforked child's exec comes before the fork that is older.
      lifetime.first_ns = std::min(lifetime.first_ns, time_ns);
      lifetime.last_ns = std::max(lifetime.last_ns, time_ns);
      return &lifetime;
    }
    closed_.push_back(std::move(lifetime));
    open_.erase(found);
  }
  if (open() >= 2 * options_.max_open) {
    dropped_++;
    return nullptr;
  }
  Lifetime& lifetime = open_[process];
  lifetime.process = process;
  lifetime.first_ns = lifetime.last_ns = time_ns;
  return &lifetime;
}

void LifetimeFolder::add(const ProcessEvent& event, const Identity& identity) {
  if (event.action == ProcessAction::fork) return add_fork(event, identity);
  if (!identity.known()) return;
  const uint64_t time_ns = event.header.time_ns;
  if (event.action == ProcessAction::existing) return add_existing(identity, time_ns);
  if (event.action == ProcessAction::exec && event.outcome.known && !event.outcome.success) return;
  Lifetime* lifetime = open_for(identity.process, time_ns);
  if (lifetime == nullptr) return;
  set_process(*lifetime, identity);
  lifetime->backend = event.header.backend;
  lifetime->partial = lifetime->partial || event.header.partial;
  if (event.action == ProcessAction::exec) {
    lifetime->execs++;
    lifetime->args_count = std::max(event.argc, static_cast<uint32_t>(event.argv.size()));
    return set_args(*lifetime, nul_ended(event.argv));
  }
  lifetime->exited = true;
  lifetime->exited_ns = time_ns;
  lifetime->exit_status = event.exit_status;
  lifetime->exit_signal = event.exit_signal;
}

/// The child has what its caller has, until it tells otherwise.
void LifetimeFolder::add_fork(const ProcessEvent& event, const Identity& caller) {
  const ForkedChild& child = caller.child;
  if (child.kind != ChildKind::process) return;
  Lifetime* lifetime = open_for(child.process, event.header.time_ns);
  if (lifetime == nullptr) return;
  const bool known = lifetime->execs > 0 || lifetime->exited;
  if (!known) {
    set_process(*lifetime, caller);
    lifetime->backend = event.header.backend;
    lifetime->session_leader = child.session_leader;
    lifetime->entry_leader = child.entry_leader;
    lifetime->pid = child.pid;
    lifetime->parent_pid = caller.pid;
  }
  lifetime->start_time_ns = child.start_time_ns;
  lifetime->parent = child.parent;
  lifetime->forked = true;
  lifetime->forked_ns = event.header.time_ns;
  lifetime->partial = lifetime->partial || event.header.partial;
}

void LifetimeFolder::add_existing(const Identity& identity, uint64_t time_ns,
                                  std::span<const std::string_view> arguments) {
  if (!identity.known()) return;
  Lifetime* lifetime = open_for(identity.process, time_ns);
  if (lifetime == nullptr) return;
  set_process(*lifetime, identity);
  lifetime->existing = true;
  lifetime->args_count = static_cast<uint32_t>(arguments.size());
  set_args(*lifetime, nul_ended(arguments));
}

void LifetimeFolder::set_args(Lifetime& lifetime, std::string args) {
  args_bytes_ -= lifetime.args.size();
  lifetime.args.clear();
  if (args_bytes_ + args.size() > options_.max_args_bytes) {
    args_dropped_++;
    lifetime.partial = true;
    return;
  }
  args_bytes_ += args.size();
  lifetime.args = std::move(args);
}

void LifetimeFolder::move_out(Lifetime& lifetime, std::vector<Lifetime>& to) {
  args_bytes_ -= lifetime.args.size();
  to.push_back(std::move(lifetime));
}

std::vector<Lifetime> LifetimeFolder::take(uint64_t now_ns) {
  std::vector<Lifetime> done;
  for (Lifetime& lifetime : closed_) move_out(lifetime, done);
  closed_.clear();
  std::vector<Lifetime*> due;
  const uint64_t open_for_ns = options_.window_ns + options_.late_ns;
  const bool crowded = open_.size() > options_.max_open;
  for (auto& [uuid, lifetime] : open_) {
    if (crowded || lifetime.first_ns + open_for_ns <= now_ns) due.push_back(&lifetime);
  }
  const auto by_first = [](const Lifetime* a, const Lifetime* b) {
    return a->first_ns < b->first_ns;
  };
  std::sort(due.begin(), due.end(), by_first);
  const size_t surplus = crowded ? open_.size() - options_.max_open : 0;
  for (size_t i = 0; i < due.size(); i++) {
    if (i >= surplus && due[i]->first_ns + open_for_ns > now_ns) break;
    const Uuid process = due[i]->process;
    move_out(*due[i], done);
    open_.erase(process);
  }
  std::stable_sort(done.begin(), done.end(),
                   [&](const Lifetime& a, const Lifetime& b) { return by_first(&a, &b); });
  return done;
}

}  // namespace auditql
