#include "socket_row.h"

#include <sys/socket.h>

#include <cerrno>

#include "row_columns.h"

namespace auditql {

namespace {

std::string_view socket_action(const SocketEvent& event) {
  // connect(2): AF_UNSPEC ends the association.
  const bool ends = event.action == SocketAction::connect && event.remote.family == AF_UNSPEC;
  if (ends && event.outcome.success) return "disconnect";
  switch (event.action) {
    case SocketAction::connect:
      return "connect";
    case SocketAction::bind:
      return "bind";
    case SocketAction::accept:
      return "accept";
    case SocketAction::listen:
      return "listen";
    case SocketAction::send:
      return "send";
    case SocketAction::close:
      return "close";
    case SocketAction::active:
      return "active";
  }
  return {};
}

/// osquery's words: a connect that goes on in the background is in_progress, an accept without a
/// waiting client is no_client (socket_events.cpp).
std::string_view status_of(const SocketEvent& event) {
  if (event.outcome.success) return "succeeded";
  if (event.action == SocketAction::connect && event.outcome.error() == EINPROGRESS) {
    return "in_progress";
  }
  if (event.action == SocketAction::accept && event.outcome.error() == EAGAIN) return "no_client";
  return "failed";
}

/// Abstract names begin with a NUL byte (unix(7)); shown with @ as ss(8) does.
std::string_view unix_name(std::string_view path, RowText& text) {
  if (path.empty() || path.front() != '\0') return path;
  std::string shown(path);
  shown.front() = '@';
  return text.keep(std::move(shown));
}

struct EndColumns {
  SocketEventsColumn address, port;
};

void fill_end(const SocketAddress& end, const EndColumns& to,
              RowColumns<SocketEventsColumn>& columns) {
  Row& row = columns.row;
  if (end.family < 0) return;
  row.set_signed(SocketEventsColumn::family, end.family);
  columns.set_text(SocketEventsColumn::address_bytes, end.raw);
  if (end.family == AF_UNIX)
    columns.set_text(SocketEventsColumn::socket, unix_name(end.unix_path, columns.text));
  if (end.family != AF_INET && end.family != AF_INET6) return;
  columns.set_text(to.address, end.address);
  row.set(to.port, end.port);
  if (end.family == AF_INET6) {
    row.set(SocketEventsColumn::flow_info, end.flow_info);
    row.set(SocketEventsColumn::scope_id, end.scope_id);
  }
}

void fill_facts(const SocketFacts& facts, SocketAction action, Row& row) {
  const bool has_traffic = action == SocketAction::close || action == SocketAction::active;
  if (has_traffic || action == SocketAction::connect) {
    row.set(SocketEventsColumn::duration, facts.duration_ns);
  }
  if (has_traffic) {
    row.set(SocketEventsColumn::bytes_sent, facts.bytes_sent);
    row.set(SocketEventsColumn::bytes_received, facts.bytes_received);
  }
  if (facts.peer_pid > 0) row.set_signed(SocketEventsColumn::peer_pid, facts.peer_pid);
  if (facts.peer_uid != kUnsetId) row.set(SocketEventsColumn::peer_uid, uint64_t{facts.peer_uid});
}

}  // namespace

void fill_socket_row(const SocketEvent& event, Row& row, RowText& text) {
  RowColumns<SocketEventsColumn> columns{row, text};
  columns.set_header(event.header);
  columns.set_caller(event.caller);
  row.set(SocketEventsColumn::action, socket_action(event));
  if (event.caller.pid > 0) {
    row.set_signed(SocketEventsColumn::pid, event.caller.pid);
    row.set_signed(SocketEventsColumn::parent, event.caller.parent);
  }
  columns.set_text(SocketEventsColumn::path, event.caller.exe);
  if (event.fd >= 0)
    row.set(SocketEventsColumn::fd, text.hexadecimal(static_cast<uint64_t>(event.fd)));
  row.set(SocketEventsColumn::protocol, uint64_t{event.facts ? event.facts->protocol : 0U});
  if (event.is_uring) row.set(SocketEventsColumn::via, "io_uring");
  if (event.facts) fill_facts(*event.facts, event.action, row);
  fill_end(event.local, {SocketEventsColumn::local_address, SocketEventsColumn::local_port},
           columns);
  fill_end(event.remote, {SocketEventsColumn::remote_address, SocketEventsColumn::remote_port},
           columns);
  if (!event.outcome.known) return;
  const std::string_view status = status_of(event);
  row.set(SocketEventsColumn::status, status);
  row.set(SocketEventsColumn::success, uint64_t{status == "succeeded" || status == "in_progress"});
  row.set_signed(SocketEventsColumn::exit, event.outcome.value);
  columns.set_error(event.outcome);
}

}  // namespace auditql
