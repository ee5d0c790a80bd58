#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "../health/health_region.h"

namespace auditql {

/// What of an exec no record tells and is looked up later than the exec.
enum class LateFact : uint8_t { capabilities, namespaces, cgroup, environment, executable };
constexpr size_t kLateFacts = 5;

/// Which of them a row has not, because they could not be read in time: counted, and named in the
/// row, where nothing must look like none. Decoding thread only.
class UnknownFacts {
 public:
  explicit UnknownFacts(HealthRegion& health);

  void clear() { text_.clear(); }
  void add(LateFact fact);
  /// Their names, joined by commas; valid until the next clear().
  std::string_view text() const { return text_; }

 private:
  std::string text_;
  std::array<Counter, kLateFacts> counters_;
};

}  // namespace auditql
