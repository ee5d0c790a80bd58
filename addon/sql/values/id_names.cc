#include "id_names.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace auditql {

namespace {

constexpr uint32_t kUnsetId = 4294967295u;  // (uid_t)-1
/// Of one entry; a group's holds its members.
constexpr size_t kMaxEntryBytes = 1 << 20;

/// Calls one of the functions of getpwnam(3) and getgrnam(3) with a buffer that is large enough.
template <typename Entry, typename Get>
std::optional<std::string> name_from(Get get, uint32_t id, char* Entry::*name) {
  std::vector<char> buffer(1024);
  for (;;) {
    Entry entry{};
    Entry* found = nullptr;
    const int error = get(id, &entry, buffer.data(), buffer.size(), &found);
    if (error == EINTR) continue;
    if (error == ERANGE && buffer.size() < kMaxEntryBytes) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    if (error != 0 || found == nullptr) return std::nullopt;
    return found->*name;
  }
}

}  // namespace

std::optional<std::string> look_up_user(uint32_t uid) {
  return name_from(::getpwuid_r, uid, &passwd::pw_name);
}

std::optional<std::string> look_up_group(uint32_t gid) {
  return name_from(::getgrgid_r, gid, &group::gr_name);
}

const std::string* IdNames::find(uint32_t id) {
  if (id == kUnsetId) return nullptr;
  const Clock::time_point now = Clock::now();
  const auto known = by_id_.find(id);
  if (known != by_id_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
  } else {
    if (entries_.size() == kMaxNames) {
      by_id_.erase(entries_.back().id);
      entries_.pop_back();
    }
    entries_.push_front({id, std::nullopt, {}});
    by_id_[id] = entries_.begin();
  }
  Entry& entry = entries_.front();
  if (known == by_id_.end() || now - entry.looked_up > kMaxAge) {
    entry.name = look_up_(id);
    entry.looked_up = now;
  }
  return entry.name ? &*entry.name : nullptr;
}

const std::string* user_name(uint32_t uid) {
  thread_local IdNames names(look_up_user);
  return names.find(uid);
}

const std::string* group_name(uint32_t gid) {
  thread_local IdNames names(look_up_group);
  return names.find(gid);
}

}  // namespace auditql
