#pragma once

#include <functional>
#include <optional>

#include "../decode/raw_event.h"
#include "../identity/process_table.h"
#include "../store/event_table.h"
#include "file_calls/file_call_rows.h"
#include "filters/event_exclusions.h"
#include "row_text.h"

namespace auditql {

struct RecordTablesOptions {
  EventTable* user_events = nullptr;
  EventTable* seccomp_events = nullptr;
  EventTable* selinux_events = nullptr;
  EventTable* apparmor_events = nullptr;
  std::string_view backend = "audit";
  uint64_t boot_ns = 0;  ///< wall clock at boot; 0: not this host, uptime stays NULL
  /// Who had a pid at a time.
  std::function<std::optional<Identity>(int32_t, uint64_t)> find_process;
  /// Who touched which files; null for none.
  FileCallRows* file_calls = nullptr;
  /// Those that keep records out; null for none.
  const EventExclusions* exclusions = nullptr;
};

/// Stores records that stand for themselves, whatever call they came with: messages of user space,
/// seccomp, SELinux, AppArmor; and hands on calls that are about files. Decoding thread only.
class RecordTables : public RawEventSink {
 public:
  explicit RecordTables(RecordTablesOptions options) : options_(std::move(options)) {}

  bool wants(const RawEvent& event) const override;
  void on_event(const RawEvent& event) override;

 private:
  bool is_excluded(const RawEvent& event, const Record& record);
  template <typename Column>
  void store(EventTable& table, const Record& record, void (*fill)(const Record&, Row&, RowText&));
  template <typename Column>
  void set_process(uint64_t time_ns);

  RecordTablesOptions options_;
  std::optional<Identity> process_;  ///< holds what the row's uuids view
  Row row_;
  RowText text_;
};

}  // namespace auditql
