#pragma once

#include "../decode/record.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// A row of selinux_events from a record of SELinux.
void fill_selinux_row(const Record& record, Row& row, RowText& text);

/// A row of apparmor_events from a record with `apparmor=`.
void fill_apparmor_row(const Record& record, Row& row, RowText& text);

}  // namespace auditql
