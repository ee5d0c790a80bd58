#include "lineage.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "../../store/generated/event_tables.h"
#include "../values/id_names.h"
#include "event_cell.h"

namespace auditql {

namespace {

using Column = ProcessEventsColumn;

uint16_t index_of(Column column) { return static_cast<uint16_t>(column); }

std::optional<UuidBytes> uuid_cell(const Scan& scan, Column column) {
  const StoredCell cell = scan.cell(index_of(column));
  if (cell.kind != StoredCell::Kind::uuid) return std::nullopt;
  UuidBytes uuid{};
  std::memcpy(uuid.data(), cell.bytes.data(), uuid.size());
  return uuid;
}

void take_number(const Scan& scan, Column column, std::optional<int64_t>& number) {
  const StoredCell cell = scan.cell(index_of(column));
  if (cell.kind == StoredCell::Kind::number) number = cell.number;
}

void take_text(const Scan& scan, Column column, std::string& text) {
  const StoredCell cell = scan.cell(index_of(column));
  if (cell.kind == StoredCell::Kind::bytes && !cell.bytes.empty()) text = cell.bytes;
}

void take_username(const Scan& scan, std::string& username) {
  std::optional<int64_t> uid;
  take_number(scan, Column::uid, uid);
  const std::string* name = uid ? user_name(static_cast<uint32_t>(*uid)) : nullptr;
  if (name != nullptr) username = *name;
}

std::optional<uint64_t> number_cell(const Scan& scan, Column column) {
  std::optional<int64_t> number;
  take_number(scan, column, number);
  return number ? std::optional(static_cast<uint64_t>(*number)) : std::nullopt;
}

/// Later events overwrite, and a call that failed changed nothing.
void take_event(const Scan& scan, ProcessSummary& summary) {
  summary.eid = scan.eid();
  if (const auto parent = uuid_cell(scan, Column::parent_uuid)) summary.parent_uuid = parent;
  take_number(scan, Column::pid, summary.pid);
  take_number(scan, Column::parent, summary.parent);
  take_username(scan, summary.username);
  if (!summary.ntime) summary.ntime = number_cell(scan, Column::ntime);
  if (number_cell(scan, Column::success) == 0) return;
  take_text(scan, Column::path, summary.path);
  std::string strings;
  take_text(scan, Column::args_bytes, strings);
  if (!strings.empty()) {
    summary.cmdline.clear();
    append_joined_strings(summary.cmdline, strings);
  }
}

}  // namespace

Result<std::unique_ptr<Scan>> Lineage::events_where(uint16_t column, const UuidBytes& uuid) {
  const auto reader = view_.reader(kProcessEvents);
  if (!reader.ok()) return reader.error();
  if (reader.value() == nullptr) return std::unique_ptr<Scan>();
  ScanRequest request;
  request.point = ScanRequest::Point{column, 0, uuid};
  return reader.value()->scan(view_.whole_snapshot(kProcessEvents), request);
}

Result<ProcessSummary> Lineage::summary(const UuidBytes& uuid, uint64_t until_ns) {
  auto events = events_where(index_of(Column::process_uuid), uuid);
  if (!events.ok()) return events.error();
  ProcessSummary summary;
  summary.uuid = uuid;
  Scan* scan = events.value().get();
  while (scan != nullptr && scan->next()) {
    if (uuid_cell(*scan, Column::process_uuid) != uuid) continue;
    // In order of arrival, from which the time may differ a little.
    const bool is_later = number_cell(*scan, Column::ntime).value_or(0) > until_ns;
    if (is_later && summary.eid != 0) continue;
    take_event(*scan, summary);
  }
  return summary;
}

Result<std::vector<UuidBytes>> Lineage::children(const UuidBytes& uuid) {
  auto events = events_where(index_of(Column::parent_uuid), uuid);
  if (!events.ok()) return events.error();
  std::vector<UuidBytes> children;
  std::set<UuidBytes> seen;
  Scan* scan = events.value().get();
  while (scan != nullptr && scan->next()) {
    const auto child = uuid_cell(*scan, Column::process_uuid);
    const bool matches = child && uuid_cell(*scan, Column::parent_uuid) == uuid;
    if (matches && seen.insert(*child).second) children.push_back(*child);
  }
  return children;
}

}  // namespace auditql
