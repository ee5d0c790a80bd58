#pragma once

#include "../decode/event.h"
#include "../store/generated/event_tables.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// Fills the columns of socket_events that the event itself tells; identity is added by Ingest.
/// `text` keeps what the row's views point to until the row is stored.
void fill_socket_row(const SocketEvent& event, Row& row, RowText& text);

}  // namespace auditql
