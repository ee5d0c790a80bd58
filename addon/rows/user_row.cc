#include "user_row.h"

#include "../decode/audit_names.h"
#include "../store/generated/event_tables.h"
#include "record_row.h"

namespace auditql {

void fill_user_row(const Record& record, Row& row, RowText& text) {
  // The kernel writes who sent it before the message, whose own fields anybody may choose.
  const std::string_view kernel_fields = record.body.substr(0, record.body.find(" msg="));
  RecordRow<UserEventsColumn> sender(row, text, kernel_fields);
  for (const auto& [column, name] : {std::pair{UserEventsColumn::uid, "uid"},
                                     {UserEventsColumn::auid, "auid"},
                                     {UserEventsColumn::pid, "pid"}}) {
    sender.set_number(column, name);
  }
  const auto session = sender.number_of("ses");
  if (session && *session != kUnsetId) row.set(UserEventsColumn::session_id, uint64_t{*session});
  sender.set_plain(UserEventsColumn::subject, "subj");
  row.set(UserEventsColumn::type, uint64_t{record.type});
  sender.set_bytes(UserEventsColumn::record_type, record_type_name(record.type));

  const std::string_view said = message_of(record);
  RecordRow<UserEventsColumn> message(row, text, said);
  message.set_bytes(UserEventsColumn::message, said.substr(0, said.find(' ')));
  message.set_bytes(UserEventsColumn::text, said);
  message.set_plain(UserEventsColumn::operation, "op");
  message.set_decoded(UserEventsColumn::path, "exe");
  message.set_decoded(UserEventsColumn::account, "acct");
  message.set_plain(UserEventsColumn::hostname, "hostname");
  message.set_plain(UserEventsColumn::address, "addr");
  message.set_plain(UserEventsColumn::terminal, "terminal");
  message.set_plain(UserEventsColumn::unit, "unit");
  message.set_plain(UserEventsColumn::result, "res");
  message.set_decoded(UserEventsColumn::command, find_field(said, "cmd") ? "cmd" : "data");
}

}  // namespace auditql
