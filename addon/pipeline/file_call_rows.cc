#include "file_call_rows.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <string>
#include <utility>
#include <vector>

#include "../store/generated/event_tables.h"

namespace auditql {

namespace {

using C = ProcessFileEventsColumn;

/// The process may have closed it since, or have ended.
std::string path_of_descriptor(int32_t pid, int32_t descriptor) {
  const std::string link = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(descriptor);
  char path[PATH_MAX];
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  const bool is_file = size > 0 && path[0] == '/';
  return is_file ? std::string(path, static_cast<size_t>(size)) : std::string();
}

/// Categories of either path, each once; accesses only of those that ask for them.
std::vector<const std::string*> categories_of(const WatchedPaths& paths, const FileCall& call) {
  std::vector<const std::string*> categories;
  for (const std::string& path : {call.path, call.dest_path}) {
    if (!path.starts_with('/')) continue;
    for (const WatchedPaths::Match& each : paths.categories_of(path)) {
      if (call.operation == "open" && !each.with_accesses) continue;
      if (std::find(categories.begin(), categories.end(), each.category) == categories.end()) {
        categories.push_back(each.category);
      }
    }
  }
  return categories;
}

}  // namespace

FileCallRows::FileCallRows(FileCallRowsOptions options)
    : options_(std::move(options)),
      seen_(options_.health->counter({"decode", "process_file_events", "seen"})),
      other_paths_(options_.health->counter({"decode", "process_file_events", "not_watched"})) {}

void FileCallRows::set_paths(std::shared_ptr<const WatchedPaths> paths) {
  const std::lock_guard lock(mutex_);
  paths_ = std::move(paths);
}

std::shared_ptr<const WatchedPaths> FileCallRows::paths() const {
  const std::lock_guard lock(mutex_);
  return paths_;
}

bool FileCallRows::wants(const RawEvent& event) const {
  return paths() != nullptr && is_file_call(event);
}

void FileCallRows::on_event(const RawEvent& event) {
  const auto watched = paths();
  if (watched == nullptr) return;
  const bool is_live = options_.boot_ns != 0;
  const auto call = read_file_call(event, is_live ? path_of_descriptor : ResolveDescriptor());
  if (!call) return;
  seen_.add();
  const auto categories = categories_of(*watched, *call);
  if (categories.empty()) return other_paths_.add();
  if (is_excluded(*call, event.id.time_ns)) return;
  for (const std::string* each : categories) store(*call, event, *each);
}

bool FileCallRows::is_excluded(const FileCall& call, uint64_t time_ns) const {
  if (options_.exclusions == nullptr) return false;
  Caller caller;
  caller.pid = call.record.pid;
  caller.parent = call.record.parent;
  caller.credentials = call.record.credentials;
  caller.exe = call.exe;
  caller.subject = call.record.subject;
  return options_.exclusions->excludes({caller, call.call, time_ns});
}

void FileCallRows::store(const FileCall& call, const RawEvent& event, const std::string& category) {
  const SyscallRecord& record = call.record;
  const Credentials& ids = record.credentials;
  row_.clear();
  row_.set(C::ntime, event.id.time_ns);
  row_.set(C::serial, uint64_t{event.id.serial});
  row_.set(C::operation, call.operation);
  row_.set(C::syscall, call.call);
  row_.set(C::category, std::string_view(category));
  row_.set(C::backend, options_.backend);
  row_.set(C::pid, static_cast<uint64_t>(record.pid));
  row_.set(C::ppid, static_cast<uint64_t>(record.parent));
  row_.set(C::partial, std::string_view(call.partial ? "true" : "false"));
  const std::pair<C, const std::string*> texts[] = {{C::executable, &call.exe},
                                                    {C::cwd, &call.cwd},
                                                    {C::path, &call.path},
                                                    {C::dest_path, &call.dest_path}};
  for (const auto& [column, text] : texts) row_.set(column, std::string_view(*text));
  if (!event.id.node.empty()) row_.set(C::node, event.id.node);
  const std::pair<C, std::string> numbers[] = {
      {C::uid, std::to_string(ids.uid)},     {C::gid, std::to_string(ids.gid)},
      {C::auid, std::to_string(ids.auid)},   {C::euid, std::to_string(ids.euid)},
      {C::egid, std::to_string(ids.egid)},   {C::fsuid, std::to_string(ids.fsuid)},
      {C::fsgid, std::to_string(ids.fsgid)}, {C::suid, std::to_string(ids.suid)},
      {C::sgid, std::to_string(ids.sgid)}};
  for (const auto& [column, text] : numbers) row_.set(column, std::string_view(text));
  if (options_.boot_ns != 0 && event.id.time_ns > options_.boot_ns) {
    row_.set(C::uptime, (event.id.time_ns - options_.boot_ns) / 1'000'000'000);
  }
  const auto process =
      options_.find_process ? options_.find_process(record.pid, event.id.time_ns) : std::nullopt;
  if (process && process->process.known()) row_.set(C::process_uuid, process->process.bytes);
  if (process && process->parent.known()) row_.set(C::parent_uuid, process->parent.bytes);
  options_.table->append(row_);
}

}  // namespace auditql
