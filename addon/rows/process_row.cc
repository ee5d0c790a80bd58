#include "process_row.h"

#include <sys/sysmacros.h>

#include "../identity/terminal_name.h"
#include "row_columns.h"
#include "script_call.h"

namespace auditql {

namespace {

struct ActionNames {
  std::string_view type, action;
};

/// ECS event.type and our event.action of a row.
ActionNames names_of(const ProcessEvent& event) {
  const bool failed = event.outcome.known && !event.outcome.success;
  switch (event.action) {
    case ProcessAction::fork:
      return failed ? ActionNames{"info", "fork_failed"} : ActionNames{"start", "fork"};
    case ProcessAction::exec:
      return failed ? ActionNames{"info", "exec_failed"} : ActionNames{"change", "exec"};
    case ProcessAction::exit:
      return {"end", "exit"};
    case ProcessAction::existing:
      return {"info", "existing_process"};
  }
  return {};
}

/// PATH item 0 of execve is the file that was asked for: the script, where the file is one.
const PathItem* executed_file(const ProcessEvent& event) {
  for (const PathItem& item : event.paths) {
    if (item.item == 0) return &item;
  }
  return event.paths.empty() ? nullptr : &event.paths.front();
}

/// A relative name counts from the working directory (path_resolution(7)).
std::string_view absolute(std::string_view name, std::string_view cwd, RowText& text) {
  if (name.empty() || name.front() == '/' || cwd.empty()) return name;
  std::string path(cwd);
  if (path.back() != '/') path += '/';
  return text.keep(path.append(name.starts_with("./") ? name.substr(2) : name));
}

void fill_script(const ProcessEvent& event, RowColumns<ProcessEventsColumn>& columns) {
  const ScriptCall script = script_call(event);
  const std::string_view directory = script.in_working_directory ? event.cwd : std::string_view();
  columns.set_text(ProcessEventsColumn::script_path,
                   absolute(script.path, directory, columns.text));
  columns.set_text(ProcessEventsColumn::interpreter, script.interpreter);
}

void fill_exec(const ProcessEvent& event, RowColumns<ProcessEventsColumn>& columns) {
  Row& row = columns.row;
  const PathItem* file = executed_file(event);
  if (file != nullptr && file->has_inode) {
    row.set(ProcessEventsColumn::mode, columns.text.octal_mode(file->mode));
    row.set(ProcessEventsColumn::owner_uid, file->owner_uid);
    row.set(ProcessEventsColumn::owner_gid, file->owner_gid);
  }
  if (!event.outcome.success && event.outcome.known && file != nullptr && file->has_name) {
    columns.set_text(ProcessEventsColumn::path, absolute(file->name, event.cwd, columns.text));
  }
  if (!event.argv.empty())
    row.set(ProcessEventsColumn::args_bytes, columns.text.nul_ended(event.argv));
  fill_script(event, columns);
  if (event.argc != 0 || !event.argv.empty()) {
    row.set(ProcessEventsColumn::args_count, std::max<uint64_t>(event.argc, event.argv.size()));
  }
}

void fill_exit(const ProcessEvent& event, Row& row) {
  if (event.exit_status)
    row.set(ProcessEventsColumn::exit_code, static_cast<uint64_t>(*event.exit_status & 0xff));
  if (event.exit_signal)
    row.set(ProcessEventsColumn::exit_signal, static_cast<uint64_t>(*event.exit_signal));
  row.set(ProcessEventsColumn::exit_time, event.header.time_ns / 1'000'000'000);
}

}  // namespace

void fill_process_row(const ProcessEvent& event, Row& row, RowText& text) {
  RowColumns<ProcessEventsColumn> columns{row, text};
  columns.set_header(event.header);
  columns.set_caller(event.caller);
  const ActionNames names = names_of(event);
  row.set(ProcessEventsColumn::event_type, names.type);
  row.set(ProcessEventsColumn::event_action, names.action);
  const Credentials& ids = event.caller.credentials;
  if (ids.known) {
    row.set(ProcessEventsColumn::fsuid, ids.fsuid);
    row.set(ProcessEventsColumn::suid, ids.suid);
    row.set(ProcessEventsColumn::fsgid, ids.fsgid);
    row.set(ProcessEventsColumn::sgid, ids.sgid);
  }
  const bool forked = event.action == ProcessAction::fork && event.child_pid > 0;
  row.set_signed(ProcessEventsColumn::pid, forked ? event.child_pid : event.caller.pid);
  row.set_signed(ProcessEventsColumn::parent, forked ? event.caller.pid : event.caller.parent);
  columns.set_text(ProcessEventsColumn::path, event.caller.exe);
  columns.set_text(ProcessEventsColumn::exe, event.caller.exe);
  columns.set_text(ProcessEventsColumn::cwd, event.cwd);
  row.set(ProcessEventsColumn::interactive,
          uint64_t{!event.caller.tty.empty() && event.caller.tty != "(none)"});
  if (event.outcome.known) row.set(ProcessEventsColumn::success, uint64_t{event.outcome.success});
  columns.set_error(event.outcome);
  if (event.action == ProcessAction::exec || event.action == ProcessAction::existing) {
    fill_exec(event, columns);
  }
  if (event.action == ProcessAction::exit) fill_exit(event, row);
}

void fill_cmdline_size(std::span<const std::string_view> arguments, Row& row) {
  if (arguments.empty()) return;
  uint64_t size = arguments.size() - 1;
  for (const std::string_view each : arguments) size += each.size();
  row.set(ProcessEventsColumn::cmdline_size, size);
}

void fill_terminal(std::string_view name, int32_t device, Row& row) {
  if (name.empty() || name == "(none)") return;
  const int32_t number = terminal_name(device) == name ? device : terminal_device(name);
  if (number == 0) return;
  row.set(ProcessEventsColumn::tty_major, gnu_dev_major(static_cast<uint32_t>(number)));
  row.set(ProcessEventsColumn::tty_minor, gnu_dev_minor(static_cast<uint32_t>(number)));
}

}  // namespace auditql
