#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace auditql {

/// Names of user or group ids as the host's name services have them, remembered for a while: a
/// look-up may ask a directory server. Not thread-safe.
class IdNames {
 public:
  using LookUp = std::optional<std::string> (*)(uint32_t id);
  static constexpr size_t kMaxNames =
      1024;  ///< when full, the one that was wanted longest ago goes
  static constexpr std::chrono::seconds kMaxAge{60};

  explicit IdNames(LookUp look_up) : look_up_(look_up) {}

  /// Null for ids without a name, and for the unset id. Valid until the next call.
  const std::string* find(uint32_t id);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    uint32_t id;
    std::optional<std::string> name;
    Clock::time_point looked_up;
  };

  LookUp look_up_;
  std::list<Entry> entries_;  ///< wanted last first
  std::unordered_map<uint32_t, std::list<Entry>::iterator> by_id_;
};

/// getpwuid_r(3) and getgrgid_r(3).
std::optional<std::string> look_up_user(uint32_t uid);
std::optional<std::string> look_up_group(uint32_t gid);

/// From the names that this thread remembers.
const std::string* user_name(uint32_t uid);
const std::string* group_name(uint32_t gid);

}  // namespace auditql
