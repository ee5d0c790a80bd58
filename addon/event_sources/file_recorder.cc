#include "file_recorder.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "../store/generated/event_tables.h"
#include "../system/clocks.h"
#include "../system/unique_fd.h"
#include "file_digests.h"

namespace auditql {

namespace {

constexpr int kRecorderPauseMs = 1000;
/// Nothing is to be done before the next change.
constexpr int kRecorderIdleMs = 60'000;
constexpr uint64_t kStopNs = 2'000'000'000;
constexpr int kScanSeconds = 10;
/// Hashing is work that can wait; capture is not.
constexpr int kNice = 10;

std::string_view action_name(FileAction action) {
  switch (action) {
    case FileAction::created:
      return "CREATED";
    case FileAction::updated:
      return "UPDATED";
    case FileAction::deleted:
      return "DELETED";
    case FileAction::moved_from:
      return "MOVED_FROM";
    case FileAction::moved_to:
      return "MOVED_TO";
    case FileAction::attributes_modified:
      return "ATTRIBUTES_MODIFIED";
    case FileAction::accessed:
      return "ACCESSED";
    case FileAction::opened:
      return "OPENED";
  }
  return "";
}

/// O_NOATIME leaves the access time as it was; it is for the owner and CAP_FOWNER (open(2)). A link
/// is not followed, nor is waited for the other end of a pipe.
UniqueFd open_file(const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  UniqueFd file(::open(path.c_str(), kFlags | O_NOATIME));
  if (!file && errno == EPERM) file.reset(::open(path.c_str(), kFlags));
  return file;
}

std::string octal_mode(mode_t mode) {
  char text[16];
  const int length = std::snprintf(text, sizeof text, "%04o", mode & 07777u);
  return std::string(text, static_cast<size_t>(length));
}

bool is_access(FileAction action) {
  return action == FileAction::accessed || action == FileAction::opened;
}

/// A name that is given to a file brings its content as much as a write does.
bool brings_content(FileAction action) {
  return action == FileAction::created || action == FileAction::updated ||
         action == FileAction::moved_to;
}

template <typename Strings>
std::string joined(const Strings& strings) {
  std::string text;
  for (const std::string& each : strings) text += (text.empty() ? "" : ",") + each;
  return text;
}

}  // namespace

/// Accesses are not looked at: to open the file would be one more of them.
struct FileRecorder::Look {
  std::optional<struct stat> info;
  std::optional<std::string> content;  ///< only where YARA needs it
  std::optional<FileDigests> digests;
  bool needs_hash = false;
  bool is_regular() const { return info && S_ISREG(info->st_mode); }
};

FileRecorder::FileRecorder(FileChangeQueue& changes, Tables tables, HealthRegion& health)
    : changes_(changes),
      tables_(tables),
      hashed_(health.counter({"capture", "file_events", "hashed"})),
      too_big_(health.counter({"capture", "file_events", "not_hashed", "too_big"})),
      unreadable_(health.counter({"capture", "file_events", "not_hashed", "unreadable"})),
      skipped_(health.counter({"capture", "file_events", "not_hashed", "stopping"})),
      scan_failed_(health.counter({"capture", "yara_events", "scan_errors"})),
      lag_(health.counter({"capture", "file_events", "lag_ms"})) {}

Status FileRecorder::start(std::shared_ptr<const RecordingPlan> plan) {
  set_plan(std::move(plan));
  return thread_.start("aq-file-hash", [this] { run(); });
}

void FileRecorder::set_plan(std::shared_ptr<const RecordingPlan> plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
}

std::shared_ptr<const RecordingPlan> FileRecorder::plan() {
  const std::lock_guard lock(mutex_);
  return plan_;
}

void FileRecorder::stop() {
  if (!thread_.is_running()) return;
  hash_until_ns_ = monotonic_ns() + kStopNs;
  thread_.stop();
}

void FileRecorder::run() {
  // On Linux a thread has a nice value of its own (setpriority(2)).
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  while (!changes_.is_done()) {
    const auto change = changes_.pop(lag_.get() > 0 ? kRecorderPauseMs : kRecorderIdleMs);
    const uint64_t now_ns = wall_clock_ns();
    if (change) record(*change, *plan());
    lag_.set(change && now_ns > change->time_ns ? (now_ns - change->time_ns) / 1'000'000 : 0);
  }
}

void FileRecorder::record(const FileChange& change, const RecordingPlan& plan) {
  const auto categories = plan.paths->categories_of(change.path);
  const bool with_accesses =
      std::any_of(categories.begin(), categories.end(),
                  [](const WatchedPaths::Match& each) { return each.with_accesses; });
  const auto rules = rules_for(categories, plan);
  Look look;
  struct stat info {};
  if (::lstat(change.path.c_str(), &info) == 0) look.info = info;
  look.needs_hash =
      brings_content(change.action) && !with_accesses && (!look.info || look.is_regular());
  if (look.needs_hash && !rules.empty()) look.content.emplace();
  if (look.needs_hash) hash(change.path, look, plan);
  for (const WatchedPaths::Match& each : categories) {
    // The folder is watched for the sake of another category.
    if (is_access(change.action) && !each.with_accesses) continue;
    store_change(change, *each.category, look);
  }
  if (!look.digests) return;
  for (const CategoryRules* each : rules) scan(change, *each, look);
}

std::vector<const CategoryRules*> FileRecorder::rules_for(
    const std::vector<WatchedPaths::Match>& categories, const RecordingPlan& plan) {
  std::vector<const CategoryRules*> rules;
  for (const CategoryRules& each : plan.yara) {
    const bool is_in = std::any_of(
        categories.begin(), categories.end(),
        [&](const WatchedPaths::Match& match) { return *match.category == each.category; });
    if (is_in) rules.push_back(&each);
  }
  return rules;
}

void FileRecorder::hash(const std::string& path, Look& look, const RecordingPlan& plan) {
  if (!look.info) return unreadable_.add();
  const auto may_go_on = [this] { return monotonic_ns() <= hash_until_ns_; };
  if (!may_go_on()) return skipped_.add();
  if (static_cast<uint64_t>(look.info->st_size) > plan.max_hash_bytes) return too_big_.add();
  const UniqueFd file = open_file(path);
  // What is hashed must be what the other columns tell of.
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return unreadable_.add();
  look.info = info;
  DigestedFile read = digest_file(
      file.get(), {plan.max_hash_bytes, may_go_on, look.content ? &*look.content : nullptr});
  switch (read.end) {
    case ReadEnd::failed:
      return unreadable_.add();
    case ReadEnd::too_big:
      return too_big_.add();
    case ReadEnd::stopped:
      return skipped_.add();
    case ReadEnd::whole:
      break;
  }
  look.digests = std::move(read.digests);
  hashed_.add();
}

void FileRecorder::store_change(const FileChange& change, const std::string& category,
                                const Look& look) {
  row_.clear();
  row_.set(FileEventsColumn::target_path, std::string_view(change.path));
  row_.set(FileEventsColumn::category, std::string_view(category));
  row_.set(FileEventsColumn::action, action_name(change.action));
  row_.set(FileEventsColumn::transaction_id, uint64_t{change.cookie});
  row_.set(FileEventsColumn::ntime, change.time_ns);
  std::string mode;
  if (look.info) {
    mode = octal_mode(look.info->st_mode);
    row_.set(FileEventsColumn::inode, uint64_t{look.info->st_ino});
    row_.set(FileEventsColumn::uid, uint64_t{look.info->st_uid});
    row_.set(FileEventsColumn::gid, uint64_t{look.info->st_gid});
    row_.set(FileEventsColumn::mode, std::string_view(mode));
    row_.set_signed(FileEventsColumn::size, look.info->st_size);
    row_.set_signed(FileEventsColumn::atime, look.info->st_atim.tv_sec);
    row_.set_signed(FileEventsColumn::mtime, look.info->st_mtim.tv_sec);
    row_.set_signed(FileEventsColumn::ctime, look.info->st_ctim.tv_sec);
  }
  if (look.digests) {
    row_.set(FileEventsColumn::md5, std::string_view(look.digests->md5));
    row_.set(FileEventsColumn::sha1, std::string_view(look.digests->sha1));
    row_.set(FileEventsColumn::sha256, std::string_view(look.digests->sha256));
  }
  row_.set_signed(FileEventsColumn::hashed, look.digests ? 1 : look.needs_hash ? -1 : 0);
  tables_.file_events->append(row_);
}

void FileRecorder::scan(const FileChange& change, const CategoryRules& rules, const Look& look) {
  std::vector<std::string> names, tags;
  const auto* bytes = reinterpret_cast<const uint8_t*>(look.content->data());
  for (const auto& each : rules.rules) {
    const auto matches = each->scan({bytes, look.content->size()}, kScanSeconds);
    if (!matches) scan_failed_.add();
    for (const YaraMatch& match : matches.value_or(std::vector<YaraMatch>())) {
      names.push_back(match.rule);
      tags.insert(tags.end(), match.tags.begin(), match.tags.end());
    }
  }
  if (names.empty()) return;
  const std::string matches = joined(names), all_tags = joined(tags);
  row_.clear();
  row_.set(YaraEventsColumn::target_path, std::string_view(change.path));
  row_.set(YaraEventsColumn::category, std::string_view(rules.category));
  row_.set(YaraEventsColumn::action, action_name(change.action));
  row_.set(YaraEventsColumn::matches, std::string_view(matches));
  row_.set(YaraEventsColumn::count, uint64_t{names.size()});
  row_.set(YaraEventsColumn::tags, std::string_view(all_tags));
  row_.set(YaraEventsColumn::ntime, change.time_ns);
  tables_.yara_events->append(row_);
}

}  // namespace auditql
