#include "exec_columns.h"

#include <vector>

#include "../store/generated/event_tables.h"
#include "split_arguments.h"

namespace auditql {

namespace {

constexpr std::array<ProcessEventsColumn, kNamespaceKinds> kNamespaceColumns = {
    ProcessEventsColumn::cgroup_namespace, ProcessEventsColumn::ipc_namespace,
    ProcessEventsColumn::mnt_namespace,    ProcessEventsColumn::net_namespace,
    ProcessEventsColumn::pid_namespace,    ProcessEventsColumn::user_namespace,
    ProcessEventsColumn::uts_namespace};

void fill_environment(const Environment& environment, Row& row) {
  row.set(ProcessEventsColumn::env_count, environment.count);
  row.set(ProcessEventsColumn::env_size, environment.size);
  // Empty where none of them is to be kept, which is not the same as not known.
  row.set(ProcessEventsColumn::env_bytes, std::string_view(environment.kept));
}

void fill_details(const ExecDetails& details, Row& row) {
  if (details.capabilities) {
    row.set(ProcessEventsColumn::cap_inheritable, details.capabilities->inheritable);
    row.set(ProcessEventsColumn::cap_permitted, details.capabilities->permitted);
    row.set(ProcessEventsColumn::cap_effective, details.capabilities->effective);
    row.set(ProcessEventsColumn::cap_ambient, details.capabilities->ambient);
  }
  if (details.no_new_privileges)
    row.set(ProcessEventsColumn::no_new_privs, uint64_t{*details.no_new_privileges});
  for (size_t i = 0; i < kNamespaceKinds; i++) {
    if (details.namespaces[i] != 0) row.set(kNamespaceColumns[i], details.namespaces[i]);
  }
  if (!details.cgroup_path.empty())
    row.set(ProcessEventsColumn::cgroup_path, std::string_view(details.cgroup_path));
  if (details.environment) fill_environment(*details.environment, row);
}

}  // namespace

void ExecColumns::fill(const ProcessEvent& event, const Identity& identity, Row& row,
                       UnknownFacts& unknown) {
  details_.reset();
  // An estimated start means that /proc had the process no more.
  if (!identity.known() || identity.estimated) {
    reader_.missed();
  } else {
    const bool is_whole = event.argc <= event.argv.size();
    fill({identity.pid, identity.start_ticks, event.caller.exe,
          is_whole ? event.argv : std::span<const std::string_view>()},
         row);
  }
  tell_unknown(unknown);
}

void ExecColumns::fill(const FoundProcess& process, Row& row, UnknownFacts& unknown) {
  const std::vector<std::string_view> arguments = split_arguments(process.details.cmdline);
  fill({process.stat.pid, process.stat.start_ticks, process.details.exe, arguments}, row);
  tell_unknown(unknown);
}

void ExecColumns::fill(const ExecutedImage& image, Row& row) {
  details_ = reader_.read(image);
  if (details_) fill_details(*details_, row);
}

void ExecColumns::tell_unknown(UnknownFacts& unknown) const {
  const bool has_flags = details_ && details_->capabilities && details_->no_new_privileges;
  if (!has_flags) unknown.add(LateFact::capabilities);
  if (!details_ || !reader_.has_namespaces(*details_)) unknown.add(LateFact::namespaces);
  if (!details_ || details_->cgroup_path.empty()) unknown.add(LateFact::cgroup);
  const bool lacks_environment =
      reader_.reads_environment() && !(details_ && details_->environment);
  if (lacks_environment) unknown.add(LateFact::environment);
}

}  // namespace auditql
