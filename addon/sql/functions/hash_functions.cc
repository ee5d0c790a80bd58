#include "../../bytes/base64.h"
#include "../../bytes/digest.h"
#include "../../bytes/hex.h"
#include "../../bytes/xxh64.h"
#include "../values/function_values.h"
#include "../values/ip_address.h"
#include "functions.h"

namespace auditql {

namespace {

template <std::string (*Digest)(std::string_view)>
void hash_text(sqlite3_context* context, int, sqlite3_value** values) {
  if (!is_null(values[0])) give_text(context, hex_text(Digest(c_text(values[0]))));
}

/// hash_xxh64(bytes[, seed]): 16 hex digits, as xxhsum prints them.
void hash_xxh64(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[0]));
  const auto size = static_cast<size_t>(sqlite3_value_bytes(values[0]));
  const uint64_t seed = count > 1 ? static_cast<uint64_t>(sqlite3_value_int64(values[1])) : 0;
  char text[17];
  sqlite3_snprintf(sizeof text, text, "%016llx",
                   xxh64(size == 0 ? std::string_view() : std::string_view(bytes, size), seed));
  give_text(context, text);
}

struct Flow {
  IpAddress source, destination;
  int64_t source_port = 0, destination_port = 0, protocol = 0, seed = 0;
};

struct FlowNumber {
  int64_t& value;
  int64_t low, high;
  const char* not_integer;
  const char* out_of_range;
};

/// The message of the first argument that cannot be used; null when all can.
const char* take_number(sqlite3_value* value, const FlowNumber& number) {
  if (sqlite3_value_type(value) != SQLITE_INTEGER) return number.not_integer;
  number.value = sqlite3_value_int64(value);
  return number.value < number.low || number.value > number.high ? number.out_of_range : nullptr;
}

const char* take_addresses(Flow& flow, sqlite3_value** values) {
  if (!is_text(values[0]) || !is_text(values[1])) return "Community ID IPs must be strings";
  const auto source = parse_ip(c_text(values[0]));
  if (!source) return "Community ID saddr cannot be parsed as IP";
  const auto destination = parse_ip(c_text(values[1]));
  if (!destination) return "Community ID daddr cannot be parsed as IP";
  flow.source = *source;
  flow.destination = *destination;
  return nullptr;
}

const char* take_flow(Flow& flow, int count, sqlite3_value** values) {
  const char* problem = nullptr;
  if (count == 6) {
    problem = take_number(values[5],
                          {flow.seed, INT16_MIN, INT16_MAX, "Community ID seed must be an integer",
                           "Community ID seed must fit in 2 bytes"});
  }
  if (problem == nullptr) problem = take_addresses(flow, values);
  const FlowNumber ports[] = {
      {flow.source_port, 0, UINT16_MAX, "Community ID ports must be integers",
       "Community ID ports must fit in 2 bytes"},
      {flow.destination_port, 0, UINT16_MAX, "Community ID ports must be integers",
       "Community ID ports must fit in 2 bytes"}};
  if (problem == nullptr) problem = take_number(values[2], ports[0]);
  if (problem == nullptr) problem = take_number(values[3], ports[1]);
  if (problem != nullptr) return problem;
  return take_number(values[4],
                     {flow.protocol, 0, UINT8_MAX, "Community ID protocol must be an integer",
                      "Community ID protocol must fit in 1 byte"});
}

void append_u16(std::string& out, int64_t value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

/// https://github.com/corelight/community-id-spec, as osquery computes it: ICMP is not mapped.
std::string community_id(Flow flow) {
  const auto order = flow.source <=> flow.destination;
  const bool ordered = order < 0 || (order == 0 && flow.source_port < flow.destination_port);
  if (!ordered) {
    std::swap(flow.source, flow.destination);
    std::swap(flow.source_port, flow.destination_port);
  }
  std::string bytes;
  append_u16(bytes, flow.seed);
  bytes += flow.source.view();
  bytes += flow.destination.view();
  bytes += static_cast<char>(flow.protocol);
  bytes += '\0';
  append_u16(bytes, flow.source_port);
  append_u16(bytes, flow.destination_port);
  std::string id = "1:";
  append_base64(id, sha1_digest(bytes));
  return id;
}

/// NULL for arguments that cannot be used.
void community_id_v1(sqlite3_context* context, int count, sqlite3_value** values) {
  Flow flow;
  if (take_flow(flow, count, values) == nullptr) give_text(context, community_id(flow));
}

void community_id_v1_strict(sqlite3_context* context, int count, sqlite3_value** values) {
  Flow flow;
  const char* problem = take_flow(flow, count, values);
  if (problem != nullptr) return give_error(context, problem);
  give_text(context, community_id(flow));
}

}  // namespace

int register_hash_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"md5", 1, hash_text<md5_digest>},
      {"sha1", 1, hash_text<sha1_digest>},
      {"sha256", 1, hash_text<sha256_digest>},
      {"hash_xxh64", 1, hash_xxh64},
      {"hash_xxh64", 2, hash_xxh64},
      {"community_id_v1", 5, community_id_v1},
      {"community_id_v1", 6, community_id_v1},
      {"community_id_v1_strict", 5, community_id_v1_strict},
      {"community_id_v1_strict", 6, community_id_v1_strict},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
