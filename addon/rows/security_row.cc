#include "security_row.h"

#include "../decode/audit_names.h"
#include "../decode/record_type.h"
#include "../store/generated/event_tables.h"
#include "record_row.h"

namespace auditql {

namespace {

/// USER_AVC carries the fields of the object manager inside msg='…'.
std::string_view fields_of(const Record& record) {
  const auto message = find_field(record.body, "msg");
  return message ? unquoted(*message) : record.body;
}

std::string_view trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(' ') + 1 - start);
}

/// `avc:  denied  { read write } for …` (slow_avc_audit() of security/selinux/avc.c).
void set_decision(RecordRow<SelinuxEventsColumn>& row, std::string_view fields) {
  using C = SelinuxEventsColumn;
  const size_t avc = fields.find("avc:");
  const size_t open = fields.find('{');
  const size_t close = fields.find('}');
  if (avc == std::string_view::npos || open == std::string_view::npos || open < avc) return;
  row.set_bytes(C::decision, trimmed(fields.substr(avc + 4, open - avc - 4)));
  if (close == std::string_view::npos || close < open) return;
  row.set_bytes(C::permissions, trimmed(fields.substr(open + 1, close - open - 1)));
}

}  // namespace

void fill_selinux_row(const Record& record, Row& row, RowText& text) {
  using C = SelinuxEventsColumn;
  const std::string_view inside = fields_of(record);
  RecordRow<C> whole(row, text, record.body);
  RecordRow<C> fields(row, text, inside);
  const std::string_view name = record_type_name(record.type);
  fields.set_kept(C::type, name.empty() ? std::to_string(record.type) : std::string(name));
  fields.set_bytes(C::message, record.text);
  whole.set_number(C::pid, "pid");
  fields.set_decoded(C::comm, "comm");
  fields.set_decoded(C::path, "exe");
  fields.set_plain(C::scontext, "scontext");
  fields.set_plain(C::tcontext, "tcontext");
  fields.set_plain(C::tclass, "tclass");
  const auto permissive = fields.number_of("permissive");
  if (permissive) row.set(C::permissive, uint64_t{*permissive != 0});
  set_decision(fields, inside);
}

void fill_apparmor_row(const Record& record, Row& row, RowText& text) {
  using C = ApparmorEventsColumn;
  RecordRow<C> fields(row, text, fields_of(record));
  // osquery's only label; types of AppArmor's own were given up in Linux 3.4.
  const std::string_view name =
      record.type >= 1500 && record.type < 1600 ? record_type_name(record.type) : "AA";
  fields.set_bytes(C::type, name);
  fields.set_bytes(C::message, record.text);
  for (const auto& [column, field] : {std::pair{C::parent, "parent"},
                                      {C::pid, "pid"},
                                      {C::fsuid, "fsuid"},
                                      {C::ouid, "ouid"},
                                      {C::capability, "capability"}}) {
    fields.set_number(column, field);
  }
  for (const auto& [column, field] : {std::pair{C::apparmor, "apparmor"},
                                      {C::operation, "operation"},
                                      {C::denied_mask, "denied_mask"},
                                      {C::capname, "capname"},
                                      {C::requested_mask, "requested_mask"},
                                      {C::info, "info"},
                                      {C::error, "error"},
                                      {C::namespace_, "namespace"},
                                      {C::label, "label"}}) {
    fields.set_plain(column, field);
  }
  // Strings that the confined process chose (audit_log_untrustedstring()).
  for (const auto& [column, field] :
       {std::pair{C::profile, "profile"}, {C::name, "name"}, {C::comm, "comm"}}) {
    fields.set_decoded(column, field);
  }
}

}  // namespace auditql
