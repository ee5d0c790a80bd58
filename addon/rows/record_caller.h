#pragma once

#include <string_view>

#include "../decode/event.h"
#include "../decode/raw_event.h"
#include "row_text.h"

namespace auditql {

/// The process that a record is about, and the call that it made.
struct RecordCaller {
  Caller caller;
  std::string_view syscall;  ///< empty where none is told
};

/// From the SYSCALL record of the same event, else from the record's own fields. Views live until
/// the text is cleared.
RecordCaller record_caller(const RawEvent& event, const Record& record, RowText& text);

}  // namespace auditql
