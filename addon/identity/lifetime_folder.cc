#include "lifetime_folder.h"

#include <algorithm>
#include <cstring>

namespace auditql {

std::string_view Lifetime::event_type() const {
  if (existing) return R"(["info"])";
  if (forked && execs > 0) return exited ? R"(["start","change","end"])" : R"(["start","change"])";
  if (forked) return exited ? R"(["start","end"])" : R"(["start"])";
  if (execs > 0) return exited ? R"(["change","end"])" : R"(["change"])";
  return R"(["end"])";
}

std::string_view Lifetime::event_action() const {
  if (existing) return "existing_process";
  if (forked) return exited ? "process_ran" : "process_started";
  return exited ? "process_stopped" : "process_changed_image";
}

size_t LifetimeFolder::Hash::operator()(const Uuid& uuid) const {
  // The low half is start ticks and pid, different for every process of a boot.
  uint64_t low = 0;
  std::memcpy(&low, uuid.bytes.data() + 8, sizeof low);
  return low * 0x9e3779b97f4a7c15;
}

Lifetime* LifetimeFolder::open_for(const Uuid& process, uint64_t time_ns) {
  if (open_.size() >= 2 * options_.max_open && !open_.contains(process)) {
    dropped_++;
    return nullptr;
  }
  const auto [found, fresh] = open_.try_emplace(process);
  Lifetime& lifetime = found->second;
  if (fresh) {
    lifetime.process = process;
    lifetime.first_ns = time_ns;
  }
  // A vforked child's exec comes before the fork that is older.
  lifetime.first_ns = std::min(lifetime.first_ns, time_ns);
  lifetime.last_ns = std::max(lifetime.last_ns, time_ns);
  return &lifetime;
}

void LifetimeFolder::add(const ProcessEvent& event, const Identity& identity) {
  const uint64_t time_ns = event.header.time_ns;
  if (event.action == ProcessAction::fork) {
    if (identity.child.kind != ChildKind::process) return;
    if (Lifetime* child = open_for(identity.child.process, time_ns)) child->forked = true;
    return;
  }
  if (!identity.known()) return;
  if (event.action == ProcessAction::existing) return add_existing(identity, time_ns);
  if (event.action == ProcessAction::exec && event.outcome.known && !event.outcome.success) return;
  Lifetime* lifetime = open_for(identity.process, time_ns);
  if (lifetime == nullptr) return;
  if (event.action == ProcessAction::exec) {
    lifetime->execs++;
    return;
  }
  lifetime->exited = true;
  lifetime->exit_status = event.exit_status;
  lifetime->exit_signal = event.exit_signal;
}

void LifetimeFolder::add_existing(const Identity& identity, uint64_t time_ns) {
  if (!identity.known()) return;
  if (Lifetime* lifetime = open_for(identity.process, time_ns)) lifetime->existing = true;
}

std::vector<Lifetime> LifetimeFolder::take(uint64_t now_ns) {
  std::vector<Lifetime> all;
  all.reserve(open_.size());
  for (const auto& [uuid, lifetime] : open_) all.push_back(lifetime);
  std::sort(all.begin(), all.end(),
            [](const Lifetime& a, const Lifetime& b) { return a.first_ns < b.first_ns; });
  const size_t surplus = all.size() > options_.max_open ? all.size() - options_.max_open : 0;
  std::vector<Lifetime> done;
  for (size_t i = 0; i < all.size(); i++) {
    // Kept open for the window even after the end, since a vfork record comes last.
    if (i >= surplus && all[i].first_ns + options_.window_ns > now_ns) continue;
    done.push_back(all[i]);
    open_.erase(all[i].process);
  }
  return done;
}

}  // namespace auditql
