#include "event_sources.h"

namespace auditql {

template <typename Source, typename Options>
void EventSources::renew(std::unique_ptr<Source>& source, std::optional<Options>& current,
                         const std::optional<Options>& wanted, const char* table,
                         std::vector<SourceProblem>& problems) {
  if (source != nullptr && current == wanted) return;
  source.reset();
  current = wanted;
  if (!wanted) return;
  source = std::make_unique<Source>(*wanted, table_(table), health_);
  const Status started = source->start();
  if (started) return;
  problems.push_back({table, started.error()});
  source.reset();
}

std::vector<SourceProblem> EventSources::publish(const PublishRequest& request) {
  std::vector<SourceProblem> problems;
  renew(syslog_, syslog_options_, request.syslog, "syslog_events", problems);
  renew(devices_, device_options_, request.devices, "hardware_events", problems);
  if (!request.files) {
    files_.reset();
    return problems;
  }
  if (files_ == nullptr) {
    files_ = std::make_unique<FileSource>(
        FileRecorder::Tables{&table_("file_events"), &table_("yara_events")}, health_);
  }
  for (Error& each : files_->watch(request.paths, *request.files)) {
    problems.push_back({"file_events", std::move(each)});
  }
  return problems;
}

}  // namespace auditql
