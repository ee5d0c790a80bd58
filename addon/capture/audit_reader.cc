#include "audit_reader.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "../system/clocks.h"
#include "../system/thread_priority.h"
#include "audit_socket.h"

namespace auditql {
namespace {

constexpr int kAuditBatch = 64;
// MAX_AUDIT_MESSAGE_LENGTH (8970) of audit-userspace, which the kernel's longest record fits in.
constexpr size_t kAuditMessageBytes = 8970 + sizeof(nlmsghdr);
constexpr int kQuietMs = 1000;
constexpr int kBatchesPerWake = 16;
/// Of a command that is run now and then come fewer.
constexpr uint64_t kRateSpanNs = 250'000'000, kBusyRecords = 500;

/// Replies to requests and netlink's own messages are not records.
bool is_record(uint16_t type) { return type >= AUDIT_USER && type != AUDIT_REPLACE; }

}  // namespace

AuditReader::Counters::Counters(HealthRegion& health)
    : seen(health.counter(audit_counter_key("seen"))),
      bytes(health.counter(audit_counter_key("bytes"))),
      enobufs(health.counter(audit_counter_key("dropped", "enobufs"))),
      truncated(health.counter(audit_counter_key("dropped", "truncated"))),
      queue_full(health.counter(audit_counter_key("dropped", "queue_full"))),
      serial_gap(health.counter(audit_counter_key("dropped", "serial_gap"))),
      queue_waits(health.counter(audit_counter_key("queue_waits"))),
      foreign(health.counter(audit_counter_key("foreign_messages"))),
      read_errors(health.counter(audit_counter_key("read_errors"))),
      twice(health.counter(audit_counter_key("received_twice"))),
      socket_used(health.counter(audit_counter_key("socket_used_bytes"))),
      socket_limit(health.counter(audit_counter_key("rcvbuf_bytes"))) {}

struct AuditReader::Batch {
  std::vector<char> bytes = std::vector<char>(kAuditBatch * kAuditMessageBytes);
  iovec parts[kAuditBatch];
  sockaddr_nl senders[kAuditBatch] = {};
  mmsghdr messages[kAuditBatch];

  Batch() {
    for (int i = 0; i < kAuditBatch; i++) {
      parts[i] = {bytes.data() + static_cast<size_t>(i) * kAuditMessageBytes, kAuditMessageBytes};
    }
    reset();
  }

  /// recvmmsg(2) overwrites the name lengths and flags.
  void reset() {
    for (int i = 0; i < kAuditBatch; i++) {
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &senders[i];
      messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    }
  }
};

AuditReader::AuditReader(FrameQueue& queue, HealthRegion& health, Options options)
    : queue_(queue), options_(options), counters_(health) {}

AuditReader::~AuditReader() { stop(); }

Status AuditReader::start(UniqueFd socket) {
  socket_ = std::move(socket);
  return thread_.start("aq-audit", [this] { run(); });
}

void AuditReader::expect_other_socket() { overlap_.expect(); }

void AuditReader::switch_to(UniqueFd socket) {
  {
    const std::lock_guard lock(mutex_);
    next_socket_ = std::move(socket);
  }
  thread_.wake();
}

void AuditReader::leave_multicast() {
  const std::lock_guard lock(mutex_);
  const int group = AUDIT_NLGRP_READLOG;
  (void)::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof group);
}

