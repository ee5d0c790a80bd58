#include "../values/function_values.h"
#include "../values/ip_address.h"
#include "functions.h"

namespace auditql {

namespace {

/// inet_aton(text): the number of an IPv4 address; NULL for anything else.
void inet_aton_number(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0])) return;
  const auto address = parse_ip(c_text(values[0]));
  if (!address || address->size != 4) return;
  int64_t number = 0;
  for (size_t i = 0; i < 4; i++) number = number << 8 | address->bytes[i];
  sqlite3_result_int64(context, number);
}

/// osquery looks in the range of hosts: the first and the last address of an IPv4 block are not in
/// it.
bool is_host_of(const IpBlock& block, const IpAddress& address) {
  if (!block.contains(address)) return false;
  if (address.size == 16 || block.first == block.last) return true;
  return address != block.first && address != block.last;
}

void in_cidr_block(sqlite3_context* context, int, sqlite3_value** values) {
  if (!is_text(values[0])) return give_error(context, "CIDR must be a string");
  if (!is_text(values[1])) return give_error(context, "IP address must be a string");
  const auto address = parse_ip(c_text(values[1]));
  if (!address) return give_error(context, "IP address cannot be parsed");
  const auto block = parse_cidr(c_text(values[0]));
  if (!block || block->first.size != address->size) {
    return give_error(context, address->size == 4 ? "CIDR for IP address v4 cannot be parsed"
                                                  : "CIDR for IP address v6 cannot be parsed");
  }
  sqlite3_result_int(context, is_host_of(*block, *address) ? 1 : 0);
}

/// cidr_match(block, address): 1 or 0, with both ends of the block; NULL where one of them is
/// neither.
void cidr_match(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  const auto block = parse_cidr(c_text(values[0]));
  const auto address = parse_ip(c_text(values[1]));
  if (block && address) sqlite3_result_int(context, block->contains(*address) ? 1 : 0);
}

void cidr_first(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0])) return;
  const auto block = parse_cidr(c_text(values[0]));
  if (block) give_text(context, ip_text(block->first));
}

void cidr_last(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0])) return;
  const auto block = parse_cidr(c_text(values[0]));
  if (block) give_text(context, ip_text(block->last));
}

}  // namespace

int register_network_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"inet_aton", 1, inet_aton_number}, {"in_cidr_block", 2, in_cidr_block},
      {"cidr_match", 2, cidr_match},      {"cidr_first", 1, cidr_first},
      {"cidr_last", 1, cidr_last},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
