#include "enrichment_lookup.h"

#include <algorithm>
#include <cstring>

#include "../../bytes/digest.h"
#include "event_view.h"

namespace auditql {

namespace {

constexpr size_t kMaxFound = 4096;

/// The column by which rows of a fact table are named: its only indexed uuid.
std::optional<uint16_t> key_column(const TableSpec& table) {
  const auto key =
      std::find_if(table.columns.begin(), table.columns.end(), [](const ColumnSpec& column) {
        return column.hash_indexed && column.storage == Storage::uuid;
      });
  if (key == table.columns.end()) return std::nullopt;
  return static_cast<uint16_t>(key - table.columns.begin());
}

}  // namespace

std::optional<UuidBytes> fact_key(const StoredCell& source) {
  UuidBytes key{};
  if (source.kind == StoredCell::Kind::uuid) {
    std::memcpy(key.data(), source.bytes.data(), key.size());
    return key;
  }
  if (source.kind != StoredCell::Kind::bytes) return std::nullopt;
  const std::string digest = sha256_digest(source.bytes);
  std::memcpy(key.data(), digest.data(), key.size());
  return key;
}

StoredCell EnrichmentLookup::cell(const TableSpec& table, uint16_t column, const UuidBytes& key) {
  auto found = found_.find({table.name, key});
  if (found == found_.end()) {
    if (found_.size() >= kMaxFound) found_.clear();
    found = found_.emplace(Key{table.name, key}, find(table, key)).first;
  }
  return found->second == nullptr ? StoredCell{} : found->second->cell(column);
}

std::unique_ptr<Scan> EnrichmentLookup::find(const TableSpec& table, const UuidBytes& key) {
  const auto by = key_column(table);
  const auto reader = view_.reader(table);
  if (!by || !reader.ok() || reader.value() == nullptr) return nullptr;
  ScanRequest request;
  request.point = ScanRequest::Point{*by, 0, key};
  request.descending = true;
  // Facts about a new event may be old rows: no window cuts them.
  auto scan = reader.value()->scan(view_.whole_snapshot(table), request);
  while (scan->next()) {
    const StoredCell present = scan->cell(*by);
    const bool equal = present.kind == StoredCell::Kind::uuid &&
                       std::memcmp(present.bytes.data(), key.data(), key.size()) == 0;
    if (equal) return scan;
  }
  return nullptr;
}

}  // namespace auditql
