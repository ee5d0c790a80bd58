#include "user_names.h"

#include <pwd.h>

#include <cerrno>
#include <vector>

namespace auditql {

namespace {

constexpr uint32_t kUnsetUid = 4294967295u;  // (uid_t)-1
constexpr size_t kMaxEntryBytes = 1 << 16;

std::optional<std::string> look_up(uint32_t uid) {
  std::vector<char> buffer(1024);
  for (;;) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (error == EINTR) continue;
    if (error == ERANGE && buffer.size() < kMaxEntryBytes) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    if (error != 0 || found == nullptr) return std::nullopt;
    return found->pw_name;
  }
}

}  // namespace

const std::string* UserNames::find(uint32_t uid) {
  if (uid == kUnsetUid) return nullptr;
  const Clock::time_point now = Clock::now();
  if (now - begun_ > kMaxAge || names_.size() >= kMaxNames) {
    names_.clear();
    begun_ = now;
  }
  const auto [at, is_new] = names_.try_emplace(uid);
  if (is_new) at->second = look_up(uid);
  return at->second ? &*at->second : nullptr;
}

const std::string* user_name(uint32_t uid) {
  thread_local UserNames names;
  return names.find(uid);
}

}  // namespace auditql
