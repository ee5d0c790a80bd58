#include "publishers.h"

namespace auditql {

template <typename Publisher, typename Options>
void Publishers::renew(std::unique_ptr<Publisher>& publisher, std::optional<Options>& current,
                       const std::optional<Options>& wanted, const char* table,
                       std::vector<SourceProblem>& problems) {
  if (publisher != nullptr && current == wanted) return;
  publisher.reset();
  current = wanted;
  if (!wanted) return;
  publisher = std::make_unique<Publisher>(*wanted, table_(table), health_);
  const Status started = publisher->start();
  if (started) return;
  problems.push_back({table, started.error()});
  publisher.reset();
}

std::vector<SourceProblem> Publishers::publish(const PublishRequest& request) {
  std::vector<SourceProblem> problems;
  renew(syslog_, syslog_options_, request.syslog, "syslog_events", problems);
  renew(devices_, device_options_, request.devices, "hardware_events", problems);
  if (!request.files) {
    files_.reset();
    return problems;
  }
  if (files_ == nullptr) {
    files_ = std::make_unique<FilePublisher>(
        FileRecorder::Tables{&table_("file_events"), &table_("yara_events")}, health_);
  }
  for (Error& each : files_->watch(request.paths, *request.files)) {
    problems.push_back({"file_events", std::move(each)});
  }
  return problems;
}

}  // namespace auditql
