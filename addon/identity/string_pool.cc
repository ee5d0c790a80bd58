#include "string_pool.h"

namespace auditql {

uint32_t StringPool::take(std::string_view text) {
  text = text.substr(0, kMaxBytes);
  if (text.empty()) return 0;
  if (const auto found = ids_.find(text); found != ids_.end()) return share(found->second);
  uint32_t id = static_cast<uint32_t>(strings_.size());
  if (free_.empty()) {
    strings_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  strings_[id] = {std::string(text), 1};
  ids_.emplace(strings_[id].text, id);
  return id;
}

uint32_t StringPool::share(uint32_t id) {
  if (id != 0) strings_[id].users++;
  return id;
}

void StringPool::drop(uint32_t id) {
  if (id == 0 || --strings_[id].users > 0) return;
  ids_.erase(strings_[id].text);
  strings_[id].text = {};
  free_.push_back(id);
}

}  // namespace auditql
