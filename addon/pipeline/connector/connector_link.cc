#include "connector_link.h"

namespace auditql {

void ConnectorLink::attach(ProcessTable& processes) {
  ExitCorrelator::Options ends;
  ends.processes = &processes;
  ends.sink = options_.ends;
  ends.health = options_.health;
  ends.are_reported = options_.use != ConnectorUse::none;
  ends.are_records = options_.use == ConnectorUse::unneeded;
  ends.await_records = options_.use == ConnectorUse::alongside;
  ends_.emplace(ends);
  if (!is_used()) return;
  ProcEventHandler::Options handler;
  handler.procfs = options_.procfs;
  handler.health = options_.health;
  handler.ends = &*ends_;
  handler.processes = &processes;
  if (options_.use == ConnectorUse::alone) handler.events = options_.events;
  if (options_.use == ConnectorUse::alongside) {
    execs_.emplace(*options_.health);
    handler.execs = &*execs_;
    handler.forked = options_.forked;
    handler.needs_programs = options_.needs_programs;
  }
  if (has_sidecar()) handler.pull = [this] { read(); };
  handler_.emplace(handler);
}

void ConnectorLink::read() {
  if (!has_sidecar()) return;
  sidecar_->read([this](std::string_view bytes) { handler_->on_message(bytes); });
}

void ConnectorLink::messages_lost() {
  if (handler_) handler_->messages_lost();
}

void ConnectorLink::records_lost() {
  if (execs_) execs_->forget();
}

void ConnectorLink::sample() const {
  if (has_sidecar()) sidecar_->sample();
}

std::optional<ForkHint> ConnectorLink::hint_of(const ForkCall& call) {
  return handler_ ? handler_->hint_of(call) : std::nullopt;
}

bool ConnectorLink::is_ahead(int32_t pid) {
  if (!execs_) return false;
  read();
  return execs_->is_ahead(pid);
}

void ConnectorLink::exec_recorded(int32_t pid) {
  if (execs_) execs_->recorded(pid);
}

std::optional<HiddenExec> ConnectorLink::hidden_exec(int32_t pid) {
  return execs_ ? execs_->ended(pid) : std::nullopt;
}

}  // namespace auditql
