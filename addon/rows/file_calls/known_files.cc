#include "known_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace auditql {

namespace {

/// PATH_MAX holds no more names.
constexpr size_t kMaxDepth = 2048;
/// Hard links of one file that are told apart.
constexpr size_t kMaxNames = 16;

}  // namespace

KnownFiles::KnownFiles(Limits limits, HealthRegion& health)
    : limits_(limits),
      known_(health.counter({"decode", "process_file_events", "known_files"})),
      full_(health.counter({"decode", "process_file_events", "dropped", "known_files_full"})) {}

std::vector<KnownFiles::Path> KnownFiles::paths_of(const FileKey& file, uint64_t time_ns) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(file);
  if (found == nodes_.end()) return {};
  const Node& node = found->second;
  std::vector<Path> paths;
  if (node.places.empty()) return {path_by(nullptr, node, time_ns)};
  for (const FilePlace& each : node.places) {
    Path path = path_by(&each, node, time_ns);
    if (!path.text.empty()) paths.push_back(std::move(path));
  }
  return paths;
}

/// Up to the root; without text where a folder on the way is not known.
KnownFiles::Path KnownFiles::path_by(const FilePlace* place, const Node& node,
                                     uint64_t time_ns) const {
  Path path;
  std::vector<std::string_view> names;
  const Node* at = &node;
  while (true) {
    path.is_unique = path.is_unique && at->is_unique;
    path.is_late = path.is_late || at->seen_ns > time_ns;
    if (place == nullptr) break;
    names.push_back(place->name);
    const auto above = nodes_.find(place->folder);
    if (above == nodes_.end() || names.size() > kMaxDepth) return {};
    at = &above->second;
    place = at->places.empty() ? nullptr : &at->places.front();
  }
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    path.text.append("/").append(*name);
  }
  if (path.text.empty()) path.text += '/';
  return path;
}

std::vector<FilePlace> KnownFiles::places_of(const FileKey& file) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(file);
  return found == nodes_.end() ? std::vector<FilePlace>() : found->second.places;
}

void KnownFiles::begin_walk() {
  const std::lock_guard lock(mutex_);
  walk_++;
  is_walking_ = true;
  reported_.clear();
}

void KnownFiles::end_walk() {
  const std::lock_guard lock(mutex_);
  std::vector<FileKey> gone;
  for (const auto& [key, node] : nodes_) {
    if (node.walk != walk_ && !reported_.contains(key)) gone.push_back(key);
  }
  for (const FileKey& each : gone) erase(each);
  is_walking_ = false;
  reported_.clear();
}

void KnownFiles::found_root(const FileIdentity& root) {
  const std::lock_guard lock(mutex_);
  erase(root.key);
  Node node;
  node.is_folder = true;
  node.is_unique = root.is_unique;
  insert(root.key, std::move(node));
}

void KnownFiles::found(const FileIdentity& file, const FilePlace& place, uint64_t time_ns) {
  const std::lock_guard lock(mutex_);
  if (reported_.contains(file.key)) return;
  const auto known = nodes_.find(file.key);
  if (known != nodes_.end()) {
    Node& node = known->second;
    const bool is_listed =
        std::find(node.places.begin(), node.places.end(), place) != node.places.end();
    const bool is_first = std::exchange(node.walk, walk_) != walk_;
    node.is_unique = node.is_unique && file.is_unique;
    if (is_first && is_listed) node.places = {place};
    if (is_listed || node.places.empty()) return;
    if (!is_first) {
      const bool is_link = !node.is_folder && node.places.size() < kMaxNames;
      if (is_link) node.places.push_back(place);
      return;
    }
    erase(file.key);
  }
  Node node;
  node.places = {place};
  node.is_folder = S_ISDIR(file.mode);
  node.is_unique = file.is_unique;
  node.seen_ns = time_ns;
  insert(file.key, std::move(node));
}

void KnownFiles::made(const FileKey& file, const FilePlace& place, bool is_folder) {
  const std::lock_guard lock(mutex_);
  note_told(file);
  const auto known = nodes_.find(file);
  const bool is_root = known != nodes_.end() && known->second.places.empty();
  if (is_root || file == place.folder) return;
  erase(file);
  if (!is_known_folder(place.folder)) return;
  Node node;
  node.places = {place};
  node.is_folder = is_folder;
  node.is_unique = nodes_.at(place.folder).is_unique;
  insert(file, std::move(node));
}

void KnownFiles::linked(const FileKey& file, const FilePlace& place) {
  {
    const std::lock_guard lock(mutex_);
    note_told(file);
    if (!is_known_folder(place.folder)) return;
    const auto known = nodes_.find(file);
    if (known != nodes_.end()) {
      std::vector<FilePlace>& places = known->second.places;
      const bool is_listed = std::find(places.begin(), places.end(), place) != places.end();
      if (!is_listed && !places.empty() && places.size() < kMaxNames) places.push_back(place);
      return;
    }
  }
  made(file, place, false);
}

void KnownFiles::removed(const FileKey& file, const std::optional<FilePlace>& place) {
  const std::lock_guard lock(mutex_);
  note_told(file);
  const auto known = nodes_.find(file);
  if (known == nodes_.end()) return;
  std::vector<FilePlace>& places = known->second.places;
  if (place) std::erase(places, *place);
  if (!place || places.empty()) erase(file);
}

bool KnownFiles::is_known_folder(const FileKey& file) const {
  const auto found = nodes_.find(file);
  return found != nodes_.end() && found->second.is_folder;
}

void KnownFiles::insert(const FileKey& file, Node node) {
  size_t& count = node.is_folder ? folders_ : files_;
  if (count >= (node.is_folder ? limits_.folders : limits_.files)) return full_.add();
  count++;
  node.walk = walk_;
  nodes_[file] = std::move(node);
  known_.set(nodes_.size());
}

void KnownFiles::erase(const FileKey& file) {
  const auto known = nodes_.find(file);
  if (known == nodes_.end()) return;
  (known->second.is_folder ? folders_ : files_)--;
  nodes_.erase(known);
  known_.set(nodes_.size());
}

void KnownFiles::note_told(const FileKey& file) {
  if (is_walking_) reported_.insert(file);
}

}  // namespace auditql
