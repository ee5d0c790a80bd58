#pragma once

#include "../decode/record.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// A row of user_events from a record that user space wrote.
void fill_user_row(const Record& record, Row& row, RowText& text);

}  // namespace auditql
