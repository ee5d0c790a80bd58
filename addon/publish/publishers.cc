#include "publishers.h"

namespace auditql {

template <typename Publisher, typename Options>
void Publishers::renew(std::unique_ptr<Publisher>& publisher, std::optional<Options>& current,
                       const std::optional<Options>& wanted, const char* table,
                       std::vector<Error>& errors) {
  if (publisher != nullptr && current == wanted) return;
  publisher.reset();
  current = wanted;
  if (!wanted) return;
  publisher = std::make_unique<Publisher>(*wanted, table_(table), health_);
  const Status started = publisher->start();
  if (started) return;
  errors.push_back(started.error());
  publisher.reset();
}

std::vector<Error> Publishers::publish(const PublishRequest& request) {
  std::vector<Error> errors;
  renew(syslog_, syslog_options_, request.syslog, "syslog_events", errors);
  renew(devices_, device_options_, request.devices, "hardware_events", errors);
  if (!request.files) {
    files_.reset();
    return errors;
  }
  if (files_ == nullptr) {
    files_ = std::make_unique<FilePublisher>(
        FileRecorder::Tables{&table_("file_events"), &table_("yara_events")}, health_);
  }
  for (Error& each : files_->watch(request.paths, *request.files))
    errors.push_back(std::move(each));
  return errors;
}

}  // namespace auditql
