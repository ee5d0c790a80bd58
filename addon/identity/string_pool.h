#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auditql {

/// Strings that many live processes share (executable, working directory, container), each kept
/// once and counted. Number 0 is the empty string. Bounded by its users: each process holds three.
class StringPool {
 public:
  static constexpr size_t kMaxBytes = 4096;  ///< PATH_MAX; longer strings are cut

  uint32_t take(std::string_view text);
  uint32_t share(uint32_t id);
  void drop(uint32_t id);
  std::string_view text(uint32_t id) const { return strings_[id].text; }
  size_t size() const { return ids_.size(); }

 private:
  struct Item {
    std::string text;
    uint32_t users = 0;
  };
  std::deque<Item> strings_{1};  ///< a deque, because ids_ looks into the strings
  std::vector<uint32_t> free_;
  std::unordered_map<std::string_view, uint32_t> ids_;
};

}  // namespace auditql
