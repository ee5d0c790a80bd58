#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "../../store/table_reader.h"
#include "../values/result_row.h"
#include "enrichment_lookup.h"

namespace auditql {

/// `after < eid <= up_to` of one event table.
struct EventWindow {
  uint64_t after = 0;
  uint64_t up_to = UINT64_MAX;
};
using EventWindows = std::map<std::string, EventWindow, std::less<>>;

/// The rows of an event table from where a cursor stands on.
class OpenRows {
 public:
  virtual ~OpenRows() = default;
  /// Steps to the next row; false at the end, and where damaged() then tells.
  virtual bool advance() = 0;
  virtual bool damaged() const = 0;
  /// See event_cell().
  virtual ResultCell cell(uint16_t column, std::string& buffer) const = 0;
};

/// What the statements of one connection see of the event tables. Every cursor of a statement reads
/// the same snapshot, so that a self-join is consistent while rows are being stored.
class EventView {
 public:
  /// Readers are opened in `directory` when a table is first read; until then tables are empty.
  void attach(std::string directory);
  const std::string& directory() const { return directory_; }

  /// Begins a query: new snapshots, and only rows within `windows` of the tables named there.
  void begin(EventWindows windows);
  void end();
  /// Lets go of the mapped files until the next query, so that evicted ones give their room back.
  void release();

  /// The reader of a table, opened on first use; null in a connection without a store.
  Result<TableReader*> reader(const TableSpec& spec);
  /// Snapshot of the running statement, cut to its window.
  Snapshot snapshot(const TableSpec& spec);
  /// The same without the window: ancestors of a new process are old rows.
  Snapshot whole_snapshot(const TableSpec& spec);
  /// Rows of other tables that columns of kind `fact` show.
  EnrichmentLookup& facts() { return facts_; }
  /// Rows stored now, for the planner, which runs before the statement does.
  double stored_rows(const TableSpec& spec);
  double rows_per_key(const TableSpec& spec, uint16_t column);

  /// Tables that statements were planned to scan since forget_planned(). The authorizer alone does
  /// not tell them all: it is not asked for the columns of JOIN … USING and NATURAL JOIN.
  void note_planned(const TableSpec& spec) { planned_.insert(&spec); }
  bool is_planned(const TableSpec& spec) const { return planned_.contains(&spec); }
  void forget_planned() { planned_.clear(); }

  /// Statements that are run without begin() take new snapshots when their first cursor opens.
  void cursor_opened();
  void cursor_closed() { open_cursors_--; }
  /// Whether what was read stays mapped until end(), whichever cursors close before.
  bool holds_snapshots() const { return in_query_; }
  void count_evicted(uint64_t rows) { evicted_ += rows; }
  /// Rows that the writer dropped while the query read them.
  uint64_t evicted() const { return evicted_; }

  /// While set, a cursor that reads no column may stand for all its rows at once: count(*) asks for
  /// their number by row_weight().
  void set_counting(bool counting) { counting_ = counting; }
  bool counting() const { return counting_; }
  void set_row_weight(uint64_t rows) { row_weight_ = rows; }
  uint64_t row_weight() const { return row_weight_; }

  /// The cursor of an event table that was started last; null when it is closed.
  void set_open_rows(OpenRows* rows) { open_rows_ = rows; }
  OpenRows* open_rows() const { return open_rows_; }

 private:
  struct Table {
    std::unique_ptr<TableReader> reader;
    Snapshot snapshot;
    bool taken = false;
  };
  Table* table(const TableSpec& spec);

  std::string directory_;
  std::map<std::string_view, Table> tables_;
  EnrichmentLookup facts_{*this};
  EventWindows windows_;
  std::set<const TableSpec*> planned_;
  bool in_query_ = false;
  int open_cursors_ = 0;
  uint64_t evicted_ = 0;
  bool counting_ = false;
  uint64_t row_weight_ = 1;
  OpenRows* open_rows_ = nullptr;
};

}  // namespace auditql