void AuditReader::drain(int timeout_ms) {
  const uint64_t before = emptied_.load();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  thread_.wake();
  while (emptied_.load() < before + 2 && std::chrono::steady_clock::now() < deadline) {
    thread_.wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void AuditReader::stop() {
  if (!thread_.is_running()) return;
  thread_.stop();
  socket_.reset();
  next_socket_.reset();
}

void AuditReader::set_on_config_change(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  on_config_change_ = std::move(callback);
}

void AuditReader::set_on_replace(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  on_replace_ = std::move(callback);
}

void AuditReader::sample_socket() {
  const std::lock_guard lock(mutex_);
  const SocketFill fill = socket_fill(socket_.get());
  counters_.socket_used.set(fill.used_bytes);
  counters_.socket_limit.set(fill.limit_bytes);
}

void AuditReader::run() {
  raise_reader_priority();
  Batch batch;
  int full_batches = 0;
  for (bool has_read = false;;) {
    const int got = read_batch(batch);
    has_read = has_read || got > 0;
    // The decoding thread is woken once for many records: each wake costs more than some of them.
    if (got == kAuditBatch && ++full_batches < kBatchesPerWake) continue;
    if (has_read) queue_.notify();
    full_batches = 0;
    if (got == kAuditBatch) continue;
    emptied_.fetch_add(1);
    if (take_next_socket()) continue;
    if (thread_.is_stopping()) break;
    has_read ? gather_records() : wait_for_records();
    has_read = false;
  }
  counters_.serial_gap.add(gaps_.finish());
}

bool AuditReader::take_next_socket() {
  const std::lock_guard lock(mutex_);
  if (!next_socket_) return false;
  socket_ = std::move(next_socket_);
  overlap_.begin(monotonic_ns());
  return true;
}

void AuditReader::wait_for_records() {
  is_quiet_ = !thread_.wait(socket_.get(), is_quiet_ ? -1 : kQuietMs);
  // After a quiet second no record of an earlier event is still on its way.
  if (is_quiet_) counters_.serial_gap.add(gaps_.finish());
  if (!is_quiet_ && options_.settle_ms > 0) thread_.wait(-1, options_.settle_ms);
}

void AuditReader::Rate::add(uint64_t records, uint64_t now_ns) {
  if (now_ns >= since_ns_ + kRateSpanNs) {
    before_ = now_ns < since_ns_ + 2 * kRateSpanNs ? records_ : 0;
    since_ns_ = now_ns;
    records_ = 0;
  }
  records_ += records;
}

bool AuditReader::Rate::is_busy() const { return std::max(records_, before_) >= kBusyRecords; }

/// What comes meanwhile stays in the socket's buffer, which holds far more.
void AuditReader::gather_records() {
  thread_.wait(-1, rate_.is_busy() ? options_.busy_gather_ms : options_.gather_ms);
}

/// Messages read; kAuditBatch where the socket may have more.
int AuditReader::read_batch(Batch& batch) {
  batch.reset();
  const int got = ::recvmmsg(socket_.get(), batch.messages, kAuditBatch, MSG_DONTWAIT, nullptr);
  if (got > 0) {
    push_batch(batch, got);
    return got;
  }
  if (got == 0 || errno == EAGAIN) return 0;
  if (errno == EINTR) return kAuditBatch;
  if (errno == ENOBUFS) {
    // Multicast only: the kernel dropped records for us and does not say how many (netlink(7)).
    counters_.enobufs.add();
    return kAuditBatch;
  }
  counters_.read_errors.add();
  return 0;
}

void AuditReader::push_batch(Batch& batch, int messages) {
  uint64_t records = 0, bytes = 0, missing = 0;
  bool has_changed = false, is_asked = false;
  const uint64_t now_ns = overlap_.is_expected() ? monotonic_ns() : 0;
  for (int i = 0; i < messages; i++) {
    const mmsghdr& message = batch.messages[i];
    const auto* data = static_cast<const char*>(batch.parts[i].iov_base);
    if (batch.senders[i].nl_pid != 0 || message.msg_len < sizeof(nlmsghdr)) {
      counters_.foreign.add();
      continue;
    }
    nlmsghdr header;
    std::memcpy(&header, data, sizeof header);
    is_asked = is_asked || header.nlmsg_type == AUDIT_REPLACE;
    if (!is_record(header.nlmsg_type)) continue;
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) counters_.truncated.add();
    // On unicast nlmsg_len leaves out the header (kauditd_send_unicast_skb()); the received
    // length is right for both.
    const std::string_view body(data + sizeof header, message.msg_len - sizeof header);
    if (now_ns != 0 && overlap_.is_repeated(header.nlmsg_type, body, now_ns)) {
      counters_.twice.add();
      continue;
    }
    push_record(header.nlmsg_type, body);
    if (const auto serial = record_serial(body)) missing += gaps_.add(*serial);
    has_changed = has_changed || header.nlmsg_type == AUDIT_CONFIG_CHANGE;
    records++;
    bytes += body.size();
  }
  rate_.add(records, monotonic_ns());
  counters_.seen.add(records);
  counters_.bytes.add(bytes);
  if (missing != 0) counters_.serial_gap.add(missing);
  if (has_changed || is_asked) tell(has_changed, is_asked);
}

void AuditReader::tell(bool has_changed, bool is_asked) {
  const std::lock_guard lock(mutex_);
  if (is_asked && on_replace_) on_replace_();
  if (has_changed && on_config_change_) on_config_change_();
}

void AuditReader::push_record(uint16_t type, std::string_view body) {
  if (queue_.push(FrameKind::audit_record, type, body)) {
    is_dropping_ = false;
    return;
  }
  if (!is_dropping_ && push_when_room(type, body)) return;
  is_dropping_ = true;
  counters_.queue_full.add();
}

bool AuditReader::push_when_room(uint16_t type, std::string_view body) {
  counters_.queue_waits.add();
  for (int waited_ms = 0; waited_ms < options_.full_queue_wait_ms; waited_ms++) {
    queue_.notify();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (queue_.push(FrameKind::audit_record, type, body)) return true;
  }
  return false;
}

}  // namespace auditql
