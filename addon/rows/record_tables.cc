#include "record_tables.h"

#include <algorithm>

#include "../decode/record_type.h"
#include "../store/generated/event_tables.h"
#include "record_caller.h"
#include "record_row.h"
#include "seccomp_row.h"
#include "security_row.h"
#include "user_row.h"

namespace auditql {

namespace {

constexpr uint16_t kUserAvc = 1107;

enum class Destination : uint8_t { none, user, seccomp, selinux, apparmor };

/// AppArmor shares its record types with SELinux (AUDIT_AVC, and USER_AVC of dbus-daemon).
Destination by_module(const Record& record, Destination otherwise) {
  return record.body.find("apparmor=") == std::string_view::npos ? otherwise
                                                                 : Destination::apparmor;
}

/// Ranges of include/uapi/linux/audit.h and libaudit's audit-records.h.
Destination destination_of(const Record& record) {
  const uint16_t type = record.type;
  if (type == record_type::seccomp) return Destination::seccomp;
  if (type == kUserAvc) return by_module(record, Destination::selinux);
  if (type == record_type::user || (type >= 1100 && type < 1200)) return Destination::user;
  if (type >= record_type::first_user_anomaly && type < 3000) return Destination::user;
  if (type >= record_type::avc && type < 1420) return by_module(record, Destination::selinux);
  if (type >= 1420 && type < 1600) return by_module(record, Destination::none);
  return Destination::none;
}

}  // namespace

bool RecordTables::wants(const RawEvent& event) const {
  if (options_.file_calls != nullptr && options_.file_calls->wants(event)) return true;
  return std::any_of(event.records.begin(), event.records.end(), [](const Record& record) {
    return destination_of(record) != Destination::none;
  });
}

void RecordTables::on_event(const RawEvent& event) {
  if (options_.file_calls != nullptr) options_.file_calls->on_event(event);
  for (const Record& record : event.records) {
    const Destination destination = destination_of(record);
    if (destination == Destination::none || is_excluded(event, record)) continue;
    switch (destination) {
      case Destination::user:
        store<UserEventsColumn>(*options_.user_events, record, fill_user_row);
        break;
      case Destination::seccomp:
        store<SeccompEventsColumn>(*options_.seccomp_events, record, fill_seccomp_row);
        break;
      case Destination::selinux:
        store<SelinuxEventsColumn>(*options_.selinux_events, record, fill_selinux_row);
        break;
      case Destination::apparmor:
        store<ApparmorEventsColumn>(*options_.apparmor_events, record, fill_apparmor_row);
        break;
      case Destination::none:
        break;
    }
  }
}

bool RecordTables::is_excluded(const RawEvent& event, const Record& record) {
  if (options_.exclusions == nullptr) return false;
  text_.clear();
  const RecordCaller made = record_caller(event, record, text_);
  return options_.exclusions->excludes({made.caller, made.syscall, record.id.time_ns});
}

template <typename Column>
void RecordTables::store(EventTable& table, const Record& record,
                         void (*fill)(const Record&, Row&, RowText&)) {
  row_.clear();
  text_.clear();
  RecordRow<Column>(row_, text_, record.body).set_stamp(record.id, options_.backend);
  fill(record, row_, text_);
  if (options_.boot_ns != 0 && record.id.time_ns > options_.boot_ns) {
    row_.set(Column::uptime, (record.id.time_ns - options_.boot_ns) / 1'000'000'000);
  }
  set_process<Column>(record.id.time_ns);
  table.append(row_);
}

template <typename Column>
void RecordTables::set_process(uint64_t time_ns) {
  constexpr auto kPid = static_cast<size_t>(Column::pid);
  if (!row_.has(kPid) || !options_.find_process) return;
  process_ = options_.find_process(static_cast<int32_t>(row_.cell(kPid).number), time_ns);
  if (!process_) return;
  if (process_->process.known()) row_.set(Column::process_uuid, process_->process.bytes);
  if (process_->parent.known()) row_.set(Column::parent_uuid, process_->parent.bytes);
}

}  // namespace auditql
