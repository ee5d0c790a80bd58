#include "../capture/file_rules.h"
#include "engine.h"

namespace auditql {

namespace {

constexpr const char* kFileCalls = "process_file_events";

Result<FileRules> rules_for(const WatchedPaths& paths) {
  std::vector<FileRuleRoot> roots;
  for (const WatchedPaths::Root& root : paths.roots()) {
    roots.push_back({root.path, root.is_file, root.with_accesses});
  }
  return file_rules(roots);
}

}  // namespace

std::vector<SourceProblem> Engine::publish(const EnginePublishing& request) {
  // Each row would change a file of the state directory again.
  std::vector<std::string> excludes = request.excludes;
  excludes.push_back(state_directory_ + "/%%");
  PublishRequest sources = request.sources;
  sources.paths = std::make_shared<const WatchedPaths>(request.categories, excludes);
  if (publishers_ == nullptr) {
    publishers_ = std::make_unique<Publishers>(
        [this](std::string_view name) -> EventTable& { return *table(name); }, *health_);
  }
  std::vector<SourceProblem> problems = publishers_->publish(sources);
  const Status followed =
      follow_file_calls(request.process_file_events ? sources.paths : nullptr, problems);
  if (!followed) problems.push_back({kFileCalls, followed.error()});
  return problems;
}

/// The paths first: what a rule tells of must be known. `problems` gets what cannot be followed.
Status Engine::follow_file_calls(std::shared_ptr<const WatchedPaths> paths,
                                 std::vector<SourceProblem>& problems) {
  const bool has_audit = backend_ != nullptr && backend_->name() == "audit";
  if (!has_audit) {
    if (paths == nullptr) return Done{};
    return Error{"capture_start_failed", "process_file_events need the audit backend", 0};
  }
  WantedRules wanted = rules_;
  wanted.files.clear();
  if (paths != nullptr) {
    auto made = rules_for(*paths);
    if (!made) return made.error();
    for (const std::string& each : made.value().problems) {
      problems.push_back({kFileCalls, {"capture_start_failed", each, 0}});
    }
    wanted.files = std::move(made.value().rules);
  }
  file_calls_->set_paths(std::move(paths));
  const Status changed = change_rules(wanted);
  file_calls_->look_at_folders();
  return changed;
}

}  // namespace auditql
