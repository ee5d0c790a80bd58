#include "event_view.h"

#include <algorithm>

namespace auditql {

void EventView::attach(std::string directory) {
  directory_ = std::move(directory);
  facts_.reset();
  tables_.clear();
}

void EventView::begin(EventWindows windows) {
  windows_ = std::move(windows);
  in_query_ = true;
  evicted_ = 0;
  row_weight_ = 1;
  facts_.reset();
  for (auto& [name, table] : tables_) table.taken = false;
}

void EventView::end() {
  in_query_ = false;
  counting_ = false;
  facts_.reset();
  windows_.clear();
}

void EventView::release() {
  if (in_query_ || open_cursors_ > 0) return;
  facts_.reset();
  for (auto& [name, table] : tables_) {
    table.taken = false;
    if (table.reader != nullptr) table.reader->release();
  }
}

void EventView::cursor_opened() {
  if (open_cursors_++ > 0 || in_query_) return;
  facts_.reset();
  for (auto& [name, table] : tables_) table.taken = false;
}

Result<TableReader*> EventView::reader(const TableSpec& spec) {
  if (directory_.empty()) return static_cast<TableReader*>(nullptr);
  Table& table = tables_[spec.name];
  if (!table.reader) {
    auto opened = TableReader::open(spec, directory_);
    if (!opened.ok()) return opened.error();
    table.reader = opened.take();
  }
  return table.reader.get();
}

EventView::Table* EventView::table(const TableSpec& spec) {
  const auto opened = reader(spec);
  return opened.ok() && opened.value() != nullptr ? &tables_[spec.name] : nullptr;
}

Snapshot EventView::whole_snapshot(const TableSpec& spec) {
  Table* found = table(spec);
  if (found == nullptr) return {};
  if (!found->taken) {
    found->snapshot = found->reader->snapshot();
    found->taken = true;
  }
  return found->snapshot;
}

Snapshot EventView::snapshot(const TableSpec& spec) {
  Snapshot seen = whole_snapshot(spec);
  const auto window = windows_.find(spec.name);
  if (window == windows_.end()) return seen;
  const auto [after, up_to] = window->second;
  if (after < UINT64_MAX) seen.first_eid = std::max(seen.first_eid, after + 1);
  if (up_to < UINT64_MAX) seen.end_eid = std::min(seen.end_eid, up_to + 1);
  seen.end_eid = std::max(seen.end_eid, seen.first_eid);
  return seen;
}

double EventView::stored_rows(const TableSpec& spec) {
  Table* found = table(spec);
  if (found == nullptr) return 0.0;
  // Within a query the planner sees what the statement will see.
  const Snapshot seen = in_query_ ? whole_snapshot(spec) : found->reader->snapshot();
  return static_cast<double>(seen.rows());
}

double EventView::rows_per_key(const TableSpec& spec, uint16_t column) {
  Table* found = table(spec);
  return found == nullptr ? 1.0 : std::max(1.0, found->reader->rows_per_key(column));
}

}  // namespace auditql
