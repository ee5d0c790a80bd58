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
      partial_timeout(tally(region, "partial", "timeout")),
      partial_evicted(tally(region, "partial", "evicted")),
      partial_lost(tally(region, "partial", "lost")),
      ignored_eoe(tally(region, "ignored", "EOE")),
      dropped_malformed(tally(region, "dropped", "malformed")),
      dropped_too_big(tally(region, "dropped", "too_big")),
      dropped_late(tally(region, "dropped", "late")),
      region_(region) {}

void DecodeCounters::ignore(uint16_t type, uint64_t records) {
  auto found = ignored_.find(type);
  if (found == ignored_.end()) {
    const std::string_view known = record_type_name(type);
    // A type without a name is counted with the others: a flood of invented ones takes one slot.
    const std::string_view name = known.empty() ? std::string_view("UNKNOWN") : known;
    found = ignored_.emplace(type, tally(region_, "ignored", name)).first;
  }
  found->second.add(records);
}

}  // namespace auditql
