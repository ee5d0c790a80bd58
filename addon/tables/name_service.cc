#include "name_service.h"

#include <pwd.h>

#include <cerrno>

namespace auditql {

namespace {

constexpr size_t kMaxAccounts = 1'000'000;
// sysconf(_SC_GETPW_R_SIZE_MAX) is a hint only; longer entries are tried again up to this.
constexpr size_t kMaxEntryBytes = 1 << 20;

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

Account account_from(const passwd& entry) {
  return {text_of(entry.pw_name),  entry.pw_uid,          entry.pw_gid,
          text_of(entry.pw_gecos), text_of(entry.pw_dir), text_of(entry.pw_shell)};
}

/// Calls one of getpwuid_r(3) and getpwnam_r(3) with a buffer that is large enough.
template <typename LookUp>
std::optional<Account> look_up(LookUp&& call) {
  passwd entry{};
  passwd* found = nullptr;
  for (std::vector<char> buffer(4096); buffer.size() <= kMaxEntryBytes;
       buffer.resize(buffer.size() * 4)) {
    const int failure = call(&entry, buffer.data(), buffer.size(), &found);
    if (failure == ERANGE) continue;
    if (failure != 0 || found == nullptr) return std::nullopt;
    return account_from(entry);
  }
  return std::nullopt;
}

}  // namespace

std::vector<Account> all_accounts() {
  std::vector<Account> accounts;
  setpwent();
  while (accounts.size() < kMaxAccounts) {
    const passwd* entry = getpwent();
    if (entry == nullptr) break;
    accounts.push_back(account_from(*entry));
  }
  endpwent();
  return accounts;
}

std::optional<Account> account_of(uint32_t uid) {
  return look_up([uid](passwd* entry, char* buffer, size_t size, passwd** found) {
    return getpwuid_r(uid, entry, buffer, size, found);
  });
}

std::optional<Account> account_named(const std::string& name) {
  return look_up([&name](passwd* entry, char* buffer, size_t size, passwd** found) {
    return getpwnam_r(name.c_str(), entry, buffer, size, found);
  });
}

}  // namespace auditql
