#pragma once

#include <memory>
#include <string>
#include <vector>

#include "file_recorder.h"
#include "file_watcher.h"

namespace auditql {

/// YARA rules, as text, for the files of one category.
struct CategorySignatures {
  std::string category;
  struct Source {
    std::string name;  ///< file that it was read from
    std::string text;
  };
  std::vector<Source> sources;
};

struct FileOptions {
  std::vector<CategorySignatures> signatures;
  uint64_t max_hash_bytes = 50 << 20;
};

/// file_events and yara_events: inotify, a bounded queue, and the thread that hashes and stores.
class FileSource {
 public:
  FileSource(FileRecorder::Tables tables, HealthRegion& health);
  /// Stores what is on its way.
  ~FileSource();

  /// Watches these from now on. Signatures that cannot be used are reported and skipped.
  std::vector<Error> watch(std::shared_ptr<const WatchedPaths> paths, const FileOptions& options);

 private:
  FileChangeQueue changes_;
  FileRecorder recorder_;
  FileWatcher watcher_;
  bool is_running_ = false;
};

}  // namespace auditql
