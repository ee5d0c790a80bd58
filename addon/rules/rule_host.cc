#include "rule_host.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <vector>

#include "rule_arch.h"

namespace auditql {
namespace {

std::optional<uint32_t> host_uid(const std::string& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(size_t{1} << 14);
  ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional<uint32_t>(found->pw_uid);
}

std::optional<uint32_t> host_gid(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(size_t{1} << 16);
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional<uint32_t>(found->gr_gid);
}

bool host_is_directory(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace

RuleHost::RuleHost()
    : arch(host_arch()), is_directory(host_is_directory), uid_of(host_uid), gid_of(host_gid) {}

}  // namespace auditql
