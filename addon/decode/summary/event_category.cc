#include "event_category.h"

namespace auditql {
namespace {

struct Range {
  uint16_t first, last;
  std::string_view category;
};

/// Earlier rows win.
constexpr Range kRanges[] = {
    {1100, 1101, "user-login"},
    {1103, 1106, "user-login"},
    {1108, 1108, "user-login"},
    {1109, 1110, "user-login"},
    {1112, 1113, "user-login"},
    {1126, 1126, "user-login"},
    {1102, 1102, "user-login"},
    {1114, 1117, "user-account"},
    {1132, 1133, "user-account"},
    {1135, 1136, "user-account"},
    {2000, 2000, "system-services"},
    {1127, 1131, "system-services"},
    {1111, 1111, "configuration"},
    {1305, 1305, "configuration"},
    {1325, 1325, "configuration"},
    {1328, 1329, "configuration"},
    {1326, 1326, "dac-decision"},
    {1119, 1121, "user-space"},
    {1123, 1123, "user-space"},
    {1125, 1125, "user-space"},
    {1124, 1124, "TTY"},
    {1319, 1319, "TTY"},
    {1200, 1299, "audit-daemon"},
    {1122, 1122, "mac-decision"},
    {1107, 1107, "mac-decision"},
    {1502, 1503, "mac-decision"},
    {1506, 1506, "mac-decision"},
    {1400, 1402, "mac-decision"},
    {1800, 1899, "integrity"},
    {2108, 2108, "integrity"},
    {1700, 1799, "anomaly"},
    {2100, 2107, "anomaly"},
    {2109, 2199, "anomaly"},
    {2200, 2299, "anomaly-response"},
    {1403, 1499, "mac"},
    {1500, 1501, "mac"},
    {1504, 1505, "mac"},
    {2300, 2399, "mac"},
    {1600, 1699, "crypto"},
    {2400, 2499, "crypto"},
    {2500, 2599, "virt"},
    {1300, 1304, "audit-rule"},
    {1306, 1315, "audit-rule"},
    {1317, 1318, "audit-rule"},
    {1321, 1324, "audit-rule"},
};

}  // namespace

std::string_view event_category(uint16_t type) {
  for (const Range& each : kRanges) {
    if (type >= each.first && type <= each.last) return each.category;
  }
  return "unknown";
}

}  // namespace auditql
