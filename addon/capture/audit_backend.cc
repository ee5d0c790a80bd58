#include "audit_backend.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "audit_report.h"
#include "capture_rules.h"
#include "host_probe.h"

namespace auditql {
namespace {

// How long stop() waits, twice, for what the kernel still holds.
constexpr int kDrainMs = 1500;
// The ring of the eBPF programs is read within 20 ms.
constexpr int kRecordSettleMs = 60;

/// Waits until kauditd has passed on what it had. Its queue length is all that is known of it, so
/// it must be empty twice, with time between for the record on its way.
void wait_for_empty_backlog(AuditNetlink& audit, AuditReader& reader) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kDrainMs);
  int empty = 0;
  while (empty < 2 && std::chrono::steady_clock::now() < deadline) {
    Result<AuditStatus> status = audit.status();
    if (!status) break;
    empty = status.value().backlog == 0 ? empty + 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  reader.drain(kDrainMs);
}

}  // namespace

AuditBackend::AuditBackend(AuditBackendOptions options, HealthRegion& health)
    : options_(std::move(options)), health_(health) {}

AuditBackend::~AuditBackend() { stop(); }

Result<PlannedAudit> AuditBackend::plan(AuditNetlink& audit) const {
  AuditCase found{options_.choice, options_.duty, {}, {}};
  Result<AuditStatus> status = audit.status();
  if (!status) return status.error();
  found.status = status.value();
  if (options_.duty == AuditDuty::calls && options_.mode == AuditMode::multicast) {
    return PlannedAudit{{true, {}, {}}, {AuditDuty::calls, AuditMode::multicast}};
  }
  if (options_.duty == AuditDuty::calls && options_.choice != AuditChoice::unicast) {
    Result<std::vector<AuditRule>> rules = audit.rules();
    if (!rules) return rules.error();
    found.rules = rules.take();
  }
  return plan_audit(found);
}

Availability AuditBackend::probe() {
  Result<AuditNetlink> audit = AuditNetlink::open();
  Result<PlannedAudit> planned = audit ? plan(audit.value()) : Result<PlannedAudit>(audit.error());
  if (planned) return planned.value().availability;
  const Error& error = planned.error();
  const bool is_permission = error.code == "audit_permission";
  return {false, error.message,
          is_permission
              ? how_to_grant(std::array<std::string_view, 2>{"cap_audit_control", "cap_audit_read"})
              : "boot with audit=1 on a kernel with CONFIG_AUDITSYSCALL, outside of "
                "containers"};
}

Status AuditBackend::start(FrameQueue& queue) {
  Result<AuditNetlink> audit = AuditNetlink::open();
  if (!audit) return audit.error();
  if (Status prepared = prepare(audit.take()); !prepared) return prepared;
  Status reading = begin_reading(queue);
  if (!reading) stop();
  return reading;
}

/// Undoes a crashed run, looks whether we may, and writes down what is found.
Status AuditBackend::prepare(AuditNetlink audit) {
  Result<CrashRestore> restored = restore_after_crash(options_.state_path);
  if (!restored) return restored.error();
  Result<PlannedAudit> planned = plan(audit);
  if (!planned) return planned.error();
  const Availability& available = planned.value().availability;
  if (!available.available) {
    return Error{"audit_not_usable", available.reason + "; " + available.remedy, EBUSY};
  }
  plan_ = planned.value().plan;
  Result<std::vector<AuditRule>> rules = wanted_rules(options_.rules);
  if (!rules) return rules.error();
  const bool changes_host = plan_.duty == AuditDuty::calls || plan_.mode == AuditMode::unicast;
  const auto make = changes_host ? AuditConfigGuard::begin : AuditConfigGuard::idle;
  Result<AuditConfigGuard> config_guard =
      make(std::move(audit), options_.state_path, wanted_settings(rules.take()));
  if (!config_guard) return config_guard.error();
  config_guard_ = std::make_unique<AuditConfigGuard>(config_guard.take());
  return Done{};
}

Result<std::vector<AuditRule>> AuditBackend::wanted_rules(const ConfiguredRules& rules) const {
  const auto own_pid = static_cast<uint32_t>(::getpid());
  return plan_.duty == AuditDuty::calls ? capture_rules(own_pid, rules)
                                        : record_rules(own_pid, rules);
}

/// Records alone are few, so that the host's backlog does for them.
AuditSettings AuditBackend::wanted_settings(std::vector<AuditRule> rules) const {
  const uint64_t wait_jiffies = uint64_t{options_.backlog_wait_ms} * jiffies_per_second() / 1000;
  AuditSettings settings;
  settings.tunes_backlog = plan_.duty == AuditDuty::calls && options_.mode == AuditMode::unicast;
  settings.backlog_limit = options_.backlog_limit;
  settings.backlog_wait_time = static_cast<uint32_t>(std::max<uint64_t>(wait_jiffies, 1));
  settings.rules = std::move(rules);
  return settings;
}

/// The reader runs before the first rule is in the kernel.
Status AuditBackend::begin_reading(FrameQueue& queue) {
  Result<UniqueFd> socket = open_record_socket(plan_.mode, options_.receive_buffer_bytes);
  if (!socket) return socket.error();
  if (plan_.mode == AuditMode::unicast) {
    if (Status owner = become_owner(socket.value(), config_guard_->audit()); !owner) return owner;
  }
  reader_ = std::make_unique<AuditReader>(
      queue, health_,
      AuditReader::Options{.full_queue_wait_ms = options_.full_queue_wait_ms,
                           .settle_ms = plan_.duty == AuditDuty::records ? kRecordSettleMs : 0});
  if (Status started = reader_->start(socket.take()); !started) return started;
  if (config_guard_->is_engaged()) {
    if (Status applied = config_guard_->apply(); !applied) return applied;
  }
  const bool wants_records = plan_.duty == AuditDuty::records;
  const bool wants_stream = wants_records && options_.choice != AuditChoice::multicast;
  monitor_ = std::make_unique<AuditMonitor>(
      *config_guard_, *reader_, health_, queue,
      AuditMonitor::Options{.mode = wants_stream ? AuditMode::unicast : plan_.mode,
                            .plan = plan_,
                            .gives_way = wants_records && options_.choice == AuditChoice::automatic,
                            .receive_buffer_bytes = options_.receive_buffer_bytes});
  return monitor_->start();
}

Status AuditBackend::change_rules(const ConfiguredRules& rules) {
  if (!monitor_) return Done{};
  Result<std::vector<AuditRule>> wanted = wanted_rules(rules);
  return wanted ? monitor_->replace_rules(wanted.take()) : Status(wanted.error());
}

CaptureReport AuditBackend::report() const {
  return monitor_ ? audit_report(monitor_->view()) : CaptureReport();
}

/// No new records, then what the kernel still holds, then the status and the owner role.
void AuditBackend::stop() {
  if (!config_guard_) return;
  if (monitor_) monitor_->stop();
  const Status removed = config_guard_->remove_rules();
  if (reader_) wait_for_empty_backlog(config_guard_->audit(), *reader_);
  if (monitor_) (void)monitor_->count();
  const Status finished = config_guard_->finish();
  if (!removed || !finished) {
    // The state file is still there: the next start tries again.
    health_.counter({"capture", "audit", "restore_errors"}).add();
  }
  if (reader_) reader_->stop();
  monitor_.reset();
  reader_.reset();
  config_guard_.reset();
}

}  // namespace auditql
