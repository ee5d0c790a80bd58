#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "../decode/audit_decoder.h"
#include "../health/health_region.h"

namespace auditql {

/// What a LogPrinter prints one line for.
enum class LogItem { records, events };

/// Reads an audit log and prints JSON lines, one for each record or event. Holds no more than the
/// events that are not whole yet, within the reassembler's limits. Not thread-safe.
class LogPrinter {
 public:
  explicit LogPrinter(LogItem item);
  ~LogPrinter();
  LogPrinter(const LogPrinter&) = delete;
  LogPrinter& operator=(const LogPrinter&) = delete;

  /// Takes bytes cut anywhere; the lines that they complete. Valid until the next call.
  std::string_view feed(std::string_view chunk);
  /// The lines of what was still incomplete. Valid until the next call.
  std::string_view finish();

  const DecodeCounters& counters() const { return decoder_->counters(); }

 private:
  class Lines;

  std::unique_ptr<HealthRegion> health_;
  std::unique_ptr<Lines> lines_;
  std::unique_ptr<AuditDecoder> decoder_;
};

}  // namespace auditql
