#include "foreign_ids.h"

#include <charconv>
#include <cstdio>

namespace auditql {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

/// RFC 4648 section 4, with padding.
std::string base64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; j++) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; j++) {
      out += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

std::string little_endian(uint64_t number, int size) {
  std::string bytes;
  for (int i = 0; i < size; i++) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

}  // namespace

std::string elastic_entity_id(const HostIds& host, int32_t pid, uint64_t start_time_ns) {
  return base64(std::to_string(host.pid_namespace_inode) + "__" + host.boot_id + "__" +
                std::to_string(pid) + "__" + std::to_string(start_time_ns / kSecond));
}

std::string quark_entity_id(int32_t pid, uint64_t start_time_ns) {
  return base64(little_endian(static_cast<uint32_t>(pid), 4) + little_endian(start_time_ns, 8));
}

std::string sysmon_process_guid(const HostIds& host, uint64_t start_time_ns, uint64_t end_code) {
  if (host.machine_id.size() < 8 || end_code == 0) return {};
  uint32_t machine = 0;
  const char* first = host.machine_id.data();
  if (std::from_chars(first, first + 8, machine, 16).ptr != first + 8) return {};
  const auto seconds = static_cast<uint32_t>(start_time_ns / kSecond);
  const std::string key = little_endian(end_code, 8);
  char text[40];
  int length = std::snprintf(text, sizeof text, "{%08x-%04x-%04x-", machine, seconds & 0xffff,
                             seconds >> 16);
  std::string guid(text, static_cast<size_t>(length));
  for (size_t i = 0; i < key.size(); i++) {
    length =
        std::snprintf(text, sizeof text, i == 1 ? "%02x-" : "%02x", static_cast<uint8_t>(key[i]));
    guid.append(text, static_cast<size_t>(length));
  }
  return guid + "}";
}

}  // namespace auditql
