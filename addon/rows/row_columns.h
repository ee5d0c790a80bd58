#pragma once

#include "../decode/audit_names.h"
#include "../decode/event.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// Columns that process_events and socket_events have in common, written once for both enums.
/// Empty views are NULL: the kernel writes (null) or leaves the field out.
template <typename Column>
struct RowColumns {
  Row& row;
  RowText& text;

  void set_text(Column column, std::string_view bytes) {
    if (!bytes.empty()) row.set(column, bytes);
  }
  void set_header(const EventHeader& header) {
    row.set(Column::ntime, header.time_ns);
    if (header.serial != 0) row.set(Column::serial, header.serial);
    set_text(Column::syscall, header.syscall_name);
    set_text(Column::arch, arch_name(header.arch));
    row.set(Column::backend, backend_name(header.backend));
    row.set(Column::partial, uint64_t{header.partial});
    set_text(Column::key, text.comma_separated_keys(header.key));
    set_text(Column::node, header.node);
  }
  void set_caller(const Caller& caller) {
    const Credentials& ids = caller.credentials;
    if (ids.known) {
      // osquery shows an unset loginuid as 4294967295; its other ids are never unset.
      if (caller.has_login) row.set(Column::auid, ids.auid);
      row.set(Column::uid, ids.uid);
      row.set(Column::euid, ids.euid);
      row.set(Column::gid, ids.gid);
      row.set(Column::egid, ids.egid);
      if (caller.has_login && ids.session != kUnsetId) row.set(Column::session_id, ids.session);
    }
    set_text(Column::comm, caller.comm);
    if (caller.tty != "(none)") set_text(Column::tty, caller.tty);
  }
  void set_error(const Outcome& outcome) {
    if (outcome.error() != 0) set_text(Column::error, errno_name(outcome.error()));
  }
};

}  // namespace auditql
