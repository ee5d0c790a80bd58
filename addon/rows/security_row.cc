#include "security_row.h"

#include "../decode/audit_names.h"
#include "../decode/record_type.h"
#include "../store/generated/event_tables.h"
#include "record_row.h"

namespace auditql {

namespace {

std::string_view trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(' ') + 1 - start);
}

/// `avc:  denied  { read write } for …` (slow_avc_audit() of security/selinux/avc.c).
void set_decision(RecordRow<SelinuxEventsColumn>& row, std::string_view fields) {
  const size_t avc = fields.find("avc:");
  const size_t open = fields.find('{');
  const size_t close = fields.find('}');
  if (avc == std::string_view::npos || open == std::string_view::npos || open < avc) return;
  row.set_bytes(SelinuxEventsColumn::decision, trimmed(fields.substr(avc + 4, open - avc - 4)));
  if (close == std::string_view::npos || close < open) return;
  row.set_bytes(SelinuxEventsColumn::permissions,
                trimmed(fields.substr(open + 1, close - open - 1)));
}

}  // namespace

void fill_selinux_row(const Record& record, Row& row, RowText& text) {
  // USER_AVC carries the fields of the object manager inside msg='…'.
  const std::string_view inside = message_of(record);
  RecordRow<SelinuxEventsColumn> whole(row, text, record.body);
  RecordRow<SelinuxEventsColumn> fields(row, text, inside);
  const std::string_view name = record_type_name(record.type);
  fields.set_kept(SelinuxEventsColumn::type,
                  name.empty() ? std::to_string(record.type) : std::string(name));
  fields.set_bytes(SelinuxEventsColumn::message, record.text);
  whole.set_number(SelinuxEventsColumn::pid, "pid");
  fields.set_decoded(SelinuxEventsColumn::comm, "comm");
  fields.set_decoded(SelinuxEventsColumn::path, "exe");
  fields.set_plain(SelinuxEventsColumn::scontext, "scontext");
  fields.set_plain(SelinuxEventsColumn::tcontext, "tcontext");
  fields.set_plain(SelinuxEventsColumn::tclass, "tclass");
  const auto permissive = fields.number_of("permissive");
  if (permissive) row.set(SelinuxEventsColumn::permissive, uint64_t{*permissive != 0});
  set_decision(fields, inside);
}

void fill_apparmor_row(const Record& record, Row& row, RowText& text) {
  RecordRow<ApparmorEventsColumn> fields(row, text, message_of(record));
  // osquery's only label; types of AppArmor's own were given up in Linux 3.4.
  const std::string_view name =
      record.type >= 1500 && record.type < 1600 ? record_type_name(record.type) : "AA";
  fields.set_bytes(ApparmorEventsColumn::type, name);
  fields.set_bytes(ApparmorEventsColumn::message, record.text);
  for (const auto& [column, field] : {std::pair{ApparmorEventsColumn::parent, "parent"},
                                      {ApparmorEventsColumn::pid, "pid"},
                                      {ApparmorEventsColumn::fsuid, "fsuid"},
                                      {ApparmorEventsColumn::ouid, "ouid"},
                                      {ApparmorEventsColumn::capability, "capability"}}) {
    fields.set_number(column, field);
  }
  for (const auto& [column, field] : {std::pair{ApparmorEventsColumn::apparmor, "apparmor"},
                                      {ApparmorEventsColumn::operation, "operation"},
                                      {ApparmorEventsColumn::denied_mask, "denied_mask"},
                                      {ApparmorEventsColumn::capname, "capname"},
                                      {ApparmorEventsColumn::requested_mask, "requested_mask"},
                                      {ApparmorEventsColumn::info, "info"},
                                      {ApparmorEventsColumn::error, "error"},
                                      {ApparmorEventsColumn::namespace_, "namespace"},
                                      {ApparmorEventsColumn::label, "label"}}) {
    fields.set_plain(column, field);
  }
  // Strings that the confined process chose (audit_log_untrustedstring()).
  for (const auto& [column, field] : {std::pair{ApparmorEventsColumn::profile, "profile"},
                                      {ApparmorEventsColumn::name, "name"},
                                      {ApparmorEventsColumn::comm, "comm"}}) {
    fields.set_decoded(column, field);
  }
}

}  // namespace auditql
