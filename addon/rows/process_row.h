#pragma once

#include "../decode/event.h"
#include "../store/generated/event_tables.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// Fills the columns of process_events that the event itself tells; identity is added by Ingest.
/// `text` keeps what the row's views point to until the row is stored.
void fill_process_row(const ProcessEvent& event, Row& row, RowText& text);

/// Length of the arguments joined by spaces, as they were given.
void fill_cmdline_size(std::span<const std::string_view> arguments, Row& row);

/// The record has the terminal's name, /proc its number: of another terminal than that of the
/// record, the number is of another time.
void fill_terminal(std::string_view name, int32_t device, Row& row);

}  // namespace auditql
