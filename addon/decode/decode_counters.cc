#include "decode_counters.h"

#include <string>

#include "audit_names.h"

namespace auditql {
namespace {

Tally tally(HealthRegion& region, std::string_view metric, std::string_view reason = {}) {
  return Tally(region.counter({"decode", "audit", metric, reason}));
}

}  // namespace

DecodeCounters::DecodeCounters(HealthRegion& region)
    : seen(tally(region, "seen")),
      used(tally(region, "used")),
      events(tally(region, "events")),
      events_ignored(tally(region, "events_ignored")),
      partial_timeout(tally(region, "partial", "timeout")),
      partial_evicted(tally(region, "partial", "evicted")),
      partial_lost(tally(region, "partial", "lost")),
      ignored_eoe(tally(region, "ignored", "EOE")),
      dropped_malformed(tally(region, "dropped", "malformed")),
      dropped_too_big(tally(region, "dropped", "too_big")),
      dropped_late(tally(region, "dropped", "late")),
      region_(region) {}

void DecodeCounters::ignore(uint16_t type, uint64_t records) {
  const std::string_view name = record_type_name(type);
  // Types without a name share one counter: a flood of invented ones takes one slot.
  const uint16_t counted = name.empty() ? uint16_t{0} : type;
  auto found = ignored_.find(counted);
  if (found == ignored_.end()) {
    const std::string_view reason = name.empty() ? std::string_view("UNKNOWN") : name;
    found = ignored_.emplace(counted, tally(region_, "ignored", reason)).first;
  }
  found->second.add(records);
}

}  // namespace auditql
