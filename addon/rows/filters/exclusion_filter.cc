#include "exclusion_filter.h"

#include <unistd.h>

#include <algorithm>
#include <climits>

namespace auditql {

namespace {

bool is_one_of(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The type of an SELinux label: `user:role:type[:level]`.
std::string_view type_of(std::string_view label) {
  for (int part = 0; part < 2; part++) {
    const size_t colon = label.find(':');
    if (colon == std::string_view::npos) return {};
    label.remove_prefix(colon + 1);
  }
  return label.substr(0, label.find(':'));
}

bool is_same_id(std::optional<uint32_t> wanted, uint32_t id, const Credentials& credentials) {
  return !wanted || (credentials.known && *wanted == id);
}

bool is_excluded_by(const Exclusion& wanted, const ExclusionSubject& subject) {
  const Caller& caller = subject.caller;
  if (wanted.exe && *wanted.exe != caller.exe) return false;
  if (wanted.exe_prefix && !caller.exe.starts_with(*wanted.exe_prefix)) return false;
  if (wanted.parent && *wanted.parent != subject.parent_exe) return false;
  if (wanted.subject_type && *wanted.subject_type != type_of(caller.subject)) return false;
  if (!is_same_id(wanted.uid, caller.credentials.uid, caller.credentials)) return false;
  if (!is_same_id(wanted.auid, caller.credentials.auid, caller.credentials)) return false;
  const auto is_wanted = [&](std::string_view name) { return is_one_of(wanted.syscalls, name); };
  return wanted.syscalls.empty() || std::ranges::any_of(subject.syscalls, is_wanted);
}

std::string own_executable() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : std::string();
}

/// The kernel rules that stand for it; 0 where it is left to us.
uint64_t kernel_rules(const Exclusion& exclusion) {
  const auto rules = exclusion_rules(exclusion);
  return rules ? rules.value().size() : 0;
}

bool covers_exec(const Exclusion& exclusion) {
  return exclusion.syscalls.empty() || is_one_of(exclusion.syscalls, "execve") ||
         is_one_of(exclusion.syscalls, "execveat");
}

}  // namespace

ExclusionFilter::ExclusionFilter(const ExclusionFilterOptions& options, HealthRegion& health)
    : health_(health),
      in_kernel_(options.in_kernel),
      own_pid_(options.own_pid),
      own_exe_(options.own_pid == 0 ? std::string() : own_executable()),
      set_(set_of(options.exclusions)) {
  if (own_pid_ != 0) own_workers_ = health.counter({"capture", "own_workers", "excluded"});
  if (in_kernel_) hidden_ = health.counter({"capture", "hidden_execs", "excluded"});
}

std::unique_ptr<ExclusionFilter::Set> ExclusionFilter::set_of(
    const std::vector<Exclusion>& exclusions) {
  auto set = std::make_unique<Set>();
  for (const Exclusion& each : exclusions) {
    const std::string name = each.text();
    const uint64_t rules = in_kernel_ ? kernel_rules(each) : 0;
    const Counter count = health_.counter({"capture", name, "kernel_rules", "uncounted"});
    count.set(rules);
    const std::string_view obstacle = in_kernel_ ? why_no_kernel_rule(each) : "";
    Counter left_to_us;
    if (!obstacle.empty()) {
      left_to_us = health_.counter({"capture", name, "not_in_kernel", obstacle});
      left_to_us.set(1);
    }
    set->needs_parent = set->needs_parent || each.parent.has_value();
    set->hides_execs = set->hides_execs || (rules != 0 && covers_exec(each));
    set->items.push_back({each, health_.counter({"capture", name, "excluded"}), count, left_to_us});
  }
  return set;
}

void ExclusionFilter::replace(const std::vector<Exclusion>& exclusions) {
  const std::lock_guard lock(mutex_);
  for (const Item& each : (next_ ? next_ : set_)->items) {
    each.kernel_rules.set(0);
    each.left_to_us.set(0);
  }
  next_ = set_of(exclusions);
  has_next_ = true;
}

void ExclusionFilter::adopt() {
  if (!has_next_) return;
  const std::lock_guard lock(mutex_);
  set_ = std::move(next_);
  has_next_ = false;
}

/// While we live no other process can be the parent that `ppid=` names, so this is exact; the file
/// tells our workers, which are this program again, from what a logger may have started.
bool ExclusionFilter::is_own_worker(const Caller& caller) const {
  return own_pid_ != 0 && caller.parent == own_pid_ && !own_exe_.empty() && caller.exe == own_exe_;
}

bool ExclusionFilter::excludes(const ExclusionSubject& subject) const {
  if (is_own_worker(subject.caller)) {
    own_workers_.add();
    return true;
  }
  for (const Item& each : set_->items) {
    if (!is_excluded_by(each.exclusion, subject)) continue;
    each.excluded.add();
    return true;
  }
  return false;
}

}  // namespace auditql
