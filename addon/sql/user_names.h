#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace auditql {

/// Names of user ids as the host's name services have them (getpwuid_r(3)), remembered for a while:
/// a look-up may ask a directory server. Not thread-safe.
class UserNames {
 public:
  static constexpr size_t kMaxNames = 1024;  ///< when full, all are forgotten
  static constexpr std::chrono::seconds kMaxAge{60};

  /// Null for ids without a name, and for the unset id. Valid until the next call.
  const std::string* find(uint32_t uid);

 private:
  using Clock = std::chrono::steady_clock;

  std::unordered_map<uint32_t, std::optional<std::string>> names_;
  Clock::time_point begun_ = Clock::now();
};

/// The same from the names of this thread.
const std::string* user_name(uint32_t uid);

}  // namespace auditql
