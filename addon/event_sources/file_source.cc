#include "file_source.h"

namespace auditql {

namespace {

/// Changes that wait to be hashed and stored; a quarter of a kilobyte each.
constexpr size_t kMaxChanges = 65536;

std::vector<CategoryRules> compile(const std::vector<CategorySignatures>& signatures,
                                   std::vector<Error>& errors) {
  std::vector<CategoryRules> compiled;
  for (const CategorySignatures& each : signatures) {
    CategoryRules rules{each.category, {}};
    for (const auto& source : each.sources) {
      std::shared_ptr<YaraRules> rule = YaraRules::compile(source.text);
      if (rule == nullptr) {
        errors.push_back(
            {"yara_rules_unusable",
             source.name + " does not compile, or the host has no libyara 4.2 or later", 0});
      } else {
        rules.rules.push_back(std::move(rule));
      }
    }
    if (!rules.rules.empty()) compiled.push_back(std::move(rules));
  }
  return compiled;
}

}  // namespace

FileSource::FileSource(FileRecorder::Tables tables, HealthRegion& health)
    : changes_(kMaxChanges, health),
      recorder_(changes_, tables, health),
      watcher_(changes_, health) {}

FileSource::~FileSource() {
  watcher_.stop();
  changes_.close();
  recorder_.stop();
}

std::vector<Error> FileSource::watch(std::shared_ptr<const WatchedPaths> paths,
                                     const FileOptions& options) {
  std::vector<Error> errors;
  auto plan = std::make_shared<RecordingPlan>();
  plan->paths = std::move(paths);
  plan->yara = compile(options.signatures, errors);
  plan->max_hash_bytes = options.max_hash_bytes;
  // The recorder first: what the watcher reports must be in a category that it knows.
  if (is_running_) {
    recorder_.set_plan(plan);
    watcher_.set_paths(plan->paths);
    return errors;
  }
  const Status started = watcher_.start(plan->paths);
  if (!started) {
    errors.push_back(started.error());
    return errors;
  }
  if (const Status recording = recorder_.start(plan); !recording) {
    watcher_.stop();
    errors.push_back(recording.error());
    return errors;
  }
  is_running_ = true;
  return errors;
}

}  // namespace auditql
