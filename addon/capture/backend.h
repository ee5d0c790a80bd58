#pragma once

#include <string>
#include <vector>

#include "../system/result.h"
#include "capture_report.h"
#include "capture_rules.h"
#include "exclusion.h"
#include "frame_queue.h"

namespace auditql {

/// Whether a backend can run here, and if not, why and what to do about it.
struct Availability {
  bool available = false;
  std::string reason;  ///< e.g. "the audit netlink is owned by pid 812 (auditd)"
  std::string remedy;  ///< e.g. "Missing: CAP_AUDIT_READ. Run as root, or grant it: ..."
};

/// A source of frames. Its verbs are called by one controlling thread in this order: probe() any
/// time, start() once, change_rules() while it runs, stop() once, destructor.
class Backend {
 public:
  virtual ~Backend() = default;
  /// Looks without changing anything on the host.
  virtual Availability probe() = 0;
  /// Begins to push frames into `queue` from a thread of its own.
  virtual Status start(FrameQueue& queue) = 0;
  /// Takes other rules than it was started with, without a moment in which nothing is captured. On
  /// an error those before stay. Backends that have no rules in the kernel leave it as it is.
  virtual Status change_rules(const ConfiguredRules&) { return Done{}; }
  /// The exclusions that it can decide before an event is made are these from now on.
  virtual void change_exclusions(const std::vector<Exclusion>&) {}
  /// What it sees of the host while it runs, and what it does not see. Any thread.
  virtual CaptureReport report() const = 0;
  /// Whether each call that auditql asks for gives a record, so that a missing one proves
  /// something. Any thread.
  virtual bool is_complete() const { return false; }
  /// Ends the thread and puts the host back as it was found. Idempotent.
  virtual void stop() = 0;
};

}  // namespace auditql
