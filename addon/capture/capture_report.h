#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace auditql {

/// How much of one kind of event is seen.
enum class Sight : uint8_t {
  off,
  limited,  ///< some are not seen; a problem says which
  on,
};

/// What a running backend sees of the host.
struct CaptureSight {
  Sight processes = Sight::off;
  Sight sockets = Sight::off;
  Sight files = Sight::off;    ///< which process did what to a file
  Sight records = Sight::off;  ///< messages of user space: logins, sudo, accounts
};

/// Something that a running backend does not see, and what to do about it.
struct CaptureProblem {
  std::string name;  ///< stable: `owner_lost`, `rules_missing`, ...
  std::string reason, remedy;
};

struct CaptureReport {
  CaptureSight sees;
  std::vector<CaptureProblem> problems;
};

}  // namespace auditql
