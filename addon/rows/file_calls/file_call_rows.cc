#include "file_call_rows.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "../../capture/capture_rules.h"
#include "../../decode/field_value.h"
#include "../../store/generated/event_tables.h"

namespace auditql {

namespace {

/// Categories of either path, each once; accesses only of those that ask for them.
std::vector<const std::string*> categories_of(const WatchedPaths& paths, std::string_view operation,
                                              std::initializer_list<std::string_view> files) {
  std::vector<const std::string*> categories;
  for (const std::string_view path : files) {
    if (!path.starts_with('/')) continue;
    for (const WatchedPaths::Match& each : paths.categories_of(path)) {
      if (operation == "open" && !each.with_accesses) continue;
      if (std::find(categories.begin(), categories.end(), each.category) == categories.end()) {
        categories.push_back(each.category);
      }
    }
  }
  return categories;
}

/// Keys of a rule are parted by a byte of value 1 (AUDIT_KEY_SEPARATOR).
bool is_of_own_rule(const SyscallRecord& record) {
  ByteArena arena;
  arena.reset(record.key.size());
  std::string_view keys = decode_text(record.key, arena).value_or(std::string_view());
  while (!keys.empty()) {
    const std::string_view key = keys.substr(0, keys.find('\x01'));
    if (key == kRuleKey) return true;
    keys.remove_prefix(std::min(key.size() + 1, keys.size()));
  }
  return false;
}

}  // namespace

FileCallRows::FileCallRows(FileCallRowsOptions options)
    : options_(std::move(options)),
      tree_(*options_.health),
      locator_(tree_.known(), options_.host),
      seen_(options_.health->counter({"decode", "process_file_events", "seen"})),
      other_paths_(options_.health->counter({"decode", "process_file_events", "not_watched"})),
      unresolved_(options_.health->counter({"decode", "process_file_events", "unresolved"})) {}

void FileCallRows::set_paths(std::shared_ptr<const WatchedPaths> paths) {
  const std::lock_guard lock(mutex_);
  paths_ = std::move(paths);
}

void FileCallRows::look_at_folders() { tree_.watch(paths()); }

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
  auto call = read_file_call(event);
  if (!call) return;
  seen_.add();
  const bool trusts_known = tree_.is_whole() && is_of_own_rule(call->record);
  const CallContext context{call->cwd, call->record.pid, event.id.time_ns, trusts_known};
  std::vector<Told> told;
  for (FileAct& act : call->acts) told.push_back(locate(act, *call, context));
  if (is_excluded(*call, event.id.time_ns)) return;
  for (const Told& each : told) on_act(*call, event, each, *watched);
}

/// What records tell of folders and files is remembered in their order.
FileCallRows::Told FileCallRows::locate(FileAct& act, const FileCall& call,
                                        const CallContext& context) {
  locator_.tell_folders_apart(act, context);
  const LocatedFile file = locator_.locate(act.file, context);
  const LocatedFile dest = act.dest ? locator_.locate(*act.dest, context) : LocatedFile();
  learn(call, act, file, dest);
  return {file.path, dest.path, file.is_proven && (!act.dest || dest.is_proven)};
}

void FileCallRows::learn(const FileCall& call, const FileAct& act, const LocatedFile& file,
                         const LocatedFile& dest) {
  if (!act.file.file) return;
  const FileKey& key = *act.file.file;
  KnownFiles& known = tree_.known();
  if (call.operation == "rename") {
    learn_move(act, file, dest);
  } else if (call.operation == "link") {
    if (dest.place) known.linked(key, *dest.place);
  } else if (call.operation == "unlink") {
    known.removed(key, file.place);
  } else if (call.made && file.place) {
    known.made(key, *file.place, act.file.is_folder);
  }
}

/// Where it is not known to what place a folder was moved, what is below it has no known path.
void FileCallRows::learn_move(const FileAct& act, const LocatedFile& file,
                              const LocatedFile& dest) {
  KnownFiles& known = tree_.known();
  const FileKey& key = *act.file.file;
  if (!act.file.is_folder) {
    known.removed(key, file.place);
    if (dest.place) known.linked(key, *dest.place);
    return;
  }
  const bool was_known = !known.places_of(key).empty();
  if (!dest.place) return known.removed(key, std::nullopt);
  known.made(key, *dest.place, true);
  if (!was_known && !known.places_of(key).empty()) tree_.walk_below(dest.path);
}

