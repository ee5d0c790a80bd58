#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../system/result.h"

namespace auditql {

/// One rule of ip_tables, or the policy of a chain.
struct FilterRule {
  std::string chain;
  /// Of the chain; empty for chains of users.
  std::string policy;
  /// The row is of the chain itself: nothing below counts but its counters.
  bool is_chain = false;
  std::string target;
  uint16_t protocol = 0;
  uint8_t inverted = 0;
  uint32_t source = 0, source_mask = 0, destination = 0, destination_mask = 0;
  std::string in_interface, out_interface, in_mask, out_mask;
  bool has_matches = false;
  bool has_ports = false;
  uint16_t source_ports[2] = {0, 0}, destination_ports[2] = {0, 0};
  uint64_t packets = 0, bytes = 0;
};

/// Rules of one table (`filter`, `nat`, …), by getsockopt(2) IPT_SO_GET_ENTRIES. Needs
/// CAP_NET_ADMIN. Errors: packet_filter_failed.
Result<std::vector<FilterRule>> packet_filter_rules(const std::string& table);

/// Where the kernel says that chains begin and end (struct ipt_getinfo), by hook.
struct FilterHooks {
  uint32_t valid = 0;
  uint32_t begin[5] = {}, end[5] = {};
};

/// Rules in a blob of `struct ipt_entry`; what does not hold together ends it.
std::vector<FilterRule> parse_filter_rules(std::span<const uint8_t> entries,
                                           const FilterHooks& hooks);

}  // namespace auditql
