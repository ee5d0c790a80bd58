#include "user_row.h"

#include "../decode/audit_names.h"
#include "../store/generated/event_tables.h"
#include "record_row.h"

namespace auditql {

namespace {

using C = UserEventsColumn;

/// What stands between the quotes of msg='…'; records without it (USER_TTY) are one message.
std::string_view message_of(const Record& record) {
  const auto message = find_field(record.body, "msg");
  return message ? unquoted(*message) : record.body;
}

}  // namespace

void fill_user_row(const Record& record, Row& row, RowText& text) {
  // The kernel writes who sent it before the message, whose own fields anybody may choose.
  const std::string_view kernel_fields = record.body.substr(0, record.body.find(" msg="));
  RecordRow<C> sender(row, text, kernel_fields);
  for (const auto& [column, name] :
       {std::pair{C::uid, "uid"}, {C::auid, "auid"}, {C::pid, "pid"}}) {
    sender.set_number(column, name);
  }
  const auto session = sender.number_of("ses");
  if (session && *session != kUnsetId) row.set(C::session_id, uint64_t{*session});
  sender.set_plain(C::subject, "subj");
  row.set(C::type, uint64_t{record.type});
  sender.set_bytes(C::record_type, record_type_name(record.type));

  const std::string_view said = message_of(record);
  RecordRow<C> message(row, text, said);
  message.set_bytes(C::message, said.substr(0, said.find(' ')));
  message.set_bytes(C::text, said);
  message.set_plain(C::operation, "op");
  message.set_decoded(C::path, "exe");
  message.set_decoded(C::account, "acct");
  message.set_plain(C::hostname, "hostname");
  message.set_plain(C::address, "addr");
  message.set_plain(C::terminal, "terminal");
  message.set_plain(C::unit, "unit");
  message.set_plain(C::result, "res");
  message.set_decoded(C::command, find_field(said, "cmd") ? "cmd" : "data");
}

}  // namespace auditql
