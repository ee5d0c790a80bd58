#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "../../store/table_reader.h"

namespace auditql {

class EventView;

/// Key of a row of a fact table, from the cell that a column of kind `fact` is derived from: uuids
/// are keys themselves, of texts it is the beginning of their SHA-256.
std::optional<UuidBytes> fact_key(const StoredCell& source);

/// Finds rows of fact tables by key while a query runs. A query meets few keys in many rows: what
/// it found is kept, up to a bound, until reset().
class EnrichmentLookup {
 public:
  explicit EnrichmentLookup(EventView& view) : view_(view) {}

  /// A cell of the newest row under that key; null without one. Valid until the next call.
  StoredCell cell(const TableSpec& table, uint16_t column, const UuidBytes& key);
  /// Forgets what was found: new snapshots begin, or mapped files are let go.
  void reset() { found_.clear(); }

 private:
  using Key = std::pair<std::string_view, UuidBytes>;
  std::unique_ptr<Scan> find(const TableSpec& table, const UuidBytes& key);

  EventView& view_;
  std::map<Key, std::unique_ptr<Scan>> found_;  ///< scans that stand on the row
};

}  // namespace auditql
