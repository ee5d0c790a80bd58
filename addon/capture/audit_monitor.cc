#include "audit_monitor.h"

#include <unistd.h>

#include <chrono>

namespace auditql {
namespace {

using std::chrono::steady_clock;

// A rule check lists every rule of the host, so it is rarer than the rest.
constexpr std::chrono::milliseconds kRuleCheckPeriod{5000};
// Each rule that somebody adds or removes is told by itself: one look is enough for many.
constexpr int kChangePauseMs = 200;

}  // namespace

AuditMonitor::Counters::Counters(HealthRegion& health)
    : kernel_lost(health.counter(audit_counter_key("dropped", "kernel_lost"))),
      kernel_lost_total(health.counter(audit_counter_key("kernel_lost_total"))),
      backlog(health.counter(audit_counter_key("backlog"))),
      backlog_limit(health.counter(audit_counter_key("backlog_limit"))),
      enabled(health.counter(audit_counter_key("enabled"))),
      queue_bytes(health.counter(audit_counter_key("queue_depth"))),
      owner_lost(health.counter(audit_counter_key("owner_lost"))),
      owner_taken_back(health.counter(audit_counter_key("owner_taken_back"))),
      owner_given_up(health.counter(audit_counter_key("owner_given_up"))),
      is_owner(health.counter(audit_counter_key("is_owner"))),
      rules_restored(health.counter(audit_counter_key("rules_restored"))),
      rules_missing(health.counter(audit_counter_key("rules_missing"))),
      poll_errors(health.counter(audit_counter_key("poll_errors"))) {}

AuditMonitor::AuditMonitor(AuditConfigGuard& config_guard, AuditReader& reader,
                           HealthRegion& health, const FrameQueue& queue, Options options)
    : config_guard_(config_guard),
      reader_(reader),
      queue_(queue),
      options_(options),
      counters_(health),
      last_lost_(config_guard.found().lost),
      mode_(options.plan.mode) {
  view_.status = config_guard_.found();
  if (config_guard_.is_engaged()) view_.status.enabled = 1;  // as the guard has set it
  view_.duty = options.plan.duty;
  view_.mode = options.plan.mode;
  view_.needs_owner = options.mode == AuditMode::unicast;
  note_rules();
}

AuditMonitor::~AuditMonitor() { stop(); }

Status AuditMonitor::start() {
  if (Status started = thread_.start("aq-audit-watch", [this] { run(); }); !started) return started;
  reader_.set_on_config_change([this] { look_soon(); });
  reader_.set_on_replace([this] {
    is_asked_ = true;
    thread_.wake();
  });
  return Done{};
}

void AuditMonitor::stop() {
  if (!thread_.is_running()) return;
  reader_.set_on_config_change({});
  reader_.set_on_replace({});
  thread_.stop();
}

void AuditMonitor::run() {
  do {
    poll();
    wait();
  } while (!thread_.is_stopping());
}

/// Where nothing is captured nothing is lost.
void AuditMonitor::wait() {
  const uint64_t records = reader_.records();
  const bool is_idle = records == records_seen_;
  records_seen_ = records;
  const bool is_seldom = is_idle && mode_ == options_.mode;
  thread_.wait(-1, is_seldom ? options_.idle_period_ms : options_.period_ms);
  if (is_asked_ || !has_changed_ || thread_.is_stopping()) return;
  thread_.wait(-1, kChangePauseMs);
  rules_due_ = {};
  has_changed_ = false;
}

/// Only the first change wakes: those that follow must not cut the pause short.
void AuditMonitor::look_soon() {
  if (!has_changed_.exchange(true)) thread_.wake();
}

Result<AuditStatus> AuditMonitor::count() {
  Result<AuditStatus> status = config_guard_.audit().status();
  if (status) {
    record(status.value());
  } else {
    counters_.poll_errors.add();
  }
  return status;
}

Status AuditMonitor::replace_rules(std::vector<AuditRule> rules) {
  const std::lock_guard lock(config_guard_mutex_);
  return config_guard_.replace_rules(std::move(rules));
}

void AuditMonitor::poll() {
  const std::lock_guard lock(config_guard_mutex_);
  const Result<AuditStatus> status = count();
  if (status && options_.mode == AuditMode::unicast) watch_owner(status.value());
  note_status(status);
  if (status && steady_clock::now() >= rules_due_) {
    rules_due_ = steady_clock::now() + kRuleCheckPeriod;
    watch_rules();
  }
  const bool is_on = status && status.value().enabled != 0 && mode_ == options_.mode &&
                     options_.plan.duty == AuditDuty::calls;
  is_complete_.store(is_on && has_all_rules_, std::memory_order_relaxed);
}

void AuditMonitor::note_status(const Result<AuditStatus>& status) {
  const bool is_foreign = status && another_owner_lives(status.value());
  std::string owner = is_foreign ? process_name(status.value().pid) : std::string();
  const std::lock_guard lock(view_mutex_);
  view_.status_error = status ? std::string() : status.error().message;
  if (status) view_.status = status.value();
  view_.mode = mode_;
  view_.owner = std::move(owner);
  note_rules();
}

/// Which of our rules are loaded; the view is locked once the thread runs.
void AuditMonitor::note_rules() {
  const bool is_engaged = config_guard_.is_engaged();
  view_.has_rules = is_engaged && config_guard_.rule_count() > 0;
  view_.unloaded_rules = is_engaged ? 0 : config_guard_.capturing_rule_count();
}

AuditView AuditMonitor::view() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

void AuditMonitor::record(const AuditStatus& status) {
  // `auditctl --reset-lost` sets the counter to 0: what it counted since is all that is new.
  const uint32_t lost = status.lost;
  counters_.kernel_lost.add(lost >= last_lost_ ? lost - last_lost_ : lost);
  last_lost_ = lost;
  counters_.kernel_lost_total.set(lost);
  counters_.backlog.set(status.backlog);
  counters_.backlog_limit.set(status.backlog_limit);
  counters_.enabled.set(status.enabled);
  counters_.queue_bytes.set(queue_.used_bytes());
  reader_.sample_socket();
}

void AuditMonitor::watch_owner(const AuditStatus& status) {
  const bool is_owner = status.pid == static_cast<uint32_t>(::getpid());
  counters_.is_owner.set(is_owner ? 1 : 0);
  const bool is_asked = is_asked_.exchange(false) && options_.gives_way;
  if (is_owner) return is_asked ? stand_aside(false) : void();
  const bool is_for_records = options_.plan.duty == AuditDuty::records;
  if (mode_ == AuditMode::unicast && !is_for_records) counters_.owner_lost.add();
  if (!another_owner_lives(status)) {
    const bool may_take = !is_for_records || may_own_stream(status);
    if (may_take && steady_clock::now() >= not_before_) take_back();
    return;
  }
  not_before_ = {};
  if (mode_ == AuditMode::unicast) {
    is_for_records ? stand_aside(true) : fall_back_to_multicast();
  } else if (is_for_records && !config_guard_.hand_over()) {
    counters_.poll_errors.add();
  }
}

/// Another process asks for the stream, or has taken it: nothing of the host's auditing is ours any
/// more, and records come by multicast. The kernel has refused the one who asks, which asks again.
void AuditMonitor::stand_aside(bool is_taken) {
  reader_.expect_other_socket();
  Result<UniqueFd> socket = open_record_socket(AuditMode::multicast, options_.receive_buffer_bytes);
  if (!socket) return counters_.poll_errors.add();
  const Status left = is_taken ? config_guard_.hand_over() : config_guard_.make_room();
  if (!left) counters_.poll_errors.add();
  reader_.switch_to(socket.take());
  mode_ = AuditMode::multicast;
  counters_.is_owner.set(0);
  counters_.owner_given_up.add();
  not_before_ = steady_clock::now() + std::chrono::milliseconds(options_.give_way_ms);
}

void AuditMonitor::fall_back_to_multicast() {
  reader_.expect_other_socket();
  Result<UniqueFd> socket = open_record_socket(AuditMode::multicast, options_.receive_buffer_bytes);
  if (!socket) {
    counters_.poll_errors.add();
    return;
  }
  reader_.switch_to(socket.take());
  mode_ = AuditMode::multicast;
}

/// The multicast is left once the role is taken: what both bring in between is passed on once.
void AuditMonitor::take_back() {
  reader_.expect_other_socket();
  Result<UniqueFd> socket = open_record_socket(AuditMode::unicast, options_.receive_buffer_bytes);
  if (!socket) return counters_.poll_errors.add();
  const bool is_new = !config_guard_.is_engaged();
  Status taken = is_new ? config_guard_.engage() : Status(Done{});
  if (taken) taken = become_owner(socket.value(), config_guard_.audit());
  if (taken && is_new) taken = config_guard_.apply();
  if (!taken) {
    if (is_new) (void)config_guard_.finish();
    return counters_.poll_errors.add();
  }
  reader_.leave_multicast();
  reader_.switch_to(socket.take());
  mode_ = AuditMode::unicast;
  counters_.is_owner.set(1);
  counters_.owner_taken_back.add();
}

/// `auditctl -D`, with which every reload of a host's own rules begins, removes ours too.
void AuditMonitor::watch_rules() {
  if (options_.plan.duty == AuditDuty::owner_calls) return watch_owner_rules();
  if (!config_guard_.is_engaged() || config_guard_.rule_count() == 0) return;
  const Result<RuleCheck> check = config_guard_.check_rules();
  if (!check) return counters_.poll_errors.add();
  counters_.rules_restored.add(check.value().restored);
  counters_.rules_missing.set(check.value().missing);
  const RuleCheck& found = check.value();
  has_all_rules_ = found.restored == 0 && found.missing == 0 && !found.others_exclude &&
                   found.hiding.task.empty();
  const std::lock_guard lock(view_mutex_);
  view_.missing_rules = check.value().missing;
  view_.hiding = check.value().hiding;
}

void AuditMonitor::watch_owner_rules() {
  const Result<std::vector<AuditRule>> loaded = config_guard_.audit().rules();
  if (!loaded) return counters_.poll_errors.add();
  std::vector<std::string> missing = missing_calls(loaded.value());
  const std::lock_guard lock(view_mutex_);
  view_.missing_calls = std::move(missing);
}

}  // namespace auditql