void FileCallRows::on_act(const FileCall& call, const RawEvent& event, const Told& told,
                          const WatchedPaths& watched) {
  const auto categories = categories_of(watched, call.operation, {told.path, told.dest_path});
  if (!told.is_proven) unresolved_.add();
  for (const std::string* each : categories) store(call, event, told, each);
  if (!categories.empty()) return;
  // A rule of ours told of it, and it may be any file of the watched folders.
  const bool may_be_watched = !told.is_proven && is_of_own_rule(call.record);
  if (may_be_watched) return store(call, event, told, nullptr);
  if (told.is_proven) other_paths_.add();
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

void FileCallRows::store(const FileCall& call, const RawEvent& event, const Told& told,
                         const std::string* category) {
  const SyscallRecord& record = call.record;
  const Credentials& ids = record.credentials;
  row_.clear();
  row_.set(ProcessFileEventsColumn::ntime, event.id.time_ns);
  row_.set(ProcessFileEventsColumn::serial, uint64_t{event.id.serial});
  row_.set(ProcessFileEventsColumn::operation, call.operation);
  row_.set(ProcessFileEventsColumn::syscall, call.call);
  if (category != nullptr) row_.set(ProcessFileEventsColumn::category, std::string_view(*category));
  row_.set(ProcessFileEventsColumn::backend, options_.backend);
  row_.set(ProcessFileEventsColumn::pid, static_cast<uint64_t>(record.pid));
  row_.set(ProcessFileEventsColumn::ppid, static_cast<uint64_t>(record.parent));
  const bool is_partial = call.partial || !told.is_proven;
  row_.set(ProcessFileEventsColumn::partial, std::string_view(is_partial ? "true" : "false"));
  const std::pair<ProcessFileEventsColumn, const std::string*> texts[] = {
      {ProcessFileEventsColumn::executable, &call.exe},
      {ProcessFileEventsColumn::cwd, &call.cwd},
      {ProcessFileEventsColumn::path, &told.path},
      {ProcessFileEventsColumn::dest_path, &told.dest_path}};
  for (const auto& [column, text] : texts) row_.set(column, std::string_view(*text));
  if (!event.id.node.empty()) row_.set(ProcessFileEventsColumn::node, event.id.node);
  const std::pair<ProcessFileEventsColumn, std::string> numbers[] = {
      {ProcessFileEventsColumn::uid, std::to_string(ids.uid)},
      {ProcessFileEventsColumn::gid, std::to_string(ids.gid)},
      {ProcessFileEventsColumn::auid, std::to_string(ids.auid)},
      {ProcessFileEventsColumn::euid, std::to_string(ids.euid)},
      {ProcessFileEventsColumn::egid, std::to_string(ids.egid)},
      {ProcessFileEventsColumn::fsuid, std::to_string(ids.fsuid)},
      {ProcessFileEventsColumn::fsgid, std::to_string(ids.fsgid)},
      {ProcessFileEventsColumn::suid, std::to_string(ids.suid)},
      {ProcessFileEventsColumn::sgid, std::to_string(ids.sgid)}};
  for (const auto& [column, text] : numbers) row_.set(column, std::string_view(text));
  if (options_.boot_ns != 0 && event.id.time_ns > options_.boot_ns) {
    row_.set(ProcessFileEventsColumn::uptime,
             (event.id.time_ns - options_.boot_ns) / 1'000'000'000);
  }
  const auto process =
      options_.find_process ? options_.find_process(record.pid, event.id.time_ns) : std::nullopt;
  if (process && process->process.known())
    row_.set(ProcessFileEventsColumn::process_uuid, process->process.bytes);
  if (process && process->parent.known())
    row_.set(ProcessFileEventsColumn::parent_uuid, process->parent.bytes);
  options_.table->append(row_);
}

}  // namespace auditql
