#include "syslog_source.h"

#include <unistd.h>

#include <cerrno>

#include "../store/generated/event_tables.h"
#include "../system/clocks.h"
#include "syslog_line.h"

namespace auditql {

namespace {

constexpr size_t kMaxLine = 64 * 1024;
/// How soon a pipe that was deleted is made again.
constexpr int kPipePauseMs = 5000;
constexpr int kTurnMs = 200;
/// Reads before a look at whether to stop.
constexpr int kBlocksPerTurn = 256;
constexpr uint64_t kLookNs = 2'000'000'000;

CounterKey syslog_counter_key(std::string_view metric, std::string_view reason = {}) {
  return {"capture", "syslog_events", metric, reason};
}

}  // namespace

SyslogSource::SyslogSource(SyslogOptions options, EventTable& table, HealthRegion& health)
    : options_(std::move(options)),
      table_(table),
      seen_(health.counter(syslog_counter_key("seen"))),
      malformed_(health.counter(syslog_counter_key("dropped", "malformed"))),
      too_long_(health.counter(syslog_counter_key("dropped", "too_long"))),
      reopened_(health.counter(syslog_counter_key("pipe_reopened"))),
      errors_(health.counter(syslog_counter_key("pipe_errors"))),
      limited_(health.counter(syslog_counter_key("rate_limited_turns"))) {}

Status SyslogSource::start() {
  auto pipe = SyslogPipe::open(options_.pipe_path);
  if (!pipe) return pipe.error();
  pipe_.emplace(pipe.take());
  return thread_.start("aq-syslog", [this] { run(); });
}

void SyslogSource::stop() { thread_.stop(); }

void SyslogSource::run() {
  while (true) {
    const bool is_last = thread_.is_stopping();
    read_turn();
    if (is_last) return;
    keep_in_place(monotonic_ns());
    thread_.wait(pipe_ ? pipe_->fd() : -1, kPipePauseMs);
  }
}

/// Reads until the pipe is empty, or the limit is reached: then the rest waits there.
void SyslogSource::read_turn() {
  const uint64_t start_ns = monotonic_ns();
  // At the end, what was read already must not wait any more.
  const uint32_t limit = thread_.is_stopping() ? 0 : options_.max_lines_per_turn;
  uint32_t lines = 0;
  int blocks = 0;
  // Lines that an earlier turn left come first.
  do {
    take_lines(limit == 0 ? UINT32_MAX : limit, lines);
    if (limit != 0 && lines >= limit) {
      limited_.add();
      const uint64_t elapsed_ms = (monotonic_ns() - start_ns) / 1'000'000;
      if (elapsed_ms < kTurnMs && !thread_.is_stopping()) {
        thread_.wait(-1, static_cast<int>(kTurnMs - elapsed_ms));
      }
      return;
    }
  } while (++blocks < kBlocksPerTurn && read_block());
  take_lines(limit == 0 ? UINT32_MAX : limit, lines);
}

bool SyslogSource::read_block() {
  if (!pipe_) return false;
  char block[64 * 1024];
  const ssize_t got = ::read(pipe_->fd(), block, sizeof block);
  if (got <= 0) {
    if (got < 0 && errno != EAGAIN && errno != EINTR) errors_.add();
    return false;
  }
  text_.append(block, static_cast<size_t>(got));
  return true;
}

/// Stores the whole lines of what was read, `max_lines` at most.
void SyslogSource::take_lines(uint32_t max_lines, uint32_t& lines) {
  size_t at = 0;
  while (lines < max_lines) {
    const size_t end = text_.find('\n', at);
    if (end == std::string::npos) break;
    const std::string_view line = std::string_view(text_).substr(at, end - at);
    at = end + 1;
    lines++;
    if (is_skipping_) {
      is_skipping_ = false;
    } else {
      store(line);
    }
  }
  text_.erase(0, at);
  const bool is_endless = text_.size() > kMaxLine && text_.find('\n') == std::string::npos;
  if (!is_endless) return;
  if (!is_skipping_) {
    seen_.add();
    too_long_.add();
  }
  is_skipping_ = true;
  text_.clear();
}

void SyslogSource::store(std::string_view text) {
  if (text.empty()) return;
  seen_.add();
  if (text.size() > kMaxLine) return too_long_.add();
  const auto line = SyslogLine::parse(text);
  if (!line) return malformed_.add();
  row_.clear();
  row_.set(SyslogEventsColumn::ntime, wall_clock_ns());
  row_.set(SyslogEventsColumn::datetime, std::string_view(line->datetime));
  row_.set(SyslogEventsColumn::host, std::string_view(line->host));
  row_.set(SyslogEventsColumn::severity, uint64_t{line->severity});
  row_.set(SyslogEventsColumn::facility, std::string_view(line->facility));
  row_.set(SyslogEventsColumn::tag, std::string_view(line->tag));
  row_.set(SyslogEventsColumn::message, std::string_view(line->message));
  table_.append(row_);
}

/// Somebody may delete the pipe, or put another in its place.
void SyslogSource::keep_in_place(uint64_t now_ns) {
  if (now_ns < next_look_ns_) return;
  next_look_ns_ = now_ns + kLookNs;
  if (pipe_ && pipe_->is_in_place()) return;
  auto pipe = SyslogPipe::open(options_.pipe_path);
  if (!pipe) return errors_.add();
  pipe_.emplace(pipe.take());
  reopened_.add();
}

}  // namespace auditql
