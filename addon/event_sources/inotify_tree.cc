#include "inotify_tree.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "pseudo_file_system.h"

namespace auditql {

namespace {

constexpr uint64_t kFoldersPerPause = 64;
constexpr uint32_t kFolders =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW;

uint32_t mask_of(const WatchedPaths::Interest& interest) {
  uint32_t mask = kFolders;
  // Files that nobody can open by name any more are not what a path in the configuration means.
  if (interest.content) mask |= IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_EXCL_UNLINK;
  if (interest.accesses) mask |= IN_ACCESS | IN_OPEN;
  return mask;
}

bool is_folder(const std::string& path, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string child_of(const std::string& folder, const char* name) {
  return folder == "/" ? folder + name : folder + "/" + name;
}

}  // namespace

InotifyTree::InotifyTree(Options options, HealthRegion& health)
    : options_(std::move(options)),
      watches_(health.counter({"capture", "file_events", "watches"})),
      watch_limit_(health.counter({"capture", "file_events", "dropped", "watch_limit"})),
      watch_errors_(health.counter({"capture", "file_events", "watch_errors"})) {}

InotifyTree::Watched InotifyTree::watch(const std::string& folder) {
  const WatchedPaths::Interest interest = paths_->interest(folder);
  if (!interest.folders || is_pseudo_file_system(folder)) return Watched::no;
  const bool is_new = by_path_.find(folder) == by_path_.end();
  if (is_new && by_watch_.size() >= options_.max_watches) {
    watch_limit_.add();
    return Watched::no;
  }
  const int watch = ::inotify_add_watch(options_.fd, folder.c_str(), mask_of(interest));
  if (watch < 0) {
    if (errno == ENOSPC) {
      watch_limit_.add();
    } else if (errno != ENOENT && errno != ENOTDIR) {
      watch_errors_.add();
    }
    return Watched::no;
  }
  // The folder of that path may have been replaced, or be known by another path (a bind mount).
  const auto known = by_watch_.find(watch);
  if (known != by_watch_.end() && known->second != folder) by_path_.erase(known->second);
  const auto former = by_path_.find(folder);
  const bool is_as_before = former != by_path_.end() && former->second == watch;
  if (former != by_path_.end() && !is_as_before) remove(former->second);
  by_watch_[watch] = folder;
  by_path_[folder] = watch;
  return is_as_before ? Watched::as_before : Watched::newly;
}

/// Entries of the folder; those that are folders go to `folders` too.
void InotifyTree::list(const Listed& folder, const Found& found,
                       std::vector<std::string>& folders) {
  if (++listed_ % kFoldersPerPause == 0 && options_.pause) options_.pause();
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.path.c_str()), ::closedir);
  if (stream == nullptr) {
    if (errno != ENOENT && errno != ENOTDIR) watch_errors_.add();
    return;
  }
  while (const dirent* entry = ::readdir(stream.get())) {
    if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
    const std::string path = child_of(folder.path, entry->d_name);
    const bool holds_more = is_folder(path, *entry);
    if (found) found({path, holds_more, folder.is_new});
    if (holds_more) folders.push_back(path);
  }
}

void InotifyTree::cover(const std::string& folder, const Found& found) {
  std::vector<std::string> folders{folder};
  while (!folders.empty()) {
    const std::string next = std::move(folders.back());
    folders.pop_back();
    const Watched watched = watch(next);
    if (watched == Watched::no) continue;
    list({next, watched == Watched::newly}, found, folders);
  }
  watches_.set(by_watch_.size());
}

void InotifyTree::cover_all(const Found& found) {
  std::vector<int> useless;
  for (const auto& [watch, path] : by_watch_) {
    if (!paths_->interest(path).folders) useless.push_back(watch);
  }
  for (const int each : useless) remove(each);
  cover("/", found);
  watches_.set(by_watch_.size());
}

void InotifyTree::forget_missing() {
  std::vector<int> missing;
  for (const auto& [watch, path] : by_watch_) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) missing.push_back(watch);
  }
  for (const int each : missing) remove(each);
}

void InotifyTree::remove(int watch) {
  (void)::inotify_rm_watch(options_.fd, watch);
  on_ignored(watch);
}

/// Of the folder and all below it.
std::vector<int> InotifyTree::watches_of(const std::string& folder) const {
  std::vector<int> watches;
  const auto own = by_path_.find(folder);
  if (own != by_path_.end()) watches.push_back(own->second);
  const std::string below = folder + "/";
  for (auto each = by_path_.lower_bound(below);
       each != by_path_.end() && each->first.starts_with(below); ++each) {
    watches.push_back(each->second);
  }
  return watches;
}

void InotifyTree::rename(const std::string& from, const std::string& to) {
  forget(to);
  for (const int watch : watches_of(from)) {
    std::string& path = by_watch_[watch];
    by_path_.erase(path);
    path = to + path.substr(from.size());
    by_path_[path] = watch;
    if (!paths_->interest(path).folders) remove(watch);
  }
}

void InotifyTree::forget(const std::string& folder) {
  for (const int each : watches_of(folder)) remove(each);
}

void InotifyTree::on_ignored(int watch) {
  const auto found = by_watch_.find(watch);
  if (found == by_watch_.end()) return;
  const auto path = by_path_.find(found->second);
  if (path != by_path_.end() && path->second == watch) by_path_.erase(path);
  by_watch_.erase(found);
  watches_.set(by_watch_.size());
}

bool InotifyTree::has_content(const std::string& folder) const {
  return by_path_.contains(folder) && paths_->interest(folder).content;
}

const std::string* InotifyTree::path_of(int watch) const {
  const auto found = by_watch_.find(watch);
  return found == by_watch_.end() ? nullptr : &found->second;
}

}  // namespace auditql
