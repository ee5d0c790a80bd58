#include "unknown_facts.h"

namespace auditql {

namespace {

constexpr std::array<std::string_view, kLateFacts> kNames = {"capabilities", "namespaces", "cgroup",
                                                             "environment", "executable"};

}  // namespace

UnknownFacts::UnknownFacts(HealthRegion& health) {
  for (size_t i = 0; i < kLateFacts; i++) {
    counters_[i] = health.counter({"identity", "exec_facts", "unknown", kNames[i]});
  }
}

void UnknownFacts::add(LateFact fact) {
  const auto number = static_cast<size_t>(fact);
  if (!text_.empty()) text_ += ',';
  text_ += kNames[number];
  counters_[number].add();
}

}  // namespace auditql
