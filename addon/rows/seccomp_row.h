#pragma once

#include "../decode/record.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// A row of seccomp_events from a SECCOMP record (audit_seccomp() of kernel/auditsc.c).
void fill_seccomp_row(const Record& record, Row& row, RowText& text);

}  // namespace auditql
