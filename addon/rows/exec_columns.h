#pragma once

#include <optional>

#include "../decode/event.h"
#include "../identity/process_table.h"
#include "../store/row.h"
#include "exec_details.h"
#include "unknown_facts.h"

namespace auditql {

/// Fills the columns of process_events that no record tells: capabilities, namespaces, cgroup,
/// environment.
class ExecColumns {
 public:
  explicit ExecColumns(const ExecDetailsReader::Options& options) : reader_(options) {}

  /// Of a successful exec. The row's views are valid until the next call. What could not be read is
  /// added to `unknown`.
  void fill(const ProcessEvent& event, const Identity& identity, Row& row, UnknownFacts& unknown);
  /// Of a process that was found in /proc.
  void fill(const FoundProcess& process, Row& row, UnknownFacts& unknown);

 private:
  void fill(const ExecutedImage& image, Row& row);
  void tell_unknown(UnknownFacts& unknown) const;

  ExecDetailsReader reader_;
  std::optional<ExecDetails> details_;
};

}  // namespace auditql
