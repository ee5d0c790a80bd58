#include "socket_row.h"

#include <sys/socket.h>

#include <cerrno>

#include "row_columns.h"

namespace auditql {

namespace {

using C = SocketEventsColumn;

std::string_view action_name(const SocketEvent& event) {
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
  C address, port;
};

void fill_end(const SocketAddress& end, const EndColumns& to, RowColumns<C>& columns) {
  Row& row = columns.row;
  if (end.family < 0) return;
  row.set_signed(C::family, end.family);
  columns.set_text(C::address_bytes, end.raw);
  if (end.family == AF_UNIX) columns.set_text(C::socket, unix_name(end.unix_path, columns.text));
  if (end.family != AF_INET && end.family != AF_INET6) return;
  columns.set_text(to.address, end.address);
  row.set(to.port, end.port);
  if (end.family == AF_INET6) {
    row.set(C::flow_info, end.flow_info);
    row.set(C::scope_id, end.scope_id);
  }
}

}  // namespace

void fill_socket_row(const SocketEvent& event, Row& row, RowText& text) {
  RowColumns<C> columns{row, text};
  columns.set_header(event.header);
  columns.set_caller(event.caller);
  row.set(C::action, action_name(event));
  row.set_signed(C::pid, event.caller.pid);
  row.set_signed(C::parent, event.caller.parent);
  columns.set_text(C::path, event.caller.exe);
  if (event.fd >= 0) row.set(C::fd, text.hexadecimal(static_cast<uint64_t>(event.fd)));
  row.set(C::protocol, uint64_t{0});
  fill_end(event.local, {C::local_address, C::local_port}, columns);
  fill_end(event.remote, {C::remote_address, C::remote_port}, columns);
  if (!event.outcome.known) return;
  const std::string_view status = status_of(event);
  row.set(C::status, status);
  row.set(C::success, uint64_t{status == "succeeded" || status == "in_progress"});
  row.set_signed(C::exit, event.outcome.value);
  columns.set_error(event.outcome);
}

}  // namespace auditql
