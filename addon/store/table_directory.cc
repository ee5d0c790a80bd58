#include "table_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace auditql {

namespace {

constexpr std::string_view kSegmentPrefix = "segment-";
constexpr size_t kOrdinalDigits = 16;

/// N of a name that ends in `.kind-N`; 0 for other names.
uint64_t set_aside_number(std::string_view name, const std::string& kind) {
  const std::string mark = "." + kind + "-";
  const size_t at = name.rfind(mark);
  if (at == std::string_view::npos) return 0;
  const std::string_view digits = name.substr(at + mark.size());
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

Status TableDirectory::create_and_lock() {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  if (mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error::from_errno("store_open_failed", "mkdir " + path_);
  }
  const std::string lock_path = path_ + "/lock";
  lock_.reset(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) return Error::from_errno("store_open_failed", "open " + lock_path);
  // flock(2) and not fcntl(2): the lock belongs to the open file, so that a second table in the
  // same process is refused as well, and closing another descriptor does not drop it.
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return Done{};
  if (errno == EWOULDBLOCK) {
    return Error{"store_locked", path_ + " is in use by another process", EWOULDBLOCK};
  }
  return Error::from_errno("store_open_failed", "flock " + lock_path);
}

std::string TableDirectory::segment_path(uint64_t ordinal) const {
  char digits[kOrdinalDigits + 8];
  std::snprintf(digits, sizeof(digits), "%016llu", static_cast<unsigned long long>(ordinal));
  return path_ + "/" + std::string(kSegmentPrefix) + digits;
}

std::vector<std::string> TableDirectory::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path_, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

std::vector<uint64_t> TableDirectory::segments() const {
  std::vector<uint64_t> ordinals;
  for (const std::string& name : names()) {
    if (name.size() != kSegmentPrefix.size() + kOrdinalDigits) continue;
    if (!name.starts_with(kSegmentPrefix)) continue;
    uint64_t ordinal = 0;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kSegmentPrefix.size(), end, ordinal);
    if (parsed.ptr == end && ordinal > 0) ordinals.push_back(ordinal);
  }
  std::sort(ordinals.begin(), ordinals.end());
  return ordinals;
}

void TableDirectory::remove_unfinished() const {
  for (const std::string& name : names()) {
    if (name.ends_with(".new")) std::remove((path_ + "/" + name).c_str());
  }
}

Status TableDirectory::set_aside(const std::string& path, const std::string& kind) const {
  std::vector<std::pair<uint64_t, std::string>> aside;
  for (const std::string& name : names()) {
    if (const uint64_t number = set_aside_number(name, kind)) aside.emplace_back(number, name);
  }
  std::sort(aside.begin(), aside.end());
  const uint64_t number = aside.empty() ? 1 : aside.back().first + 1;
  for (size_t i = 0; i + kMostSetAside <= aside.size(); i++) {
    std::remove((path_ + "/" + aside[i].second).c_str());
  }
  const std::string target = path + "." + kind + "-" + std::to_string(number);
  if (std::rename(path.c_str(), target.c_str()) == 0) return Done{};
  return Error::from_errno("store_open_failed", "rename " + path);
}

}  // namespace auditql
