#pragma once

#include <chrono>
#include <thread>

namespace auditql::test {

/// Whether a condition comes true before a test on however busy a host has failed.
template <typename Condition>
bool eventually(Condition&& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace auditql::test
