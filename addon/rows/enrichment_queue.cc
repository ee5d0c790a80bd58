#include "enrichment_queue.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "../bytes/digest.h"

namespace auditql {

namespace {

/// Each executable that waits holds a descriptor.
constexpr size_t kMaxWaiting = 512;
constexpr size_t kKnownExecutables = 32768, kKnownContainers = 8192;
constexpr uint64_t kAskAgainNs = 600'000'000'000;

template <typename Number>
void append_number(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// A digest, so that nobody can make a file that goes by the name of another. `salt`: for a state
/// that may stand for two contents.
UuidBytes name_of(std::string_view path, const FileState& file, std::string_view salt) {
  std::string bytes;
  bytes.reserve(64 + path.size() + salt.size());
  append_number(bytes, file.device_major);
  append_number(bytes, file.device_minor);
  append_number(bytes, file.inode);
  append_number(bytes, file.size);
  append_number(bytes, file.mtime_ns);
  append_number(bytes, file.ctime_ns);
  bytes += path;
  bytes += salt;
  const std::string digest = sha256_digest(bytes);
  UuidBytes id{};
  std::memcpy(id.data(), digest.data(), id.size());
  return id;
}

}  // namespace

size_t EnrichmentQueue::IdHash::operator()(const UuidBytes& id) const {
  size_t hash = 0;
  std::memcpy(&hash, id.data(), sizeof hash);
  return hash;
}

EnrichmentQueue::EnrichmentQueue(HealthRegion& health)
    : known_executables_(kKnownExecutables, kAskAgainNs),
      known_containers_(kKnownContainers, kAskAgainNs) {
  const auto counters = [&](auto& waiting, std::string_view name) {
    waiting.depth = health.counter({"enrich", name, "queue_depth"});
    waiting.asked = health.counter({"enrich", name, "requests"});
    waiting.known = health.counter({"enrich", name, "known"});
    waiting.dropped = health.counter({"enrich", name, "dropped", "queue_full"});
  };
  counters(executables_, "executables");
  counters(containers_, "containers");
}

UuidBytes EnrichmentQueue::note_executed(std::string_view path, const ExecutedFile& file,
                                         uint64_t time_ns) {
  const FileState state = file.state();
  // By its path a file is found only where it is older than the event.
  const bool settled = !file.by_process || is_settled(state);
  std::string salt;
  if (!settled) {
    // No path has a NUL.
    salt.push_back('\0');
    append_number(salt, time_ns);
    append_number(salt, unsettled_++);
  }
  const UuidBytes id = settled ? settled_name(path, state) : name_of(path, state, salt);
  if (known_executables_.contains(id, time_ns)) {
    executables_.known.add();
    return id;
  }
  ExecutableRequest request{id, std::string(path), state, time_ns, file.by_process, hold(file)};
  if (push(executables_, std::move(request))) known_executables_.insert(id, time_ns);
  return id;
}

/// Most programs are executed again and again; their name is a digest that need not be made again.
const UuidBytes& EnrichmentQueue::settled_name(std::string_view path, const FileState& state) {
  Named& named = names_[state.inode % names_.size()];
  if (named.path != path || named.state != state) named = {std::string(path), state, {}};
  if (named.id == UuidBytes{}) named.id = name_of(path, state, {});
  return named.id;
}

bool EnrichmentQueue::needs_container(const std::string& id, uint64_t time_ns) {
  const bool known = known_containers_.contains(id, time_ns);
  if (known) containers_.known.add();
  return !known;
}

void EnrichmentQueue::note_container(ContainerOrigin origin, uint64_t time_ns) {
  const std::string id = origin.id;
  if (push(containers_, ContainerRequest{std::move(origin), time_ns})) {
    known_containers_.insert(id, time_ns);
  }
}

std::vector<ExecutableRequest> EnrichmentQueue::take_executables(size_t limit) {
  return take(executables_, limit);
}

std::vector<ContainerRequest> EnrichmentQueue::take_containers(size_t limit) {
  return take(containers_, limit);
}

template <typename Request>
bool EnrichmentQueue::push(Waiting<Request>& waiting, Request request) {
  const std::lock_guard lock(mutex_);
  if (waiting.requests.size() >= kMaxWaiting) {
    waiting.dropped.add();
    return false;
  }
  waiting.asked.add();
  waiting.requests.push_back(std::move(request));
  waiting.depth.set(waiting.requests.size());
  if (on_questions_ && !is_told_) {
    is_told_ = true;
    on_questions_();
  }
  return true;
}

void EnrichmentQueue::set_on_questions(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  on_questions_ = std::move(callback);
}

template <typename Request>
std::vector<Request> EnrichmentQueue::take(Waiting<Request>& waiting, size_t limit) {
  const std::lock_guard lock(mutex_);
  // Who takes none now comes back by itself.
  if (limit > 0) is_told_ = false;
  const auto end = waiting.requests.begin() +
                   static_cast<std::ptrdiff_t>(std::min(limit, waiting.requests.size()));
  std::vector<Request> taken(std::make_move_iterator(waiting.requests.begin()),
                             std::make_move_iterator(end));
  waiting.requests.erase(waiting.requests.begin(), end);
  waiting.depth.set(waiting.requests.size());
  return taken;
}

}  // namespace auditql
